"""The label sets of the model's heads, in the order of their outputs."""

from __future__ import annotations

LAYERS = ("ORG", "PER", "LOC", "DATE", "ROLE", "AREA", "STATE", "EVENT", "INST")
TAGS = ("O", "B", "I", "E", "S")

ORG_TYPES = (
    "university", "school", "company", "government", "research", "hospital", "ngo", "igo", "media", "unit", "other",
)  # fmt: skip
CATEGORIES = (
    "student_exchange", "staff_exchange", "joint_degree", "credit_recognition", "joint_teaching", "talent_training", "language_culture",
    "scholarships", "joint_research", "joint_facility", "technology_transfer", "information_sharing", "joint_events", "trade_investment",
    "product_development", "supply_distribution", "finance", "infrastructure", "policy_dialogue", "security_defence", "law_justice",
    "development_aid", "sports_media", "labour_mobility", "digital_technology", "energy", "environment", "agriculture_food", "health",
    "space", "transport", "industry", "tourism", "education", "science_technology", "other",
)  # fmt: skip
STATUSES = ("completed", "ongoing", "agreed", "proposed", "ended")
EVENT_TYPES = ("meeting", "visit", "signing", "launch", "conference", "statement", "award", "other")

SPAN_TASKS: dict[str, tuple[str, ...]] = {
    "org_type": ORG_TYPES,
    "party": ("no", "yes"),
    "category": CATEGORIES,
    "status": STATUSES,
    "ellipsis": ("full", "prefix", "suffix"),
    "spoken": ("no", "yes"),
    "event_type": EVENT_TYPES,
}
PAIR_STATUSES = ("none", *STATUSES)  # of two mentions of organisations: what the article says of their cooperation
LINK_TASKS: dict[str, str] = {"role_person": "PER", "role_org": "ORG", "unit_parent": "ORG"}  # task -> layer of the candidates
LINK_SOURCES: dict[str, str] = {"role_person": "ROLE", "role_org": "ROLE", "unit_parent": "ORG"}  # task -> layer of what points
MAX_PAIRED = 24  # mentions of one window, the first ones
DISTANCES = (-60, -30, -15, -8, -4, -2, -1, 0, 1, 2, 4, 8, 15, 30, 60)  # words, bounds of the buckets of a link
