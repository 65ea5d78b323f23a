"""Mentions of one organisation put together, and the organisation that a unit belongs to."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.components.organizations import Surface, describe, group_surfaces, set_parents
from pipeline.labels import ORG_TYPES
from pipeline.schema import Mention, Organization


def surfaces_of(text, names):
    """names: (name, type) in the order of the text."""
    found, at = [], 0
    for name, kind in names:
        at = text.index(name, at)
        types = np.asarray([float(kind == known) for known in ORG_TYPES])
        found.append(Surface(name, at, at + len(name), 0.9, types, 0.5))
        at += len(name)
    return found


def groups_of(text, names):
    return [[s.text for s in group] for group in group_surfaces(surfaces_of(text, names), text)]


ONE = [
    ("Ostrava Salt Works a.s. and OSTRAVA SALT WORKS", [("Ostrava Salt Works a.s.", "company"), ("OSTRAVA SALT WORKS", "company")]),
    ("the Harbour Council of Brela (SLV). SLV said", [("Harbour Council of Brela", "government"), ("SLV", "government")]),
    ("the Coastal Ports Board (Pomorka). Pomorka", [("Coastal Ports Board", "government"), ("Pomorka", "government")]),
    ("Vantola Tourism Company (BRELO Group). BRELO Group", [("Vantola Tourism Company", "company"), ("BRELO Group", "company")]),
    ("Sea University (Universitatea Mării) said", [("Sea University", "university"), ("Universitatea Mării", "school")]),
    ("Eastmere Wireless Union, known as Radial, said", [("Eastmere Wireless Union", "ngo"), ("Radial", "ngo")]),
    ("the City of Vantola. Vantola will pay", [("City of Vantola", "government"), ("Vantola", "government")]),
    ("Zellwig University of Optics; Zellwig sent", [("Zellwig University of Optics", "university"), ("Zellwig", "university")]),
    (
        "Tobrin State University of Trade. Tobrin University",
        [("Tobrin State University of Trade", "university"), ("Tobrin University", "university")],
    ),
    ("the UTobrin and the University of Tobrin", [("UTobrin", "university"), ("University of Tobrin", "university")]),
    ("the WHO and the World Health Organization", [("WHO", "igo"), ("World Health Organization", "igo")]),
]  # fmt: skip
APART = [
    ("Port Office (Norway Lines)", [("Port Office", "unit"), ("Norway Lines", "company")]),
    (
        "Zellwig University and Zellwig University Hospital",
        [("Zellwig University", "university"), ("Zellwig University Hospital", "hospital")],
    ),
    (
        "Mirelo and the Mirelo–Tarn University Joint Laboratory",
        [("Mirelo", "company"), ("Mirelo–Tarn University Joint Laboratory", "research")],
    ),
    ("the UN and the Union of Nurses", [("UN", "igo"), ("Union of Nurses", "ngo")]),
    ("Vantola Salt and Vantola Timber; Vantola", [("Vantola Salt", "company"), ("Vantola Timber", "company"), ("Vantola", "company")]),
]  # fmt: skip


@pytest.mark.parametrize("text, names", ONE)
def test_forms_of_one_organisation_are_one_group(text, names):
    assert len(groups_of(text, names)) == 1


def test_names_that_the_encoder_doubts_altogether_are_grouped_too():
    text = "the Tobrin Works and Tobrin Works Ltd"
    doubted = [replace(s, score=0.0) for s in surfaces_of(text, [("Tobrin Works", "company"), ("Tobrin Works Ltd", "company")])]
    assert len(group_surfaces(doubted, text)) == 1


@pytest.mark.parametrize("text, names", APART)
def test_names_of_other_organisations_stay_apart(text, names):
    assert len(groups_of(text, names)) == len(names)


def test_a_unit_with_the_name_of_its_host_is_the_unit_without_it():
    text = "Faculty of Arts (FA) of Zellwig University (ZU): FA ZU and Faculty of Arts ZU Freedonia"
    names = [("Faculty of Arts", "unit"), ("FA", "unit"), ("Zellwig University", "university"), ("ZU", "university")]
    assert len(groups_of(text, [*names, ("FA ZU", "unit"), ("Faculty of Arts ZU", "unit")])) == 2


def test_a_bare_unit_is_not_that_of_one_host_where_two_have_such_a_unit():
    text = "School of Law: School of Law of Hue Academy and School of Law of Tarn Academy; Hue Academy, Tarn Academy"
    names = ["School of Law", "School of Law of Hue Academy", "School of Law of Tarn Academy"]
    hosts = [("Hue Academy", "university"), ("Tarn Academy", "university")]
    assert len(groups_of(text, [(name, "unit") for name in names] + hosts)) == 5


def name_of(text, names):
    return describe(surfaces_of(text, names), 1).name


def test_the_country_behind_a_name_is_left_out_for_universities_only():
    names = [("Woosa University of Japan", "university"), ("Woosa University", "university")]
    assert name_of("Woosa University of Japan, Woosa University", names) == "Woosa University"
    names = [("Archive Board of Japan", "government"), ("Archive Board", "government")]
    assert name_of("Archive Board of Japan, Archive Board", names) == "Archive Board of Japan"


def parents_of(text, names):
    organizations = []
    for number, (name, kind) in enumerate(names, 1):
        at = text.index(name)
        organizations.append(Organization(f"o{number}", name, [Mention(name, at, at + len(name))], kind, None, None, 0.9, "test"))
    organizations.sort(key=lambda o: (o.mentions[0].start, -o.mentions[0].end))
    set_parents(organizations, text)
    names_by_id = {o.id: o.name for o in organizations}
    return {o.name: names_by_id.get(o.parent) for o in organizations if o.parent}


TARN, HUE = ("Tarn University", "university"), ("Hue University", "university")


def test_units_of_a_list_belong_to_the_organisation_behind_it():
    text = "Tarn University met the Faculty of Law, the Faculty of Arts and the Faculty of Music of Hue University."
    units = [("Faculty of Law", "unit"), ("Faculty of Arts", "unit"), ("Faculty of Music", "unit")]
    assert parents_of(text, [TARN, *units, HUE]) == {name: "Hue University" for name, _ in units}


def test_a_title_with_a_full_stop_ends_no_sentence():
    text = "Tarn University wrote. For Hue University spoke Dr. An of the Office of Water."
    assert parents_of(text, [TARN, HUE, ("Office of Water", "unit")]) == {"Office of Water": "Hue University"}


def test_a_company_has_its_own_board_and_a_university_the_faculty():
    text = "Salt Works Ltd grew. Its Board of Directors met. Later Tarn University wrote.\nThe Faculty of Law did too."
    names = [("Salt Works Ltd", "company"), ("Board of Directors", "unit"), TARN, ("Faculty of Law", "unit")]
    assert parents_of(text, names) == {"Board of Directors": "Salt Works Ltd", "Faculty of Law": "Tarn University"}


def test_a_joint_body_has_no_parent():
    text = "Tarn University and Hue University set up a plan. The Joint Working Party meets. The Steering Party does."
    names = [TARN, HUE, ("Joint Working Party", "unit"), ("Steering Party", "unit")]
    assert parents_of(text, names) == {"Steering Party": "Tarn University"}


def test_a_comma_joins_units_and_no_other_bodies():
    text = "Guests: Apple Research Station, Hue University; Office of Water, Tarn University"
    names = [("Apple Research Station", "research"), HUE, ("Office of Water", "unit"), TARN]
    assert parents_of(text, names) == {"Office of Water": "Tarn University"}


def test_units_of_a_list_have_one_parent():
    text = "Quang Hai University met Vistula Polytechnic. Leaders of the School of Ships and the Office of Ports came."
    names = [("Quang Hai University", "university"), ("Vistula Polytechnic", "university")]
    names += [("School of Ships", "unit"), ("Office of Ports", "unit")]
    organizations = [
        Organization(f"o{n}", name, [Mention(name, text.index(name), text.index(name) + len(name))], kind, None, None, 1.0, "gold")
        for n, (name, kind) in enumerate(names, 1)
    ]
    set_parents(organizations, text, {"o3": organizations[1]})
    assert [o.parent for o in organizations[2:]] == ["o2", "o2"]
