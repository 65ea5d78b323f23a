"""Names of places -> country codes."""

import pytest

from pipeline.geography import country_of_domain, country_of_name, find_countries_named, find_country, universities


@pytest.mark.parametrize(
    "text, code",
    [
        ("Bank of Thailand", "TH"),
        ("Hunan University of Chinese Medicine", "CN"),
        ("U.S. Cyber Command", "US"),
        ("Riga Technical University", "LV"),
        ("Woosong University of South Korea", "KR"),
        ("Ministry of Law", None),
        ("us and them", None),
    ],
)
def test_a_name_tells_its_country(text, code):
    assert find_country(text) == code


@pytest.mark.parametrize(
    "name, code",
    [("the Republic of Korea", "KR"), ("Belarus’s", "BY"), ("PRC", "CN"), ("Jamaican", "JM"), ("Atlantis", None), ("us", None)],
)
def test_countries_are_known_by_names_and_adjectives(name, code):
    assert country_of_name(name) == code


@pytest.mark.parametrize(
    "address, code",
    [("https://www.mlaw.gov.sg/news", "SG"), ("press@uni.ac.uk", "GB"), ("https://example.com/a.de", None), ("https://foo.io/", None)],
)
def test_a_country_s_domain_tells_the_country(address, code):
    assert country_of_domain(address) == code


def test_universities_of_one_name_have_one_country():
    assert universities()["sultan qaboos university"] == "OM"


def test_countries_are_found_in_running_text_by_names_and_adjectives():
    text = "The Egyptian side met guests from the Republic of Korea and the U.S. He left Kenya."
    assert [(text[at : at + 4], code) for at, code in find_countries_named(text)] == [
        ("Egyp", "EG"),
        ("Repu", "KR"),
        ("U.S.", "US"),
        ("Keny", "KE"),
    ]
