"""Forms of names: acronyms, short forms, word order."""

import pytest

from pipeline.naming import is_acronym, is_generic, is_short_form, key_of, same_words, spells, without_legal_form

SPELLED = [
    ("LUT", "Liaoning University of Technology"),
    ("SDUST", "Shandong University of Science and Technology"),
    ("MoI", "Ministry of the Interior"),
    ("CIUT", "Confucius Institute at the University of Toledo"),
    ("KAIST", "Korea Advanced Institute of Science and Technology"),
]
NOT_SPELLED = [
    ("YSU", "Woosong University"),
    ("FBI", "Health Canada"),
    ("UT", "Toledo"),
    ("A", "Academy of Arts"),
    ("MIT", "Ministry of Labour"),
]


@pytest.mark.parametrize("acronym, name", SPELLED)
def test_an_acronym_spells_the_initials_of_its_name(acronym, name):
    assert spells(acronym, name)


@pytest.mark.parametrize("acronym, name", NOT_SPELLED)
def test_other_capitals_spell_no_name(acronym, name):
    assert not spells(acronym, name)


SHORT = [
    ("Canntab", "Canntab Therapeutics Limited"),
    ("Ministry of Law", "Singapore Ministry of Law"),
    ("Ministry of Justice", "Ministry of Justice of Uzbekistan"),
    ("Lviv Polytechnic", "Lviv Polytechnic National University"),
    ("Lindqvist Foundation", "Lindqvist Foundation for Sea and Society"),
]
NOT_SHORT = [
    ("University of California", "University of California, Riverside"),
    ("Shanghai", "Shanghai University"),
    ("University", "Woosong University"),
    ("Ministry of Law", "Ministry of Law"),
    ("Law School", "Law School of Hue University"),
]


@pytest.mark.parametrize("short, full", SHORT)
def test_a_short_form_leaves_out_what_any_name_may_have(short, full):
    assert is_short_form(short, full)


@pytest.mark.parametrize("short, full", NOT_SHORT)
def test_a_name_inside_another_name_is_not_always_its_short_form(short, full):
    assert not is_short_form(short, full)


def test_keys_ignore_case_accents_articles_and_punctuation():
    assert key_of("The Universität für Bodenkultur’s") == key_of("UNIVERSITAT FUR BODENKULTUR")
    assert key_of("Johnson & Johnson") == key_of("Johnson and Johnson")


def test_legal_forms_are_no_part_of_what_a_company_is_called():
    assert without_legal_form("Optiemus Infracom Ltd.") == without_legal_form("Optiemus Infracom Limited") == "optiemus infracom"
    assert without_legal_form("Limited") == "limited"


def test_word_order_makes_no_other_university():
    assert same_words("University of Toledo", "Toledo University")
    assert not same_words("University of Toledo", "University of Ohio")


def test_generic_words_name_nobody():
    assert is_generic("the University") and is_generic("Group Company")
    assert not is_generic("Woosong University")


def test_acronyms_are_short_and_mostly_capitals():
    assert is_acronym("LUT") and is_acronym("UniSA")
    assert not is_acronym("Toledo") and not is_acronym("LUT Office")


def test_a_name_without_end_has_no_initials():
    assert not spells("AB", "Alpha " * 3000 + "Beta")
