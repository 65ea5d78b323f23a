"""Countries as parties: which names stand for a state."""

import pytest

from pipeline.components.states import state_code

STATES = [
    ("Portugal", "PT"),
    ("the Netherlands", "NL"),
    ("Government of Peru", "PE"),
    ("Kenyan government", "KE"),
    ("Socialist Republic of Vietnam", "VN"),
    ("Portuguese", None),
    ("Lisbon", None),
]


@pytest.mark.parametrize("name, code", STATES)
def test_a_state_is_named_by_its_noun_its_title_or_its_government(name, code):
    assert state_code(name) == code
