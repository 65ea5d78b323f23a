"""Roles and who holds them: one role of several people."""

import pytest
import spacy

from pipeline.components.layout import Layout
from pipeline.components.roles import is_plural, listed_with, with_destination
from pipeline.components.sentences import Sentences
from pipeline.schema import Mention, Person

PLURALS = [
    ("Ana Rilo and Bo Lindt, deans of Law", "deans of Law", True),
    ("former presidents Mr. Rilo", "former president", True),  # the span ends before the s
    ("the trainers Ana Rilo", "trainers", True),
    ("Head of Public Affairs Ana Rilo", "Head of Public Affairs", False),
    ("Ana Rilo, chargé d'affaires", "chargé d'affaires", False),
    ("the dean Ana Rilo", "dean", False),
]


@pytest.mark.parametrize("text, role, plural", PLURALS)
def test_a_role_in_the_plural_is_told_of_several(text, role, plural):
    start = text.index(role)
    assert is_plural(text, start, start + len(role)) is plural


LISTS = [
    ("Ana Rilo, Bo Lindt and Mo Ray, deans", "deans", 2, ["Bo Lindt", "Ana Rilo"]),
    ("presidents Mr. Ana Rilo, Dr. Bo Lindt & Mo Ray", "presidents", 0, ["Bo Lindt", "Mo Ray"]),
    ("deans Ana Rilo of Tobrin, Bo Lindt", "deans", 0, []),
    ("Ana Rilo met Bo Lindt and Mo Ray, deans", "deans", 2, ["Bo Lindt"]),
]


@pytest.mark.parametrize("text, role, holder, others", LISTS)
def test_who_is_listed_with_the_holder_holds_the_role_too(text, role, holder, others):
    doc = Sentences()(spacy.blank("en")(text))
    doc._.organizations, doc.spans["ROLE"] = [], []
    names = ["Ana Rilo", "Bo Lindt", "Mo Ray"]
    people = [
        (Mention(name, text.index(name), text.index(name) + len(name)), Person(f"p{n}", name, [], [], 1.0))
        for n, name in enumerate(names)
        if name in text
    ]
    layout = Layout(doc, people)
    assert [person.name for _, person in listed_with(people[holder][0], text.index(role), layout)] == others


@pytest.mark.parametrize(
    "role, after, expected",
    [
        ("Ambassador", " of Singapore to Uzbekistan, said", "Ambassador to Uzbekistan"),
        ("Ambassador", " to Kenya H.E. Mrs. Ana Pop", "Ambassador to Kenya"),
        ("Ambassador", " to the visitors", "Ambassador"),
        ("Director", " to Kenya", "Director"),
    ],
)
def test_an_envoy_is_sent_to_a_country(role, after, expected):
    assert with_destination(role, after) == expected
