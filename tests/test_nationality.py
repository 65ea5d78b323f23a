"""Where names of people are at home."""

import pytest

from pipeline.nationality import fits, sound_like, sounds


@pytest.mark.parametrize("name, country", [("Nguyễn Văn Tho", "VN"), ("Kim Dalnim", "KR"), ("Anahit Grigoryan", "AM")])
def test_a_common_name_fits_its_country_better_than_another(name, country):
    assert fits(name, country) > fits(name, "PE")


def test_a_name_of_the_region_fits_a_little():
    assert 0.0 < fits("Ivan Kuznetsov", "UA") <= fits("Ivan Kuznetsov", "RU")


def test_a_name_that_nobody_knows_fits_nothing():
    assert fits("Qqxwz", "FR") == 0.0


def test_people_of_an_article_sound_like_the_country_of_most_of_them():
    likely = sound_like(["dissanayake", "jayawardena", "smith", "wickramasinghe"], sounds().columns, mixed=True)
    assert max(likely, key=lambda code: likely[code]) == "LK"
    assert sum(likely.values()) == pytest.approx(1.0, abs=1e-4)
