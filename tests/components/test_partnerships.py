"""Pairs: which of them a place in the text is about, and which stand back."""

from __future__ import annotations

import spacy

from pipeline.components.pairs import Weighed
from pipeline.components.partnerships import REACH, Places, without_variants
from pipeline.components.sentences import Sentences
from pipeline.schema import Mention, Organization

NAMES = ("Harbour Academy", "Mill College", "Reed Gazette")


def name_organizations(text: str) -> list[Organization]:
    """The organisations of NAMES with all their mentions in a text."""
    named = {name: [Mention(name, at, at + len(name)) for at in find_all(text, name)] for name in NAMES}
    return [
        Organization(f"o{n}", name, mentions, "university", None, None, 0.9, "test")
        for n, (name, mentions) in enumerate(named.items(), 1)
        if mentions
    ]


def find_all(text: str, words: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(words, at)]


def pair(a: Organization, b: Organization, score: float = 0.9) -> Weighed:
    return Weighed(a, b, {}, score, [])


def pairs_at(text: str, words: str) -> list[tuple[str, str]]:
    """The pairs, of all that there may be, that the place of some words is about."""
    doc = Sentences()(spacy.blank("en")(text))
    organizations = name_organizations(text)
    pairs = [pair(a, b) for n, a in enumerate(organizations) for b in organizations[n + 1 :]]
    return [(p.a.name, p.b.name) for p in Places(doc, pairs).pairs_at(text.index(words))]


def test_a_place_is_about_the_pairs_of_its_sentence_else_of_its_paragraph_else_of_the_article() -> None:
    text = (
        "Harbour Academy and Mill College train weavers. Both dye wool.\n\n"
        "Harbour Academy spoke. The Reed Gazette prints books.\n\nAll bind them."
    )
    near, other = (NAMES[0], NAMES[1]), (NAMES[0], NAMES[2])
    assert pairs_at(text, "train") == [near]
    assert pairs_at(text, "dye") == [near]
    assert pairs_at(text, "prints") == [other]
    assert pairs_at(text, "bind") == [near, other, (NAMES[1], NAMES[2])]


def test_a_place_is_about_no_pair_that_is_named_far_from_it_only() -> None:
    filler = "The looms ran on.\n\n"
    for length, found in ((REACH // 2, 1), (2 * REACH, 0)):
        text = "Harbour Academy met Mill College.\n\n" + filler * (length // len(filler)) + "All dye wool."
        assert len(pairs_at(text, "dye")) == found


def test_a_body_is_no_partner_of_its_branch() -> None:
    host, guest, branch = name_organizations(" ".join(NAMES))
    branch.name = f"{host.name} Singapore"
    assert without_variants([pair(host, branch), pair(host, guest)]) == [pair(host, guest)]
