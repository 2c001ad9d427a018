"""The HTML report over thousands of tables in a real browser: few rows are drawn at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lakewarden.model.waiver import WaiverState
from tests.support import histories, insights, reports
from tests.support.estates import Estate
from tests.support.html_page import rendered

pytestmark = pytest.mark.browser

TABLES = 2_000
MOST_NODES = 5_000


def crowded() -> reports.Sample:
    """Return a report with much of everything that a page lists."""
    sample = reports.sample(0, failures=90)
    sample.policies, sample.rows = Estate(0).policies, list(Estate(TABLES).tables())
    sample.summary = reports.summarise(sample.rows, sample.policies)
    sample.waivers = tuple(
        reports.waiver_status(state, expires=f"2026-{month + 1:02}-01", table=f"a.b.c{number}")
        for number, (state, month, _) in enumerate(product(WaiverState, range(12), range(20)))
    )
    sample.promises = reports.promises()
    return histories.with_history(insights.with_insight(sample), runs=1_000)


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path: Path = tmp_path_factory.mktemp("long") / "report.html"
    path.write_text(rendered(crowded()), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto(path.as_uri())
    opened.locator("html[data-tables=ready]").wait_for()
    opened.evaluate(WATCH)
    yield opened
    opened.close()


WATCH = """
() => {
  const count = () => {
    const walk = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
    let number = 0;
    while (walk.nextNode()) number += 1;
    window.most = Math.max(window.most ?? 0, number);
  };
  new MutationObserver(count).observe(document, {childList: true, subtree: true});
  count();
}
"""


def elements(page: Page) -> int:
    """Return the most nodes that the page had at any time since this was last asked."""
    page.evaluate("new Promise((done) => setTimeout(done))")
    number: int = page.evaluate("() => { const most = window.most; window.most = 0; return most; }")
    return number


def positions(page: Page) -> list[int]:
    """Return the drawn rows' numbers, in the order of the document."""
    found: list[int] = page.evaluate(
        "[...document.querySelectorAll('#table-list > .row')]"
        ".map((row) => Number(row.getAttribute('aria-posinset')))"
    )
    return found


def scroll(page: Page, top: str) -> None:
    """Scroll to a place, and wait until the rows there are drawn and measured."""
    page.evaluate(f"scrollTo({{top: {top}, behavior: 'instant'}})")
    for _ in range(3):
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def test_a_browser_never_holds_many_nodes(page: Page) -> None:
    """Hundreds of thousands of them took it half a minute to open a report."""
    assert elements(page) < MOST_NODES
    page.locator("#by-q").fill("0")
    assert elements(page) < MOST_NODES
    page.locator("#by-q").fill("")
    page.get_by_role("button", name="Expand all").click()
    page.locator("#table-list .decision").first.wait_for()
    for share in (0.2, 0.5, 0.9):
        scroll(page, f"document.body.scrollHeight * {share}")
        page.locator("#table-list .body").first.wait_for()
        assert elements(page) < MOST_NODES
    page.get_by_role("button", name="Collapse all").click()
    expect(page.locator("#table-list .body")).to_have_count(0)
    page.locator("#by-q").fill("orders_raw_1")
    page.evaluate(
        "for (const each of ['before', 'after']) dispatchEvent(new Event(`${each}print`))"
    )
    elements(page)  # paper has no window, and more nodes
    page.locator("#by-q").fill("")
    assert elements(page) < MOST_NODES


def test_every_row_comes_into_view_in_its_order(page: Page) -> None:
    page.locator("#table-list .row summary").first.focus()
    page.keyboard.press("End")
    expect(page.locator(":focus")).to_be_in_viewport()
    assert positions(page)[-1] == TABLES
    scroll(page, "document.body.scrollHeight / 2")
    drawn = positions(page)
    assert drawn == sorted(set(drawn))
    assert 1 < drawn[0] < drawn[-2] < TABLES - 1
    page.keyboard.press("Home")
    expect(page.locator(":focus")).to_be_in_viewport()
    assert positions(page)[0] == 1


def test_the_focus_stays_when_its_row_leaves_the_view(page: Page) -> None:
    """Anyone who reads by keyboard would start again at the top of the page."""
    row = page.locator("#table-list .row summary").nth(3)
    row.focus()
    name = page.evaluate("document.activeElement.closest('.row').dataset.name")
    scroll(page, "document.body.scrollHeight")
    assert page.evaluate("document.activeElement.closest('.row').dataset.name") == name
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_be_in_viewport()
    place = "Number(document.activeElement.closest('.row').getAttribute('aria-posinset'))"
    assert page.evaluate(place) == 5


def test_a_screen_reader_hears_how_long_the_list_is(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    found = session.send("DOM.querySelector", {"nodeId": root, "selector": "#table-list"})
    about = {"nodeId": found["nodeId"]}
    items = session.send("Accessibility.queryAXTree", {**about, "role": "listitem"})["nodes"]
    lists = session.send("Accessibility.queryAXTree", {**about, "role": "list"})["nodes"]
    assert lists
    assert len(items) >= page.locator("#table-list > .row").count() > 0
    sizes = {property_["value"]["value"] for each in items for property_ in each["properties"]
             if property_["name"] == "setsize"}  # fmt: skip
    assert sizes <= {TABLES}
    assert page.locator("#table-list > .row").first.get_attribute("aria-setsize") == str(TABLES)
