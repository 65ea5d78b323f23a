"""Names of people: what is cut off them, and which are one person."""

import pytest

from pipeline.components.people import group_people, trim_name
from pipeline.schema import Mention

TRIMMED = [
    ("Hajah Salmah Idris", "Salmah Idris"),
    ("Hj. Salim Idris", "Salim Idris"),
    ("Assoc.Prof.Dr. Lan Thi Moc", "Lan Thi Moc"),
    ("Tan Sri Omar Bakri", "Omar Bakri"),
    ("His Excellency Juro Valen", "Juro Valen"),
    ("Ana Moreau, Ph.D.", "Ana Moreau"),
    ("Budi Hartanto, S.E., M.Si.", "Budi Hartanto"),
    ("Budi Hartanto M.Pd.", "Budi Hartanto"),
    ("Ellis Grant CBE", "Ellis Grant"),
    ("Ellis Grant Esq", "Ellis Grant"),
]
KEPT = [
    "Secretary General Akita",  # titles stay before one word
    "Prof. Dato’ Karim",
    "Tan Mei Ling",
    "Suresh K.R",
    "Moreau, J.",
    "Ana Moreau, Jr.",
    "ELLIS GRANT SC",  # in capitals any word is
]


@pytest.mark.parametrize("given, expected", TRIMMED)
def test_titles_before_and_degrees_behind_a_full_name_are_cut(given, expected):
    assert given[slice(*trim_name(given, 0, len(given)))] == expected


@pytest.mark.parametrize("given", KEPT)
def test_what_may_be_part_of_the_name_stays(given):
    assert given[slice(*trim_name(given, 0, len(given)))].rstrip(".") == given.rstrip(".")


@pytest.mark.parametrize(
    "text, found, expected",
    [
        ("Chairman A K M Faruk Rahim signed", "Faruk Rahim", "A K M Faruk Rahim"),
        ("and Md. Faruk Rahim", "Faruk Rahim", "Md. Faruk Rahim"),
        ("by K. L. Menon, dean", "Menon", "K. L. Menon"),
        ("hepatitis B Faruk Rahim", "Faruk Rahim", "Faruk Rahim"),  # one letter may be anything
        ("by Omar Faruk عمر فاروق", "Omar Faruk عمر فاروق", "Omar Faruk"),
        ("by Li Wen (李文)", "Li Wen (李文", "Li Wen"),
        ("by 李文", "李文", "李文"),
    ],
)
def test_initials_before_a_name_are_of_it_and_its_writing_in_another_script_is_not(text, found, expected):
    start = text.index(found)
    assert text[slice(*trim_name(text, start, start + len(found)))] == expected


def names_of(*names):
    mentions = [(n, Mention(name, 100 * n, 100 * n + len(name)), 0.9) for n, name in enumerate(names)]
    return [[m.text for m in person.mentions] for person in group_people(mentions)[0]]


ONE = [
    ("Piotr Zawada", "P. Zawada", "Zawada"),
    ("Zh.K. Abenova", "Zhanar Kuatkyzy Abenova"),
    ("J.F. Marlow", "John Marlow"),
    ("Han Sung-ryul", "Han Sungryul"),
    ("ABE Kenta", "Kenta Abe"),
    ("Marit Kessel", "Deputy Secretary Kessel"),
    ("Lan Moc", "Asst.Prof.Dr. Lan"),
]
APART = [
    ("Piotr Zawada", "R. Zawada"),
    ("Piotr Zawada", "P. Zielinski"),
    ("Anna Zawada", "K. V. Zawada"),
    ("Han Sung-ryul", "Han Sung-min"),
    ("Piotr Zawada", "P."),
]


@pytest.mark.parametrize("names", ONE)
def test_initials_order_and_hyphens_make_no_other_person(names):
    assert len(names_of(*names)) == 1


@pytest.mark.parametrize("names", APART)
def test_other_names_are_other_people(names):
    assert len(names_of(*names)) == 2


def test_a_person_is_called_by_the_fullest_name_without_titles():
    names = ["D. S. Omar", "Prof. Dana Sey Omar", "DANA SEY OMAR"]
    mentions = [(n, Mention(name, 100 * n, 100 * n + len(name)), 0.9) for n, name in enumerate(names)]
    assert [person.name for person in group_people(mentions)[0]] == ["Dana Sey Omar"]
