"""Forms of names: acronyms, short forms, word order."""

import pytest

from pipeline.naming import is_acronym, is_generic, is_partly_spelled, is_short_form, key_of, same_words, spells, without_legal_form

SPELLED = [
    ("LUT", "Liaoning University of Technology"),
    ("SDUST", "Shandong University of Science and Technology"),
    ("MoI", "Ministry of the Interior"),
    ("CIUT", "Confucius Institute at the University of Toledo"),
    ("KAIST", "Korea Advanced Institute of Science and Technology"),
    ("FDA", "U.S. Food and Drug Administration"),
    ("KSU", "Karsk State University named after B. Omar"),
]
NOT_SPELLED = [
    ("YSU", "Woosong University"),
    ("FBI", "Health Canada"),
    ("UT", "Toledo"),
    ("A", "Academy of Arts"),
    ("MIT", "Ministry of Labour"),
    ("KBO", "Karsk State University named after B. Omar"),
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
    ("Central Bank", "Central Bank of Georgia"),
    ("Vantola", "City of Vantola"),
    ("Vantola", "Vantola Municipality"),
    ("Ministry of Water", "Ministry of Water in Suva"),
    ("Health Ministry", "Ministry of Health and Care"),
    ("Mandiri", "Bank Mandiri"),
    ("Grid2", "Nettvik Grid2"),
]
NOT_SHORT = [
    ("University of California", "University of California, Riverside"),
    ("Shanghai", "Shanghai University"),
    ("University", "Woosong University"),
    ("Ministry of Law", "Ministry of Law"),
    ("Law School", "Law School of Hue University"),
    ("Zellwig University", "Zellwig University Hospital"),
    ("Zellwig University", "Zellwig University Law Faculty"),
    ("Law", "School of Law"),
    ("Works", "Nettvik Works"),
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


NAMES = ["Central Bank", "Faculty of Education", "National Research Council", "DU"]
NO_NAMES = ["the university", "both sides", "Board", "Partner Company", "research institute"]


@pytest.mark.parametrize("name", NAMES)
def test_two_general_words_written_large_are_a_name(name):
    assert not is_generic(name)


@pytest.mark.parametrize("name", NO_NAMES)
def test_general_words_for_anybody_are_no_name(name):
    assert is_generic(name)


def test_dotted_letters_are_one_word():
    assert key_of("openGrid C.I.C.") == key_of("openGrid CIC")
    forms = ["Salina S.p.A.", "PT Salina", "Salina Joint Stock Company"]
    assert {without_legal_form(form) for form in forms} == {"salina"}
    assert key_of("No.4 Works") != key_of("No4 Works")


def test_an_acronym_beside_another_word_spells_what_is_left():
    assert is_partly_spelled("TU Brela", "Technical University of Brela")
    assert is_partly_spelled("TU Brela", "Brela University of Technology")
    assert not is_partly_spelled("TU Brela", "Technical University of Vantola")
    assert not is_partly_spelled("TU Brela", "Technical College of Brela")


ALIKE = [
    ("Crowland", "University of Crowland"),
    ("Formosa", "Formosa Photon Works"),
    ("Drava Hospital", "Drava Rehabilitation Hospital"),
    ("Lantern", "United Friends of Lantern"),
]


@pytest.mark.parametrize("short, full", ALIKE)
def test_bodies_of_one_kind_may_be_called_by_any_end_of_the_name(short, full):
    assert is_short_form(short, full, alike=True)


def test_countries_and_general_words_are_short_for_nobody():
    assert not is_short_form("Japan", "Bank of Japan", alike=True)
    assert not is_short_form("University", "University of Crowland", alike=True)
    assert not is_short_form("Ministry of Health", "Ministry of Public Health", alike=True)


def test_a_country_and_its_adjective_are_one_word_of_a_name():
    assert same_words("Indian High Commission", "High Commission of India")
    assert not same_words("Indian High Commission", "High Commission of Kenya")


def test_a_name_without_end_has_no_initials():
    assert not spells("AB", "Alpha " * 3000 + "Beta")
