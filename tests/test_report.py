"""The report page, read as a reader does: in a browser, where Debian's chromium and playwright are there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from records import BEIHAI, SADO, make_area, make_event, make_org, make_pair, make_person, make_record

from pipeline.building import build
from pipeline.display import render_page
from pipeline.records import dump_record
from pipeline.report import Texts, collect, render_report, write_report
from pipeline.tables import write_tables

CHROMIUM = shutil.which("chromium")
HOSTILE = "</script><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\"><b>bold</b> --> & \"'"
TEXT = "😀 News from Portomar. The University of Sado and BUMT agreed on joint research on harbour siltation. They signed a memorandum."
PHRASE = "joint research on harbour siltation"


def write_out(out: Path, records: list[dict[str, Any]]) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    (out / "documents.jsonl").write_text("".join(dump_record(r) + "\n" for r in records), encoding="utf-8")
    write_tables(build(records), out)
    return write_report(out)


def make_other(n: int) -> dict[str, Any]:
    port = make_org("o1", f"Port Number {n}", type="company", country="DE")
    zone = make_org("o2", f"Zone Number {n}", type="company", country="FR")
    return make_record(f"m{n}", f"20{n}-01-01", orgs=(port, zone), text=f"Port and Zone number {n} " + "abcdefgh"[n % 8] * (n + 5))


def make_records() -> list[dict[str, Any]]:
    sentence = [TEXT.index("The University"), TEXT.index(" They signed")]
    area = {**make_area(PHRASE, start=TEXT.index(PHRASE)), "sentence": sentence}
    signing = make_event("signing", "2015-04-20", instrument="mou", start=TEXT.index("signed"))
    signing["sentence"] = [TEXT.index("They signed"), len(TEXT)]
    rector = make_person("p1", "Ana Prado", ("Rector", "o1"))
    one = make_record("d1", "2015-04-24", text=TEXT, areas=(area,), events=(signing,), people=(rector,), url="https://example.org/1")
    others = [make_other(n) for n in range(10, 70)]
    evil = make_org("o1", f"Evil Works {HOSTILE}", type="company", country="US")
    hostile_text = f"Evil Works signs. {HOSTILE} with {PHRASE} for all."
    hostile_area = {**make_area(PHRASE, start=hostile_text.index(PHRASE)), "sentence": [0, len(hostile_text)]}
    good = make_org("o2", "Good Works", type="company", country="US")
    hostile = make_record("h1", "2020-02-02", orgs=(evil, good), text=hostile_text, areas=(hostile_area,))
    hostile |= {"title": HOSTILE, "source": HOSTILE, "url": "javascript:document.title='hacked'"}
    return [one, make_record("d2", "2016-05-01", orgs=(SADO, BEIHAI), partnerships=(make_pair(status="ongoing"),)), hostile, *others]


def test_page_is_the_same_each_time_and_holds_data_as_data(tmp_path: Path) -> None:
    path = write_out(tmp_path / "one", make_records())
    again = write_out(tmp_path / "two", make_records()[::-1])
    assert path.name == "report.html"
    assert path.read_bytes() == again.read_bytes()
    page = path.read_text(encoding="utf-8")
    assert page.count("<script") == page.count("</script>") == 2
    assert "innerHTML" not in page
    assert "{{" not in page.replace("{{script_hash}}", "")


def test_page_can_be_made_of_no_partnerships_and_without_texts() -> None:
    assert "Who cooperates with whom" in render_report(build([]))
    assert PHRASE in render_report(build(make_records()))


def test_half_of_a_surrogate_pair_does_not_stop_the_page(tmp_path: Path) -> None:
    record = make_record("d1", "2020-01-01", text="Sado and BUMT \ud83d meet to plan things of all kinds")
    page = render_report(build([record]), [record])
    assert "meet to plan" in page.encode("utf-8", "replace").decode()


def test_of_a_large_archive_the_page_holds_what_stands_around_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.report.MAX_WHOLE_TEXTS", 1000)
    text = "😀 " + "before " * 400 + "They do joint work. " + "after " * 400
    start = text.index("joint work")
    area = {**make_area("joint work", start=start), "sentence": [text.index("They"), start + 11]}
    texts = Texts(["d1"], [("d1", start, start + 10)])
    texts.read([make_record("d1", text=text, areas=(area,))])
    assert not texts.whole
    ((offset, piece),) = texts.pieces("d1")
    assert len(piece) < 700
    first, last, at, end = texts.spans["d1"][start, start + 10]
    units = piece.encode("utf-16-le")
    assert units[2 * (at - offset) : 2 * (end - offset)].decode("utf-16-le") == "joint work"
    assert units[2 * (first - offset) : 2 * (last - offset)].decode("utf-16-le") == "They do joint work."


def test_of_too_many_partnerships_the_page_holds_those_with_the_most_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.report.MAX_FACTS", 3)
    data = collect(build(make_records()), (), {})
    assert len(data["pairs"]) < data["totals"]["partnerships"] == 62
    a, b, *_ = data["pairs"][0]
    assert {data["orgs"][a][1], data["orgs"][b][1]} == {"University of Sado", "Beihai University of Marine Technology"}
    assert len(data["facts"]) == 1


# -- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright isn't installed: pip install 'coopfacts[test]'")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_out(tmp_path_factory.mktemp("report"), make_records()).as_uri()


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Any]:
    """The page opened; whatever it does, it writes no error to the console and asks the network for nothing."""
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    yield page
    assert complaints == []
    assert [url for url in requests if not url.startswith((address, "data:"))] == []
    page.close()


def rows_of(page: Any) -> list[str]:
    return page.locator("#pairs tbody th").all_inner_texts()


def test_search_finds_partnerships_by_name_alias_and_area(page: Any) -> None:
    assert "62 partnerships" in page.inner_text("#found")
    for words in ("beihai", "BUMT", "sado marine"):
        page.fill("#search", words)
        page.locator("#found", has_text="1 of 62").wait_for()
        assert "University of Sado" in rows_of(page)[0]
    page.fill("#search", "")
    page.select_option("#category", "joint_research")
    page.locator("#found", has_text="2 of 62").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.locator("#found", has_text="62 partnerships").wait_for()


def test_table_is_sorted_by_its_headings_and_says_so(page: Any) -> None:
    heading = page.locator("#pairs th", has=page.get_by_role("button", name="Since"))
    assert heading.get_attribute("aria-sort") == "none"
    heading.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert "Port Number 10" in rows_of(page)[0]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert "Port Number 69" in rows_of(page)[0]
    assert len(rows_of(page)) == 50
    page.locator("#pairs-pages").get_by_role("button", name="Next").click()
    assert len(rows_of(page)) == 12


def test_evidence_is_three_clicks_away_and_marked(page: Any) -> None:
    page.get_by_role("link", name="University of Sado").first.click()
    page.locator("#pair-title").wait_for()
    assert page.evaluate("document.activeElement.id") == "pair-title"
    marks = page.locator("blockquote mark").all_inner_texts()
    assert marks == ["signed", PHRASE]  # by date: the signing of the 20th, then what was published on the 24th
    assert page.locator("blockquote").nth(1).inner_text() == f"The University of Sado and BUMT agreed on {PHRASE}."
    opener = page.get_by_role("button", name="Show in the article").first
    opener.click()
    assert opener.get_attribute("aria-expanded") == "true"
    assert page.locator(".article .text").inner_text() == TEXT
    assert page.locator(".article mark").all_inner_texts() == [PHRASE, "signed"]
    opener.click()
    assert page.locator(".article").count() == 0
    page.go_back()
    page.locator("#overview").wait_for()
    assert page.locator("#pair").is_hidden()


def test_organisation_and_country_filter_the_table(page: Any) -> None:
    page.locator("#matrix").get_by_role("link", name="Germany and France: 60 partnerships").click()
    page.locator("#found", has_text="60 of 62").wait_for()
    page.get_by_role("link", name="Show all partnerships").click()
    page.locator("#found", has_text="62 partnerships").wait_for()
    page.locator("#network-drawing a").first.press("Enter")
    page.locator("#chosen", has_text="Partners of").wait_for()
    assert len(rows_of(page)) == 1


def test_script_in_texts_names_and_addresses_is_inert(page: Any) -> None:
    page.fill("#search", "evil works")
    page.locator("#found", has_text="1 of 62").wait_for()
    assert "<b>bold</b>" in rows_of(page)[0]
    page.locator("#pairs tbody a").click()
    page.locator("#pair-title").wait_for()
    page.get_by_role("button", name="Show in the article").click()
    assert HOSTILE in page.locator(".article .text").inner_text()
    assert page.locator(".article mark").inner_text() == PHRASE
    assert page.locator("main img, main script, main b, a[href^=javascript]").count() == 0
    assert "hacked" not in page.title().split("Evil")[0]
    page.go_back()
    assert page.title() == "Partnerships · coopfacts"


def test_script_in_the_page_of_one_article_is_inert(browser: Any, tmp_path: Path) -> None:
    text = f"Evil Works {HOSTILE} signs.\u2028{HOSTILE}"
    evil = make_org("o1", HOSTILE, type="company", country="US") | {"confidence": 0.5, "source": HOSTILE}
    starts = (11, len(text) - len(HOSTILE))
    evil["mentions"] = [{"text": HOSTILE, "start": start, "end": start + len(HOSTILE)} for start in starts]
    record = make_record("h1", "2020-02-02", orgs=(evil,), text=text, partnerships=(), issuer=HOSTILE)
    record |= {"title": HOSTILE, "source": HOSTILE}
    path = tmp_path / "page.html"
    path.write_text(render_page(record), encoding="utf-8")
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.title() == HOSTILE
    assert page.locator(".text").inner_text().count(HOSTILE) == 2
    assert page.locator("mark").count() == 2 and page.locator("script, img, b").count() == 0
    assert asked == [path.as_uri()]
    page.close()


def test_page_is_never_wider_than_the_screen(page: Any) -> None:
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) == 0
    page.locator("#areas-numbers summary").click()
    assert page.evaluate(width) == 0
    for name in ("evil works", "sado"):
        page.fill("#search", name)
        page.locator("#found", has_text="1 of 62").wait_for()
        page.locator("#pairs tbody a").click()
        page.get_by_role("button", name="Show in the article").first.click()
        assert page.evaluate(width) == 0
        page.go_back()


def test_keyboard_reaches_the_content_first_and_every_control_has_a_name(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    named = "e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label')"
    controls = "[...document.querySelectorAll('button, select, input, a, svg[role]')]"
    assert page.evaluate(f"{controls}.filter((e) => !({named})).length") == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_decisions_on_merges_are_saved_as_the_file_that_build_reads(browser: Any, tmp_path: Path) -> None:
    from pipeline.resolve.decisions import read_decisions

    out = tmp_path / "out"
    names = ("Sado University", "University College of Sado", '=cmd() "quoted", University of Sado', "University of Sado")
    orgs = [make_org("o1", name, country="PT") for name in names]
    path = write_out(out, [make_record(f"d{n}", orgs=(org, BEIHAI), text=f"{names[n]} and BUMT, number {n}") for n, org in enumerate(orgs)])
    page = browser.new_page(accept_downloads=True)
    page.goto(path.as_uri())
    if page.locator("#links tbody tr").count() == 0:
        page.select_option("#verdict", "linked")
    row = page.locator("#links tbody tr").first
    left = row.locator("th").inner_text()
    row.get_by_label("different").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save decisions.csv (1)").click()
    download.value.save_as(out / "decisions.csv")
    (decision,) = read_decisions(out / "decisions.csv")
    assert (decision.left, decision.verdict) == (left, "different")
    page.close()
