"""Time that must not grow: pages and texts made to slow down the readers, the cleaner and the date grammar, imports, resamples.

usage: python -m pytest benchmarks/hostile.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from hostile_pages import HOSTILE_PAGES

from pipeline.archive.pages import read_page
from pipeline.clean import find_boilerplate
from pipeline.components.people import trim_name
from pipeline.components.roles import split_role
from pipeline.dates import find_expressions, resolve
from pipeline.errors import ArticleError
from pipeline.evaluate import evaluate
from pipeline.markup import read_source

ROOT = Path(__file__).resolve().parent.parent
BODY = "The two universities signed a memorandum on Monday, and their rectors were pleased with it."
TO_CLEAN = [
    " ", "  a", "a ", "a, ", "1", "1 ", "1-", "> ", "a > ", "home > ", "home  ", "| ", "facebook", "x", "x ",
    "share ", "# ", "#a ", "a@", "a@b.", "www.", "www.a ", "tel 1", "tel: 1, ", "+1", "+1 ", "address: 1",
    "Address: ", "1 road", "1 a road ", "no. 1 ", "(c) a", "copyright ", "©", "this release ", "we use cookies ",
    "we our site uses ", "cookies ", "privacy | ", "tags: #a", "views 1 ", "-", "- ", "–", ".", "get newsletter ",
    "more in ", "about A", "(", ")", "\t", "\u3000", "é", "中", "\n", "\n\n", "a\n", "About A\n\n", "Related news\n",
    "-30-\n",
]  # fmt: skip
TO_DATE = [
    "1, ", "2021, ", "1", "2021 and ", "1-", "1.", "from ", "May ", "the same day 2021 ", "12/01/2022 ", "Monday ", "-",
    "the the ", "a.", "first half of ", "3 May ", "\n", "年", "1月", "since ", "last ", "2021-", " ", "https://",
    "In 2018 two years later ",
]  # fmt: skip


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """CPU seconds of this process."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


@pytest.mark.parametrize("piece", TO_CLEAN)
@pytest.mark.parametrize("start", ["", "Home", "Address:", "Tel: 1", "Share", "we", "No. 1", "this ", "Privacy"])
def test_the_cleaner_grows_with_the_length_only(piece: str, start: str) -> None:
    for length in (590, 4_900, 40_000):  # below each limit of a pattern, and above all
        text = f"{BODY}\n\n{(start + piece * length)[:length]}\x01"
        with at_most(0.5):
            find_boilerplate(text)


@pytest.mark.parametrize("piece", TO_DATE)
def test_dates_of_hostile_texts_take_no_longer_than_of_others(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    with at_most(5):
        resolve(find_expressions(text), text, "2022-03-15")


@pytest.mark.parametrize("name", HOSTILE_PAGES)
def test_a_hostile_page_is_done_with_quickly(name: str) -> None:
    with at_most(5), suppress(ArticleError):
        read_page(HOSTILE_PAGES[name] + f"<p>{BODY}</p>", "a.html")


def test_spaces_and_full_stops_in_names_and_roles_take_no_longer() -> None:
    with at_most(1):
        split_role("Dean" + " " * 20_000 + "of Law , and" + "\n" * 20_000 + "Vice", 0)
        trim_name("A" + "." * 20_000, 0, 20_001)


def test_import_and_help_are_quick() -> None:
    code = "import time, pipeline.cli; pipeline.cli.make_parser(); print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.5


def test_a_thousand_resamples_take_a_moment() -> None:
    golds = list(read_source(sorted((ROOT / "data" / "gold" / "source" / "train").glob("asia-0*.txt"))))
    evaluation = evaluate(golds, golds)
    with at_most(5):
        evaluation.intervals()
