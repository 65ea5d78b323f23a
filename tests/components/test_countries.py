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
]


@pytest.mark.parametrize("text, name, code, feature", EVIDENCE)
def test_names_and_the_words_beside_them_speak_for_a_country(text, name, code, feature):
    assert own_evidence(organization(text, name), text, [text.index(name)])[code][feature] > 0


def test_a_plain_name_speaks_for_none():
    assert not own_evidence(organization("Quernstone built it.", "Quernstone"), "Quernstone built it.", [0])


def test_no_country_is_an_option_and_states_are_left_alone():
    text = "Peru and Quernstone met in Lima."
    doc = Sentences()(spacy.blank("en")(text))
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
    found = find_countries([organization(text, "Quernstone"), organization(text, "Mikawa Steel", number=2)], doc)
    code = next(code for code, name in country_names().items() if name == rare)
    assert len(found["o1"]) == 1 + MAX_COUNTRIES
    assert code not in found["o1"]
    assert code in found["o2"]
