"""The report page for those who use a keyboard, a screen reader, a small screen or strong contrast: in a browser, as test_report.py."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from records import make_org, make_record
from test_report import HOSTILE, PHRASE, make_records, write_out
from test_report import browser as browser  # a fixture

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CLIPPED = """() => [...document.querySelectorAll('body *')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && !e.closest('.scroll table, .unseen, svg') && (box.right > innerWidth + 1 || box.left < -1);
}).map((e) => e.outerHTML.slice(0, 80))"""
STOP = """() => {
  const e = document.activeElement, style = getComputedStyle(e), dot = e.querySelector('.dot'), box = e.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return {
    what: e === document.body ? '' : e.id || (e.textContent || e.getAttribute('aria-label') || e.value || '').trim().slice(0, 60),
    part: e.closest('[id=pair], section, header')?.id || e.closest('header, section')?.tagName || '',
    seen: outlined || Boolean(dot && parseFloat(getComputedStyle(dot).strokeWidth) >= 3),
    onScreen: box.bottom > 0 && box.top < innerHeight,
  };
}"""
NAMELESS = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter((e) => e.getClientRects().length)
  .filter((e) => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.labels?.length || e.textContent.trim()))
  .map((e) => e.outerHTML.slice(0, 80))"""
HEADINGS = """[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .filter((e) => e.getClientRects().length).map((e) => Number(e.tagName[1]))"""
TABLES = "[...document.querySelectorAll('table')]"
UNSCOPED = "[...document.querySelectorAll('th')].filter((e) => !['col', 'row'].includes(e.scope)).length"
FOCUSED = "document.activeElement.id || document.activeElement.textContent"


def make_merges() -> list[dict[str, Any]]:
    """Articles on names that may mean the same."""
    names = ("Sado University", "University College of Sado", "University of Sado", "Sado University College of Portugal")
    other = make_org("o2", "Quarn Works", type="company", country="KR")
    orgs = [(make_org("o1", name, country="PT"), other) for name in names]
    return [make_record(f"u{n}", orgs=pair, text=f"{names[n]} and Quarn, {n}") for n, pair in enumerate(orgs)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_out(tmp_path_factory.mktemp("access"), [*make_records(), *make_merges()]).as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(address)
    yield page
    page.close()


def open_sado(page: Any) -> None:
    page.fill("#search", "beihai")
    page.locator("#found", has_text="1 of").wait_for()
    page.locator("#pairs tbody a").focus()
    page.keyboard.press("Enter")
    page.locator("#pair-title").wait_for()


def show_all(page: Any) -> None:
    """Open what is folded."""
    for name in ("network", "areas"):
        page.locator(f"#{name}-numbers summary").click()
    page.select_option("#verdict", "linked")


def test_tab_goes_through_the_page_in_its_order_and_shows_where_it_is(page: Any) -> None:
    stops: list[dict[str, Any]] = []
    while len(stops) < 400:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if not stop["what"]:
            break
        stops.append(stop)
    parts = list(dict.fromkeys(stop["part"] for stop in stops if stop["part"]))
    assert parts == ["HEADER", "partnerships", "network", "matrix", "areas", "merges"]
    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    assert [stop["what"] for stop in stops[1:] if not stop["onScreen"]] == []
    controls = {stop["what"] for stop in stops}
    for name in ("search", "status", "category", "country", "Clear", "Partnership", "Next", "network-size", "verdict", "merge-search"):
        assert name in controls
    assert {"The drawing as a table", "The numbers as a table"} <= controls


def test_partnership_and_evidence_are_opened_and_closed_by_keyboard(page: Any) -> None:
    open_sado(page)
    assert page.evaluate(FOCUSED) == "pair-title"
    for key in ("Enter", "Space"):
        opener = page.get_by_role("button", name="Show in the article").first
        opener.focus()
        page.keyboard.press(key)
        assert opener.get_attribute("aria-expanded") == "true"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "article"
        page.keyboard.press("Escape")
        assert page.locator(".article").count() == 0
        assert opener.get_attribute("aria-expanded") == "false"
        assert page.evaluate(FOCUSED) == "Show in the article"
    page.keyboard.press("Escape")
    page.locator("#overview").wait_for()
    assert page.evaluate(FOCUSED + ".includes('Beihai University')")
    assert page.input_value("#search") == "beihai"
    assert page.locator("#pairs tbody tr").count() == 1


def test_way_back_leads_to_what_was_chosen(page: Any, browser: Any) -> None:
    page.get_by_role("button", name="Next").first.click()
    assert page.evaluate("document.activeElement.id") == "pairs"
    link = page.locator("#pairs tbody a").nth(7)
    name = link.inner_text()
    link.click()
    page.get_by_role("link", name="All partnerships").click()
    page.locator("#overview").wait_for()
    assert page.evaluate("document.activeElement.innerText") == name
    link.click()
    page.locator("#pair .sides a").first.click()
    page.locator("#chosen", has_text="Partners of").wait_for()
    assert page.evaluate(FOCUSED) == "partnerships-title"
    page.locator("#pairs tbody a").first.click()
    page.locator("#pair-title").wait_for()
    page.keyboard.press("Escape")
    page.locator("#chosen", has_text="Partners of").wait_for()
    assert page.evaluate(FOCUSED + ".includes('Port')")
    given = browser.new_page()  # with the address of a partnership, as in a citation
    page.locator("#pairs tbody a").first.click()
    given.goto(page.url)
    given.keyboard.press("Escape")
    given.locator("#overview").wait_for()
    assert given.locator("#found").inner_text().endswith("partnerships")
    given.close()


def test_skip_link_stays_in_the_partnership(page: Any) -> None:
    open_sado(page)
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.locator("#pair-title").is_visible()


def test_sorting_searching_and_paging_are_told(page: Any) -> None:
    sorts = "[...document.querySelectorAll('#pairs thead th')].map((e) => e.getAttribute('aria-sort'))"
    assert page.evaluate(sorts) == ["none", "none", "none", "none", "descending", "none", None, "none"]
    page.get_by_role("button", name="Status", exact=True).focus()  # exact: the arrows are no part of the name
    page.keyboard.press("Space")
    assert page.evaluate(sorts)[1] == "ascending"
    assert page.evaluate(FOCUSED) == "Status"
    assert page.locator("#pairs-pages [role=status]").inner_text().startswith("1–50 of ")
    page.get_by_role("button", name="Next").first.press("Enter")
    assert page.locator("#pairs-pages [role=status]").inner_text().startswith("51–")
    assert page.locator("#found").get_attribute("role") == "status"
    page.fill("#search", "no such name")
    page.locator("#found", has_text="0 of").wait_for()
    page.fill("#merge-search", "no such name")
    page.locator("#merges-found[role=status]", has_text="0 pairs").wait_for()


def test_landmarks_headings_names_and_headers_are_there(page: Any) -> None:
    for role, name in (("banner", ""), ("navigation", "Parts of this page"), ("main", ""), ("search", "Partnerships"), ("contentinfo", "")):
        assert page.get_by_role(role, name=name or None).count() == 1, role
    for name in ("Partnerships", "Network", "Countries", "Areas over time", "Merges to check"):
        assert page.get_by_role("region", name=name, exact=True).count() >= 1
    show_all(page)
    for view in ("overview", "pair"):
        if view == "pair":
            open_sado(page)
            page.get_by_role("button", name="Show in the article").first.click()
            page.get_by_role("button", name="Show the article").first.click()
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), levels
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(UNSCOPED) == 0
        assert page.evaluate(f"{TABLES}.every((e) => e.caption || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby'))")


def test_drawings_have_text_that_says_the_same(page: Any) -> None:
    assert page.get_by_role("group", name="Network of").count() == 1
    assert page.get_by_role("img", name="Facts by year, 2015").count() == 1
    show_all(page)
    drawn = page.locator("#network-drawing a").count()
    rows = page.locator("#network-numbers tbody tr")
    assert rows.count() == drawn
    assert rows.filter(has=page.get_by_role("rowheader", name="University of Sado")).first.inner_text().count("Beihai") == 1
    page.select_option("#network-size", "20")
    assert rows.count() == page.locator("#network-drawing a").count() == 20
    assert page.locator("#areas-numbers tbody tr").count() >= 1


def test_more_of_a_long_timeline_is_read_on_where_it_begins(browser: Any, tmp_path: Path) -> None:
    records = []
    for n in range(60):
        (record,) = make_records()[:1]
        text = record["text"] + f" Report {n} " + chr(97 + n % 26) * (20 + n)
        records.append(record | {"doc_id": f"l{n}", "text": text, "published": f"{1950 + n}-01-01"})
    page = browser.new_page()
    page.goto(write_out(tmp_path, records).as_uri())
    page.locator("#pairs tbody a").first.click()
    more = page.get_by_role("button", name="Show more")
    shown = page.locator(".timeline > li").count()
    more.press("Enter")
    assert page.evaluate("[...document.querySelectorAll('.timeline > li')].indexOf(document.activeElement)") == shown
    everything = page.get_by_role("button", name="reports")
    everything.press("Enter")
    assert page.evaluate("document.activeElement.rowIndex") == 51
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_text_has_contrast(browser: Any, address: str, scheme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(address)
    show_all(page)
    seen = page.evaluate(CONTRAST, 4.5)
    assert seen["faint"] == [] and seen["texts"] > 300
    assert page.evaluate(CONTRAST, 21)["faint"]  # the measure does measure
    page.get_by_role("link", name="University of Sado").first.hover()
    assert page.evaluate(CONTRAST, 4.5)["faint"] == []
    open_sado(page)
    page.get_by_role("button", name="Show in the article").first.click()
    seen = page.evaluate(CONTRAST, 4.5)
    assert seen["faint"] == [] and seen["texts"] > 30
    page.close()


def test_page_fits_320_pixels(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    page.goto(address)
    show_all(page)
    assert page.evaluate(WIDER) == 0 and page.evaluate(CLIPPED) == []
    for words in ("beihai", "evil works"):
        page.fill("#search", words)
        page.locator("#found", has_text="1 of").wait_for()
        page.locator("#pairs tbody a").first.click()
        page.get_by_role("button", name="Show in the article").first.click()
        assert page.locator(".article mark", has_text=PHRASE).is_visible()
        assert page.evaluate(WIDER) == 0 and page.evaluate(CLIPPED) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.locator("#overview").wait_for()
    assert HOSTILE.startswith("</script>")
    page.close()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_do_not_want_it(browser: Any, address: str, motion: str) -> None:
    page = browser.new_page(reduced_motion=motion)
    page.goto(address)
    styles = "[...document.querySelectorAll('*')].map((e) => getComputedStyle(e))"
    assert page.evaluate(f"{styles}.every((s) => !parseFloat(s.transitionDuration) && s.animationName === 'none')")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == ("auto" if motion == "reduce" else "smooth")
    page.close()


# -- the drawing of the network

MEASURE = """() => {
  const svg = document.querySelector('#network-drawing svg'), wide = svg.viewBox.baseVal.width, high = svg.viewBox.baseVal.height;
  const dots = [...svg.querySelectorAll('.dot')].map((e) => [Number(e.getAttribute('cx')), Number(e.getAttribute('cy'))]);
  const names = [...svg.querySelectorAll('text:not(.quiet)')].map((e) => e.getBoundingClientRect()), all = svg.getBoundingClientRect();
  const both = (list, test) => list.reduce((sum, x, i) => sum + list.slice(0, i).filter((y) => test(x, y)).length, 0);
  return {
    dots: dots.length, names: names.length,
    border: dots.filter(([x, y]) => x < 24 || x > wide - 24 || y < 24 || y > high - 30).length,
    close: both(dots, (x, y) => Math.hypot(x[0] - y[0], x[1] - y[1]) < 12),
    overlaps: both(names, (x, y) => x.left + 1 < y.right && y.left + 1 < x.right && x.top + 3 < y.bottom && y.top + 3 < x.bottom),
    outside: names.filter((x) => x.left < all.left - 1 || x.right > all.right + 1 || x.bottom > all.bottom + 1).length,
  };
}"""


def make_network(size: int) -> list[dict[str, Any]]:
    """Articles that tie organisations to few hubs, and a third of them in pairs that no other knows."""
    core = size * 2 // 3
    edges = [(n, n % max(1, n // 8) if n > 3 else 0) for n in range(1, core)] + [(n, n + 1) for n in range(core, size - 1, 2)]
    towns = ("Quarn", "Vessel", "Tolmin", "Ardel", "Brisko", "Keta", "Zuyder", "Gwent", "Pelvoux", "Istraka", "Yanbu", "Kazim", "Ruhr")
    names = [f"{towns[n % 13]} {towns[n // 13 % 13]} {towns[(n // 169 + n) % 13]}"[: 12 + n % 20].strip() + f" {n}" for n in range(size)]
    pairs = [(make_org("o1", names[a], type="company"), make_org("o2", names[b], type="ngo")) for a, b in edges]
    return [make_record(f"n{k}", orgs=pair, text=f"Report {k}: {pair[0]['name']}, {pair[1]['name']}") for k, pair in enumerate(pairs)]


@pytest.mark.parametrize("size", [5, 50, 500])
def test_network_is_spread_over_its_room(browser: Any, tmp_path: Path, size: int) -> None:
    address = write_out(tmp_path, make_network(size)).as_uri()
    for width in (1280, 390):
        drawings = []
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(address)
        for shown in ("500", "20", "500"):
            page.select_option("#network-size", shown)
            drawings.append(page.inner_html("#network-drawing"))
        found = page.evaluate(MEASURE)
        page.close()
        assert drawings[0] == drawings[2]
        assert found["dots"] >= size * 0.9
        assert found["border"] <= max(4, size * 0.05)
        assert found["close"] == found["overlaps"] == found["outside"] == 0, found
        assert found["names"] >= min(5, size) if width < 400 else found["names"] >= size * 0.4, found
