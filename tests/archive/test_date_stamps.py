"""Metadata and first lines -> day of publication and title."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive import Article, read_archive
from pipeline.archive.days import read_date
from pipeline.archive.headers import find_published, find_title

PROSE = (
    "The University of Lusaka and the Institute of Technology in Turku signed a memorandum on Monday."
    " They will exchange students and teachers from next year on."
)

FIELDS = [  # value of a field, EDTF
    ("2021-03-03", "2021-03-03"),
    ("2021-03-03T23:30:00-05:00", "2021-03-03"),
    ("2021-03-03 10:00", "2021-03-03"),
    ("2021-03", "2021-03"),
    ("2021", "2021"),
    ("20210303", "2021-03-03"),
    ("20210303093000", "2021-03-03"),
    (1614772800, "2021-03-03"),
    (1614772800000, "2021-03-03"),
    (1614772800.5, "2021-03-03"),
    ("Wed, 03 Mar 2021 10:00:00 GMT", "2021-03-03"),
    ("March 3rd, 2021", "2021-03-03"),
    ("3 Sept. 2021", "2021-09-03"),
    ("3-Mar-2021", "2021-03-03"),
    ("31/12/2021", "2021-12-31"),
    ("12/31/2021", "2021-12-31"),
    ("04/04/2021", "2021-04-04"),
    ("03.04.2021 23:30:00", "2021-04-03"),
    ("2021年3月3日", "2021-03-03"),
    ("2021/3/3", "2021-03-03"),
    (datetime.datetime(2021, 3, 3, 23, 59), "2021-03-03"),
    ("", None),
    (None, None),
    (float("nan"), None),
    ("NaT", None),
]


@pytest.mark.parametrize("value, day", FIELDS)
def test_date_field_becomes_edtf(value: object, day: str | None) -> None:
    assert read_date(value) == day


@pytest.mark.parametrize(
    "value, reason",
    [
        ("soon", "found 'soon', expected a date such as 2021-03-31"),
        ("2021-02-30", "no day of the calendar"),
        ("03/04/2021", "day first or month first"),
        ("5 May", "expected a date"),
        (["2021-03-03"], "found a list"),
        (True, "found a bool"),
        ("9999-12-31", "no day of the calendar"),
    ],
)
def test_date_that_is_none_is_told(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_date(value)


def test_day_first_is_a_setting() -> None:
    assert read_date("03/04/2021", day_first=True) == "2021-04-03"
    assert read_date("03/04/2021", day_first=False) == "2021-03-04"


HEADS = [  # head of a text, day
    ("Two universities sign a memorandum\n2017-06-27 22:54\n", "2017-06-27"),
    ("Two universities sign a memorandum\n\n14 Jun 2018, 14:18\nInternational Office\n", "2018-06-14"),
    ("Two universities sign a memorandum\nPosted on 12 Mar 2008\n", "2008-03-12"),
    ("Two universities sign a memorandum\n12 Mar 2008 Posted in Press releases\n", "2008-03-12"),
    ("Two universities sign a memorandum\nPublished: 20 Mar 2021 03:25 PM BdST Updated: 21 Mar 2021 03:25 PM BdST\n", "2021-03-20"),
    ("Published by Sumaira FH December 02, 2023 | 02:30 PM\n", "2023-12-02"),
    ("Release Date: June 5, 2020\n", "2020-06-05"),
    ("PUBLISHED NOV 30, 2017\n", "2017-11-30"),
    ("Two universities sign\nMay 4, 2021 · 3 min read · 0 comments\n", "2021-05-04"),
    ("2023-11-14   Source: Office of International Relations\n", "2023-11-14"),
    ("Wednesday, August 01, 2018\n", "2018-08-01"),
    ("LONDON, March 3, 2021 /PRNewswire/ -- ", "2021-03-03"),
    ("NEW YORK--(BUSINESS WIRE)--March 3, 2021-- ", "2021-03-03"),
    ("TANJUNG MALIM, 5 February 2025– ", "2025-02-05"),
    ("Minsk, Belarus, Nov. 3, 2018 (GLOBE NEWSWIRE) -- ", "2018-11-03"),
    ("(2015-04-09) On invitation of the other side, ", "2015-04-09"),
    ("Two universities sign a memorandum\nLONDON, 3 March 2021 -- ", "2021-03-03"),
    ("Date: July 7, 2023\nLONDON, July 5, 2023 -- ", "2023-07-07"),
    ("Two universities sign a memorandum\n", None),
    ("Amman, Oct. 2 (Petra) -- ", None),
    ("Last updated on 27 Nov 2012\n", None),
    ("03/07/2024\n", None),
    ("On March 3, 2021, the two rectors met. ", None),
    ("Forum of 3 March 2021 brings rectors together\n", None),
]


@pytest.mark.parametrize("head, day", HEADS)
def test_day_of_publication_is_found_in_the_head(head: str, day: str | None) -> None:
    text = head + PROSE
    stamp = find_published(text)
    assert (stamp.day if stamp else None) == day


def test_stamp_tells_where_it_stands() -> None:
    text = "Two universities sign a memorandum\n\n2017-06-27 22:54\n" + PROSE
    stamp = find_published(text)
    assert stamp is not None and text[stamp.start : stamp.end] == "2017-06-27"


def test_date_in_the_body_is_no_day_of_publication() -> None:
    assert find_published(f"{PROSE * 3}\n{PROSE * 3}\n\nMINISTRY OF LAW\n08 August 2019") is None


@pytest.mark.parametrize(
    "text, title",
    [
        ("\n\ncurrent position: Content\n\nTwo universities hold a conference\n\n" + PROSE, "Two universities hold a conference"),
        ("Home > News > All\nTwo universities hold a conference\n" + PROSE, "Two universities hold a conference"),
        ("Travel News Asia\nStadium takes the name of an airline\n" + PROSE, "Stadium takes the name of an airline"),
        ("# Two universities sign\n\n" + PROSE, "Two universities sign"),
        (PROSE, None),
        ("", None),
    ],
)
def test_title_is_the_first_line_that_reads_like_one(text: str, title: str | None) -> None:
    assert find_title(text) == title


def test_article_with_a_date_that_is_none_is_kept_with_the_fault(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Posted on 12 Mar 2008\n" + PROSE, "date": "soon"}))
    [article] = read_archive([tmp_path])
    assert isinstance(article, Article)
    assert article.published is None
    assert article.meta["date_fault"] == "field date: found 'soon', expected a date such as 2021-03-31"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text()), st.binary()))
def test_any_value_is_a_date_or_a_value_error(value: object) -> None:
    try:
        found = read_date(value)
    except ValueError:
        return
    assert found is None or datetime.date.fromisoformat((found + "-01-01")[:10])


@given(st.text())
def test_head_of_any_text_is_read_without_a_fault(text: str) -> None:
    stamp = find_published(text)
    assert stamp is None or 0 <= stamp.start < stamp.end <= len(text)
    find_title(text)


@pytest.mark.parametrize(
    "value, day",
    [
        ("12 janvier 2021", "2021-01-12"),
        ("31. März 2021", "2021-03-31"),
        ("5 de mayo de 2019", "2019-05-05"),
        ("12 tháng 3 năm 2020", "2020-03-12"),
    ],
)
def test_a_field_may_name_the_month_in_another_language(value, day):
    assert read_date(value) == day


@pytest.mark.parametrize("value", ["in 5 days 2020", "mars 2020 peut-être", "page 3 of 2020"])
def test_a_field_that_is_no_whole_date_is_never_filled_in(value):
    with pytest.raises(ValueError, match="expected a date"):
        read_date(value)
