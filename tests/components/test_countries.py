"""Countries of organisations: what speaks for each."""

import pytest
import spacy

from pipeline.components.countries import MAX_COUNTRIES, find_countries, own_evidence
from pipeline.components.sentences import Sentences
from pipeline.geography import country_names
from pipeline.lexicons import read_lexicon
from pipeline.schema import Mention, Organization


def organization(text, name, kind="company", number=1):
    at = text.index(name)
    return Organization(f"o{number}", name, [Mention(name, at, at + len(name))], kind, None, None, 1.0, "gold")


EVIDENCE = [
    ("The National Bank of Kenya lent it.", "National Bank of Kenya", "KE", "named"),
    ("Nordhavn Yards in Denmark built it.", "Nordhavn Yards", "DK", "behind"),
    ("Japan's Mikawa Steel built it.", "Mikawa Steel", "JP", "before"),
    ("Elbtal Logistik GmbH built it.", "Elbtal Logistik GmbH", "DE", "legal form"),
    ("The Universidade do Vale wrote it.", "Universidade do Vale", "BR", "language"),
    ("Siemens Ltd. built it.", "Siemens Ltd.", "DE", "known"),
    ("TSMC built it.", "TSMC", "TW", "known, acronym"),
]


@pytest.mark.parametrize("text, name, code, feature", EVIDENCE)
def test_names_and_the_words_beside_them_speak_for_a_country(text, name, code, feature):
    assert own_evidence(organization(text, name), text, [text.index(name)])[code][feature] > 0


def read(text, *named, people=()):
    """Options of organisations of a text, each given by its name, or its name and its type."""
    doc = Sentences()(spacy.blank("en")(text))
    doc.spans["ORG"], doc.spans["LOC"] = [], []
    doc.spans["PER"] = [doc.char_span(text.index(name), text.index(name) + len(name)) for name in people]
    return list(find_countries([organization(text, name, kind, n) for n, (name, kind) in enumerate(named, 1)], doc).values())


def test_a_name_sounds_of_one_of_the_countries_of_the_article():
    (options,) = read("Geumsan College met guests from Kazakhstan and Korea.", ("Geumsan College", "university"))
    assert options["KR"]["sounds"] > 0.9 > 0.1 > options["KZ"]["sounds"]


def test_people_beside_tell_where_an_organisation_is_at_home():
    text = "Kazakhstan and Italy talk. Verdemar was represented by Giuseppe Esposito."
    (options,) = read(text, ("Verdemar", "company"), people=["Giuseppe Esposito"])
    assert options["IT"]["people fit"] > options["KZ"]["people fit"]


def test_a_unit_takes_the_evidence_of_its_parent():
    text = "The Faculty of Law of Alnwick School in Kenya."
    parent, unit = organization(text, "Alnwick School", "university", 1), organization(text, "Faculty of Law", "unit", 2)
    unit.parent = "o1"
    doc = Sentences()(spacy.blank("en")(text))
    for layer in ("ORG", "LOC", "PER"):
        doc.spans[layer] = []
    assert find_countries([unit, parent], doc)["o2"]["KE"]["parent behind"] == 1.0


def test_words_that_are_written_in_lower_case_are_no_places():
    assert not own_evidence(organization("Normal University", "Normal University"), "Normal University", [0])


def test_a_plain_name_speaks_for_none():
    assert not own_evidence(organization("Quernstone built it.", "Quernstone"), "Quernstone built it.", [0])


def test_no_country_is_an_option_and_states_are_left_alone():
    text = "Peru and Quernstone met in Lima."
    doc = Sentences()(spacy.blank("en")(text))
    doc.spans["ORG"], doc.spans["PER"] = [], []
    doc.spans["LOC"] = [doc.char_span(text.index("Lima"), text.index("Lima") + 4)]
    state = organization(text, "Peru", "country", 1)
    state.country = "PE"
    found = find_countries([state, organization(text, "Quernstone", number=2)], doc)
    assert list(found) == ["o2"]
    assert list(found["o2"]) == [None, "PE"]


def test_hints_name_countries_by_their_codes():
    for entry in read_lexicon("country_hints.jsonl", required=("kind", "forms", "countries")):
        assert entry["kind"] in ("legal form", "language")
        assert all(len(code) == 2 and code.isupper() for code in entry["countries"])


def test_of_many_countries_the_ones_named_most_are_options_and_those_beside_a_name_are_too():
    names = [name for name in sorted(country_names().values()) if name.isalpha()][: MAX_COUNTRIES + 10]
    rare, common = names[-1], names[:-1]
    text = "\n".join(["Quernstone built it.", *(f"{name}." for name in common * 2), f"Mikawa Steel built it in {rare}."])
    doc = Sentences()(spacy.blank("en")(text))
    doc.spans["LOC"] = [doc[t.i : t.i + 1] for t in doc if t.text in names]
    doc.spans["ORG"], doc.spans["PER"] = [], []
    found = find_countries([organization(text, "Quernstone"), organization(text, "Mikawa Steel", number=2)], doc)
    code = next(code for code, name in country_names().items() if name == rare)
    assert len(found["o1"]) == 1 + MAX_COUNTRIES
    assert code not in found["o1"]
    assert code in found["o2"]
