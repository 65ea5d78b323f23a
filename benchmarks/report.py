"""Size of the report page, and how long a browser takes over it, at growing numbers of facts.

usage: python benchmarks/report.py [--sizes 1000 100000] : invented facts; the times need Debian's chromium and playwright
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.building import build
from pipeline.report import render_report

FACTS_PER_ARTICLE = 10
STATUSES = ("proposed", "agreed", "ongoing", "completed", "ended")
NAMES = ("Quarn", "Vessel", "Tolmin", "Ardel", "Brisko")
AREAS = ("joint_research", "student_exchange", "energy", "education", "trade", "culture")
COUNTRIES = ("CN", "DE", "FR", "GH", "KR", "KZ", "PT", "US")


def make_records(facts: int) -> Iterator[dict[str, Any]]:
    """Give articles on one pair each, with ten facts; a pair has some five articles."""
    rng = random.Random(1)
    pairs = max(1, facts // FACTS_PER_ARTICLE // 5)
    for n in range(facts // FACTS_PER_ARTICLE):
        pair = rng.randrange(pairs)
        names = [f"{NAMES[x % 5]} Works {x}" for x in (2 * pair, 2 * pair + rng.choice((1, 1, 1, 3)))]
        text, areas = f"Number {n} of the reports of {names[0]} and {names[1]}.", []
        for k in range(FACTS_PER_ARTICLE):
            area = f"work {n} on subject {k} with {rng.choice(AREAS)} {rng.randrange(9999)}"
            begin = len(text) + 1
            text += f" They agreed on {area}."
            start = begin + len("They agreed on ")
            areas.append(
                {
                    "text": area, "start": start, "end": start + len(area), "sentence": [begin, len(text)],
                    "category": rng.choice(AREAS), "status": rng.choice(STATUSES), "parties": ["o1", "o2"],
                    "speaker": None, "date": None, "confidence": round(rng.random(), 2),
                }
            )  # fmt: skip
        orgs = [
            {"id": f"o{i}", "name": name, "mentions": [], "type": "company", "country": COUNTRIES[pair % (9 - i)], "parent": None}
            for i, name in enumerate(names, 1)
        ]
        yield {
            "doc_id": f"d{n}", "title": f"Report {n}", "source": f"{n}.txt", "language": "en",
            "published": f"{rng.randint(2000, 2025)}-0{rng.randint(1, 9)}-11",
            "text": text, "orgs": orgs, "people": [], "dates": [], "areas": areas, "events": [],
            "partnerships": [{"a": "o1", "b": "o2", "status": rng.choice(STATUSES), "instruments": [], "events": [], "confidence": 0.7}],
        }  # fmt: skip


def time_in_browser(path: Path) -> dict[str, float]:
    """Seconds to open the page, to search, to sort, to open a partnership with its evidence."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        took: dict[str, float] = {}

        def measure(name: str, act: Any) -> None:
            began = time.perf_counter()
            act()
            took[name] = time.perf_counter() - began

        def search() -> None:
            page.fill("#search", "quarn works 10")
            page.locator("#found", has_text=" of ").wait_for()

        def open_pair() -> None:
            page.locator("#pairs tbody a").first.click()
            page.get_by_role("button", name="Show in the article").first.click()
            page.locator(".article mark").first.wait_for()

        measure("open", lambda: page.goto(path.as_uri()))
        measure("search", search)
        measure("sort", lambda: page.get_by_role("button", name="Since").click())
        measure("evidence", open_pair)
        browser.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    args = parser.parse_args()
    print("| facts | partnerships | build, CPU s | page, CPU s | MB | open, s | search, s | sort, s | evidence, s |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in args.sizes:
        began = time.process_time()
        tables = build(make_records(size))
        built = time.process_time() - began
        page = render_report(tables, make_records(size))
        made = time.process_time() - began - built
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.html"
            path.write_text(page, encoding="utf-8")
            took = time_in_browser(path) if shutil.which("chromium") else {}
        times = " | ".join(f"{took[name]:.1f}" if name in took else "-" for name in ("open", "search", "sort", "evidence"))
        rows = f"| {len(tables.facts):,} | {len(tables.partnerships):,}"
        print(f"{rows} | {built:.0f} | {made:.0f} | {len(page) / 1e6:.1f} | {times} |", flush=True)


if __name__ == "__main__":
    main()
