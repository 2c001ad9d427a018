"""The page's insight in a real browser: readable on a phone and a screen, and leading on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lakewarden.model.insight import Insight
from lakewarden.renderers.words.wording import visible
from tests.integration.browser.conftest import Opener
from tests.support import insights, reports

pytestmark = pytest.mark.browser

SAMPLE = insights.with_insight(reports.sample(40, names=reports.HOSTILE_NAMES))
PHONE, DESKTOP = 375, 1280


def insight() -> Insight:
    assert SAMPLE.insight is not None
    return SAMPLE.insight


def rows(page: Page) -> list[list[float]]:
    """Return left edge and top of each cell of the first what-if row, in pixels."""
    found: list[list[float]] = page.evaluate(
        "[...document.querySelector('.insight .figures tbody tr').cells]"
        ".map((cell) => cell.getBoundingClientRect()).map((box) => [box.left, box.top])"
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_it_can_be_read_at_any_width(opened: Opener, width: int, scheme: str) -> None:
    """A director opens it on a phone: no card may be cut, and no text be tiny."""
    page = opened(width=width, color_scheme=scheme)
    section = page.get_by_role("region", name="Insights")
    expect(section).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for heading in ("How much is governed", "Exceptions", "What if the threshold were different?"):
        expect(section.get_by_role("heading", name=heading)).to_be_visible()
    cut = page.evaluate(
        "[...document.querySelectorAll('.insight *')].filter((each) =>"
        " each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline'"
        ").map((each) => each.outerHTML)"
    )
    assert cut == []
    small = page.evaluate(
        "[...document.querySelectorAll('.insight *')]"
        ".filter((each) => parseFloat(getComputedStyle(each).fontSize) < 13).length"
    )
    assert small == 0


def test_figures_stand_side_by_side_on_a_screen_and_below_each_other_on_a_phone(
    opened: Opener,
) -> None:
    wide, narrow = rows(opened(width=DESKTOP)), rows(opened(width=PHONE))
    assert len({top for _, top in wide}) == 1
    assert len({left for left, _ in wide}) == len(wide)
    assert len({left for left, _ in narrow}) == 1
    assert len({top for _, top in narrow}) == len(narrow)


def test_a_figure_on_a_phone_says_what_it_counts(opened: Opener) -> None:
    """The heads of the columns are not there."""
    page = opened(width=PHONE)
    labels = page.evaluate(
        "[...document.querySelector('.insight .figures tbody tr').querySelectorAll('td')]"
        ".map((cell) => getComputedStyle(cell, '::before').content)"
    )
    assert labels == ['"Failing tables"', '"Exempt"', '"Unknown"', '"Change"']


def test_the_largest_table_leads_to_its_proof(opened: Opener) -> None:
    page = opened()
    name = visible(insight().lacking[0].largest[0].full_name, keep="\n")
    page.locator(".largest").get_by_role("link", name=name, exact=True).click()
    assert page.evaluate("document.activeElement.closest('.row').dataset.name") == name
    assert page.evaluate("document.activeElement.parentElement.open")


def test_a_policy_leads_to_the_tables_that_it_exempts(opened: Opener) -> None:
    page = opened()
    section = page.get_by_role("region", name="Insights")
    section.locator(".chart").get_by_role("link", name="Large tables").click()
    expect(page.get_by_label("Outcome", exact=True)).to_have_value("exempt")
    number = insight().exempted[0].total.tables
    expect(page.locator("#shown")).to_have_text(f"{number} of 48 tables.")


def test_it_needs_no_script(opened: Opener) -> None:
    page = opened(java_script_enabled=False)
    section = page.get_by_role("region", name="Insights")
    expect(section.get_by_text("current settings")).to_be_visible()
    expect(section.get_by_role("heading", name="Changes since")).to_be_visible()
