"""Mentions of one organisation, of one person, put together."""

import numpy as np
import pytest

from pipeline.components.organizations import Surface, group_surfaces, set_parents, trim
from pipeline.components.people import group_people, trim_name
from pipeline.components.roles import nearest, split_role
from pipeline.labels import ORG_TYPES
from pipeline.schema import Mention, Organization


def surfaces_of(text, *names):
    found, at = [], 0
    for name in names:
        at = text.index(name, at)
        found.append(Surface(name, at, at + len(name), 0.9, np.full(len(ORG_TYPES), 1 / len(ORG_TYPES)), 0.5))
        at += len(name)
    return found


ONE = [
    ("Sultan Qaboos University (SQU) met. SQU signed.", ["Sultan Qaboos University", "SQU", "SQU"]),
    ('Canntab Therapeutics Limited ("Canntab") said. Canntab will', ["Canntab Therapeutics Limited", "Canntab", "Canntab"]),
    ("MINISTRY OF LAW and the Ministry of Law", ["MINISTRY OF LAW", "Ministry of Law"]),
    ("The University of Toledo, or Toledo University", ["University of Toledo", "Toledo University"]),
    ("LUT hosted them. Liaoning University of Technology was founded", ["LUT", "Liaoning University of Technology"]),
]
TWO = [
    (
        "University of California and University of California, Riverside",
        ["University of California", "University of California, Riverside"],
    ),
    ("School of Law and School of Economics", ["School of Law", "School of Economics"]),
    ("Ministry of Health of Peru and Ministry of Health of Chile", ["Ministry of Health of Peru", "Ministry of Health of Chile"]),
    ("OpenWatt Foundation and OpenWatt Foundation Board of Directors", ["OpenWatt Foundation", "OpenWatt Foundation Board of Directors"]),
    ("the UN and the University of Nairobi", ["UN", "University of Nairobi"]),
]


@pytest.mark.parametrize("text, names", ONE)
def test_forms_of_one_organisation_are_one_group(text, names):
    assert len(group_surfaces(surfaces_of(text, *names), text)) == 1


@pytest.mark.parametrize("text, names", TWO)
def test_like_names_of_two_organisations_stay_apart(text, names):
    assert len(group_surfaces(surfaces_of(text, *names), text)) == 2


def test_an_organisation_has_no_article_and_no_possessive():
    text = "(the Ministry of Law’s)"
    assert text[slice(*trim(text, 1, 22))] == "Ministry of Law"


def test_a_name_that_begins_in_brackets_ends_with_them():
    text = "Sado University (SU) Hospital, and Sado (Kiba) University"
    assert text[slice(*trim(text, 17, 29))] == "SU"
    assert text[slice(*trim(text, 35, 57))] == "Sado (Kiba) University"


def organization(identifier, name, text, kind):
    start = text.index(name)
    return Organization(identifier, name, [Mention(name, start, start + len(name))], kind, None, None, 0.9, "test")


@pytest.mark.parametrize(
    "text",
    [
        "Dean of the School of Law, Hue University, spoke to Hanoi University.",
        "Hanoi University met. The School of Law of Hue University signed.",
        "Hanoi University met Hue University’s School of Law.",
    ],
)
def test_a_unit_belongs_to_the_university_that_stands_beside_it(text):
    unit = organization("o1", "School of Law", text, "unit")
    hue, hanoi = organization("o2", "Hue University", text, "university"), organization("o3", "Hanoi University", text, "university")
    set_parents([unit, hue, hanoi], text)
    assert unit.parent == "o2"


def people_of(text, *names):
    found, at = [], 0
    for n, name in enumerate(names):
        at = text.index(name, at)
        found.append((n, Mention(name, at, at + len(name)), 0.9))
        at += len(name)
    return group_people(found)[0]


def test_a_partial_name_is_the_person_with_the_full_name():
    people = people_of("Wang Qi said. Mr. Wang left. Sara Clark came, then Ms. Clark.", "Wang Qi", "Mr. Wang", "Sara Clark", "Ms. Clark")
    assert [p.name for p in people] == ["Wang Qi", "Sara Clark"]
    assert [len(p.mentions) for p in people] == [2, 2]


def test_two_people_of_one_surname_are_told_apart_by_who_came_last():
    people = people_of("Wang Qi came. Wang Lei spoke. Wang left.", "Wang Qi", "Wang Lei", "Wang")
    assert [[m.text for m in p.mentions] for p in people] == [["Wang Qi"], ["Wang Lei", "Wang"]]


def test_surname_and_given_name_may_change_places():
    assert len(people_of("Deng Yulan and Yulan Deng", "Deng Yulan", "Yulan Deng")) == 1


@pytest.mark.parametrize(
    "given, expected",
    [
        ("Prof. Dr. Mohamad Abdalla", "Mohamad Abdalla"),
        ("Dr. Wang", "Dr. Wang"),
        ("Edwin Tong’s", "Edwin Tong"),
        ("Menardo I. Guevarra,", "Menardo I. Guevarra"),
    ],
)
def test_titles_are_no_part_of_a_full_name(given, expected):
    assert given[slice(*trim_name(given, 0, len(given)))] == expected


def test_two_offices_joined_by_and_are_two_roles():
    assert [r[0] for r in split_role("Chairman and CEO", 10)] == ["Chairman", "CEO"]
    assert [r[0] for r in split_role("Dean for Training and Community Services", 0)] == ["Dean for Training and Community Services"]


def test_long_runs_of_spaces_and_full_stops_are_left_out():
    assert split_role("Dean" + " " * 20_000 + "of Law , and" + "\n" * 20_000 + "Vice", 0)[0][0].startswith("Dean")
    assert trim_name("A" + "." * 20_000, 0, 20_001) == (0, 2)


@pytest.mark.parametrize(
    "start, end, found", [(0, 2, 10), (15, 18, 10), (15, 29, 30), (19, 22, 10), (90, 95, 60), (29, 70, 60), (5, 70, 30)]
)
def test_the_nearest_mention_is_the_one_with_the_fewest_characters_between(start, end, found):
    mentions = [Mention("x", 10, 12), Mention("x", 30, 32), Mention("x", 60, 61)]
    near = nearest(mentions, start, end)
    assert near == min(mentions, key=lambda m: max(m.start - end, start - m.end))
    assert near.start == found
