"""Near-copies."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from pipeline import duplicates
from pipeline.duplicates import FINGERPRINTS, find_duplicates, make_fingerprint
from pipeline.rows import RowStore

WORDS = [f"word{n}" for n in range(400)]


def text_of(seed, length=200):
    rng = random.Random(seed)
    return [rng.choice(WORDS) for _ in range(length)]


def find(prints):
    with TemporaryDirectory() as folder, RowStore(Path(folder) / "rows") as store:
        store.make("fingerprints", FINGERPRINTS)
        store.add("fingerprints", pd.DataFrame(prints), FINGERPRINTS)
        return find_duplicates(store)


def duplicates_of(*articles):
    """(doc_id, day, words) of each article."""
    return find([make_fingerprint(doc_id, day, " ".join(words)) for doc_id, day, words in articles])


ORIGINAL = text_of(1)
EDITED = [w if n % 15 else "changed" for n, w in enumerate(ORIGINAL)]
COPIES = {
    "republished": ORIGINAL,
    "under another headline": ["Another", "Headline", "From", "A", "Digest", *ORIGINAL],
    "trimmed to half": ORIGINAL[:100],
    "trimmed to a third": ORIGINAL[:70],
    "lightly edited": EDITED,
    "edited and trimmed": EDITED[:120],
    "inside a longer report": [*text_of(5, 150), *ORIGINAL],
    "in capitals": [w.upper() for w in ORIGINAL],
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_a_copy_points_to_what_was_published_first(copy):
    assert duplicates_of(("a", "2020-01-05", ORIGINAL), ("b", "2020-01-06", copy)) == {"b": "a"}
    assert duplicates_of(("a", "2020-01-05", ORIGINAL), ("b", "2020-01-04", copy)) == {"a": "b"}


def test_without_dates_the_smallest_id_is_the_original_and_a_dated_one_comes_first():
    assert duplicates_of(("b", None, ORIGINAL), ("a", None, ORIGINAL)) == {"b": "a"}
    assert duplicates_of(("a", None, ORIGINAL), ("b", "2020-01-01", ORIGINAL)) == {"a": "b"}


def test_a_group_has_one_original():
    found = duplicates_of(
        ("a", "2020-01-01", ORIGINAL), ("b", "2020-01-02", EDITED), ("c", "2020-01-03", ORIGINAL[:100]), ("d", None, text_of(2))
    )
    assert found == {"b": "a", "c": "a"}


def test_other_articles_on_the_same_matter_are_no_copies():
    shared = text_of(3, 40)  # a paragraph of background
    assert duplicates_of(("a", None, [*text_of(1), *shared]), ("b", None, [*text_of(2), *shared])) == {}


def test_short_texts_are_copies_only_where_they_are_equal():
    assert duplicates_of(("a", None, WORDS[:10]), ("b", None, WORDS[:10]), ("c", None, WORDS[:9])) == {"b": "a"}
    assert duplicates_of(("a", None, []), ("b", None, [])) == {}


def test_menus_and_footers_dont_make_copies():
    menu, footer = " ".join(text_of(8, 150)), " ".join(text_of(9, 150))
    prints = []
    for doc_id in "ab":
        body = " ".join(text_of(ord(doc_id), 100))
        text = f"{menu}\n{body}\n{footer}"
        spans = [(0, len(menu)), (len(menu) + len(body) + 1, len(text))]
        prints.append(make_fingerprint(doc_id, None, text, spans))
    assert find(prints) == {}


def test_order_changes_nothing():
    articles = [
        ("a", "2020-01-01", ORIGINAL),
        ("b", "2020-01-02", EDITED),
        ("c", None, ORIGINAL[:110]),
        ("d", None, text_of(2)),
        ("e", "2019-01-01", text_of(2)),
    ]
    assert duplicates_of(*articles) == duplicates_of(*articles[::-1])


def test_a_few_articles_and_pairs_at_a_time_find_the_same(monkeypatch):
    articles = [(f"{n}{m}", None, [*text_of(n)[m * 3 :], *text_of(n + 50, 5)]) for n in range(8) for m in range(4)]
    found = duplicates_of(*articles)
    assert found == {f"{n}{m}": f"{n}0" for n in range(8) for m in range(1, 4)}
    monkeypatch.setattr(duplicates, "ARTICLES_AT_A_TIME", 3)
    monkeypatch.setattr(duplicates, "PAIRS_AT_A_TIME", 2)
    assert duplicates_of(*articles) == found
