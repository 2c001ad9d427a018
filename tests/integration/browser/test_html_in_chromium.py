"""The HTML report in a real browser: it holds its width, filters, sorts, links and stays safe."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from lakewarden.model.report import TableReport
from lakewarden.renderers.words.wording import visible
from tests.integration.browser.conftest import Opener
from tests.support import reports

pytestmark = pytest.mark.browser

SAMPLE = reports.sample(40, names=reports.HOSTILE_NAMES)
CATALOGUE = {policy.policy_id: policy for policy in SAMPLE.policies}


def listed(page: Page) -> list[str]:
    """Return the names of the tables that can be seen, in their order."""
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('.row')].filter((row) => row.checkVisibility())"
        ".map((row) => row.dataset.name)"
    )
    return names


def names(tables: Sequence[TableReport]) -> list[str]:
    return sorted(visible(table.full_name, keep="\n") for table in tables)


def open_everything(page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_overflows_the_page(opened: Opener, width: int, scheme: str) -> None:
    """A name of 300 characters must not push the figures off a phone's screen."""
    page = opened(width=width, color_scheme=scheme)
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wide = page.evaluate(
        "[...document.querySelectorAll('body *')].filter((each) => !each.closest('.skip') &&"
        " each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML)"
    )
    assert wide == []


CONTRAST = """
() => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  const context = canvas.getContext("2d", {willReadFrequently: true});
  const rgb = (layers) => {
    context.clearRect(0, 0, 1, 1);
    for (const layer of layers) { context.fillStyle = layer; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => {
    const [r, g, b] = color.map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const poor = [];
  let seen = 0;
  for (const each of document.querySelectorAll("body *")) {
    const text = [...each.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!text || !each.checkVisibility() || each.closest("script, style, .skip")) continue;
    seen += 1;
    const layers = [];
    for (let up = each; up; up = up.parentElement) {
      layers.unshift(getComputedStyle(up).backgroundColor);
    }
    const behind = rgb(["white", ...layers]);
    const front = rgb([`rgb(${behind})`, getComputedStyle(each).color]);
    const [low, high] = [light(behind), light(front)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) poor.push(`${contrast.toFixed(2)} ${each.className}: ${each.textContent}`);
  }
  return {poor: [...new Set(poor)], seen};
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(opened: Opener, scheme: str) -> None:
    """WCAG AA asks for a contrast of 4.5."""
    page = opened(color_scheme=scheme)
    open_everything(page)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(246, 246, 243)", "dark": "rgb(19, 22, 27)"}[scheme]
    found = page.evaluate(CONTRAST)
    assert found["poor"] == []
    assert found["seen"] > 500


def test_search_lists_what_holds_every_word(opened: Opener) -> None:
    page = opened()
    everything = listed(page)
    assert sorted(everything) == names(SAMPLE.rows)
    page.get_by_label("Search name, owner or definition").fill("FINANCE invoices_00013")
    assert listed(page) == ["analytics.finance.invoices_00013"]
    expect(page.locator("#shown")).to_have_text("1 of 48 tables.")
    page.get_by_label("Search name, owner or definition").fill("no such table")
    assert listed(page) == []
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#shown")).to_have_text("48 tables.")
    assert listed(page) == everything


def test_sorting_by_a_column_and_back(opened: Opener) -> None:
    page = opened()
    worst_first = listed(page)
    sizes = {visible(t.full_name, keep="\n"): t.size.get("bytes", -1) for t in SAMPLE.rows}

    page.get_by_role("button", name="Size").click()
    assert [sizes[name] for name in listed(page)] == sorted(sizes.values(), reverse=True)
    page.get_by_role("button", name="Size").click()
    assert [sizes[name] for name in listed(page)] == sorted(sizes.values())
    assert page.get_by_role("button", name="Size").get_attribute("aria-pressed") == "true"

    page.get_by_role("button", name="Table").click()
    ordinary = [name for name in listed(page) if name.startswith("main.sales.orders_")]
    assert ordinary == sorted(ordinary)
    assert listed(page)[0].startswith("analytics.")

    page.get_by_role("button", name="Owner").click()
    owners = page.locator(".row .owner").all_inner_texts()
    assert len(owners) == len(SAMPLE.rows)
    assert owners == sorted(owners)

    page.get_by_role("button", name="Worst failure").click()
    first = page.locator(".row .severity").all_inner_texts()
    ranks = ["critical", "high", "medium", "low", "info", ""]
    assert [ranks.index(each) for each in first] == sorted(ranks.index(each) for each in first)

    page.get_by_role("button", name="Status").click()
    assert listed(page) == worst_first


@pytest.mark.parametrize("table", [*SAMPLE.rows[-len(reports.HOSTILE_NAMES) :], SAMPLE.rows[0]])
def test_a_link_opens_its_table(opened: Opener, table: TableReport) -> None:
    """A link in a ticket must lead to the very table, whatever its name."""
    name = visible(table.full_name, keep="\n")
    page = opened(f"#table={quote(name, safe='')}")
    assert page.evaluate("document.activeElement.closest('.row').dataset.name") == name
    assert page.evaluate("document.activeElement.parentElement.open")
    assert "owned" not in page.title()
    expect(page.locator(":focus")).to_be_in_viewport()


def test_the_address_keeps_filters_order_and_table(opened: Opener) -> None:
    page = opened()
    page.get_by_label("Owner", exact=True).select_option("data-platform")
    page.get_by_label("Search name, owner or definition").fill("0")
    page.get_by_role("button", name="Size").click()
    page.get_by_role("button", name="Size").click()
    page.locator(".row:visible summary").nth(1).click()
    chosen, address = listed(page), page.evaluate("location.hash")
    assert len(chosen) > 2
    again = opened(address)
    assert listed(again) == chosen
    assert again.evaluate("document.activeElement.closest('.row').dataset.name") == chosen[1]


def test_a_link_to_a_table_that_is_not_listed_says_so(opened: Opener) -> None:
    page = opened("#table=main.sales.gone")
    expect(page.locator("#shown")).to_have_text("main.sales.gone isn't in the list below.")
    expect(page.locator("#shown")).to_be_in_viewport()


def test_a_tile_and_a_chart_lead_to_their_tables(opened: Opener) -> None:
    page = opened()
    page.locator(".tile.is-non_compliant a").click()
    expect(page.get_by_label("Status")).to_have_value("non_compliant")
    number = SAMPLE.summary.tables_by_status["non_compliant"]
    assert len(listed(page)) == number
    page.get_by_role("link", name="none", exact=True).click()
    expect(page.get_by_label("Status")).to_have_value("")
    assert len(listed(page)) == SAMPLE.summary.by_fact["clustering.strategy"]["none"].tables
    expect(page.get_by_role("heading", name="Tables", exact=True)).to_be_in_viewport()


def test_the_keyboard_is_enough(opened: Opener) -> None:
    page = opened()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.locator("#sorting button").last.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is True
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_headings_and_labels_are_in_order(opened: Opener) -> None:
    """Screen readers go by them."""
    page = opened()
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3')].map((each) => Number(each.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input, select')].filter((each) => !each.labels.length)"
        ".length"
    )
    assert unnamed == 0
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_page_can_be_read_without_a_script(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#sorting")).to_be_hidden()
    expect(page.locator(".row")).to_have_count(len(SAMPLE.rows))
    page.locator(".row summary").first.click()
    expect(page.locator(".row .body .badge").first).to_be_visible()


def test_hostile_names_are_shown_as_they_are(opened: Opener) -> None:
    page = opened()
    assert "owned" not in page.title()
    rows = page.locator("#table-list")
    expect(rows.get_by_text("<script>document.title='owned'</script>").first).to_be_visible()


def test_print_leaves_the_controls_out(opened: Opener) -> None:
    page = opened()
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#sorting")).to_be_hidden()
    expect(page.locator(".row").first).to_be_visible()
