"""Where roles are held: what stands beside what."""

import pytest
import spacy

from pipeline.components.layout import Layout
from pipeline.components.seats import find_seats, is_state_office, role_head, state_named
from pipeline.components.sentences import Sentences
from pipeline.schema import Mention, Organization, Person

HEADS = [
    ("Vice Dean of Studies", "dean"),
    ("President", "president"),
    ("Deputy Minister for Trade", "minister"),
    ("Director, Communications", "director"),
    ("co-founder", "co-founder"),
]


@pytest.mark.parametrize("role, head", HEADS)
def test_the_head_of_a_role_is_its_noun_of_office(role, head):
    assert role_head(role) == head


@pytest.mark.parametrize(
    "role, office", [("Deputy Minister of Health", True), ("Ambassador", True), ("Rector", False), ("Prime Minister", True)]
)
def test_offices_of_state_are_known(role, office):
    assert is_state_office(role) is office


def test_the_country_beside_an_office_is_read():
    text = "Uzbekistan’s Minister of Justice met the Minister of Trade of Peru and the Minister of Sport."
    places = [
        (text.index(role), text.index(role) + len(role)) for role in ("Minister of Justice", "Minister of Trade", "Minister of Sport")
    ]
    assert [state_named(text, *place) for place in places] == ["UZ", "PE", None]


def seats(text, role, names, organizations, countries=(None, None)):
    """Features of the seats of a role, by the name of the organisation."""
    doc = Sentences()(spacy.blank("en")(text))
    doc._.organizations = [
        Organization(f"o{n}", name, [Mention(name, text.index(name), text.index(name) + len(name))], kind, country, None, 1.0, "gold")
        for n, ((name, kind), country) in enumerate(zip(organizations, countries, strict=False), 1)
    ]
    roles = [(text.index(r), text.index(r) + len(r)) for r in role]
    doc.spans["ROLE"] = [doc.char_span(*at) for at in roles]
    people = [
        (Mention(name, text.index(name), text.index(name) + len(name)), Person(f"p{n}", name, [], [], 1.0)) for n, name in enumerate(names)
    ]
    layout = Layout(doc, people)
    first = people[0][0]
    found = find_seats(layout, role[0], *roles[0], first, first.text, {}, 0.0)
    return {seat.org.name if seat.org else None: seat.features for seat in found}


def test_the_organisation_behind_a_role_is_told_from_the_one_before():
    text = "Vistula Polytechnic received Ana Rilo, Dean of the Faculty of Ships, on Monday."
    found = seats(text, ["Dean"], ["Ana Rilo"], [("Vistula Polytechnic", "university"), ("Faculty of Ships", "unit")])
    assert found["Faculty of Ships"]["behind"] == 1.0
    assert found["Vistula Polytechnic"]["behind"] == 0.0
    assert found["Vistula Polytechnic"]["last before"] == 1.0


def test_joined_roles_share_the_organisation_behind_the_last():
    text = "Bo Lindt, co-founder and CTO of Quernstone, spoke."
    found = seats(text, ["co-founder", "CTO"], ["Bo Lindt"], [("Quernstone", "company")])
    assert found["Quernstone"]["chained"] == 1.0


def test_no_organisation_is_always_an_option():
    assert list(seats("The editor Mo Ray wrote it.", ["editor"], ["Mo Ray"], [])) == [None]


def test_a_name_speaks_for_the_country_where_it_is_common():
    text = "Rectors Nguyen Van Tho of Quang Hai University and Joao Pereira of Universidade do Vale met the president."
    organizations = [("Quang Hai University", "university"), ("Universidade do Vale", "university")]
    found = seats(text, ["president"], ["Nguyen Van Tho"], organizations, countries=("VN", "BR"))
    assert found["Quang Hai University"]["name fits best"] == 1.0
    assert found["Universidade do Vale"]["name fits another"] > 0.0
