"""The first screen in a real browser: anyone who sees it for the first time knows what to do.

In ten seconds one finds how we stand, in twenty what comes first. What has to be above the fold for
that is measured here; whether it looks right, `make screenshots` shows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from lakewarden.renderers.words.table_scan import survey
from lakewarden.report.summary import owner_group
from lakewarden.report.weight import Heaviest, failed_decisions, heaviest_first, heaviest_loads
from tests.integration.browser.conftest import Opener
from tests.support import overviews
from tests.support.html_page import rendered

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page that has everything on its first screen."""
    path = tmp_path_factory.mktemp("first") / "report.html"
    path.write_text(rendered(overviews.full()), encoding="utf-8")
    return path


def bottom(page: Page, selector: str) -> float:
    """Return where an element ends, in pixels from the top of the page."""
    found: float = page.locator(selector).first.evaluate(
        "(each) => each.getBoundingClientRect().bottom + scrollY"
    )
    return found


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")]
)
def test_axe_finds_nothing(opened: Opener, viewport: dict[str, int], scheme: str) -> None:
    """Also in what is closed at first."""
    page = opened(**viewport, color_scheme=scheme)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []


def test_a_screen_shows_how_we_stand_what_comes_first_and_whose_it_is(opened: Opener) -> None:
    page = opened(**DESKTOP)
    for selector in ("h1", ".open-points", ".tiles", ".do-first li:nth-child(4)", ".owners"):
        assert bottom(page, selector) <= DESKTOP["height"], selector
    expect(page.get_by_role("heading", level=1)).to_contain_text("break a mandatory policy.")
    expect(page.locator(".do-first li")).to_have_count(5)
    expect(page.locator(".to-top")).to_be_hidden()
    sizes = page.evaluate(
        "['.is-non_compliant .big', '.is-undecided .big', '.is-unread .big'].map((each) =>"
        " getComputedStyle(document.querySelector(each)).fontSize)"
    )
    assert len(set(sizes)) == 1  # what isn't known is as loud as what is broken


def test_a_phone_shows_the_first_thing_to_do_and_then_the_owners(opened: Opener) -> None:
    page = opened(**PHONE)
    assert bottom(page, "h1") < PHONE["height"] / 3
    assert bottom(page, ".do-first li") <= PHONE["height"]
    assert bottom(page, ".owners li") <= 2 * PHONE["height"]


def test_texts_of_any_length_leave_the_first_screen_a_screen(
    browser: Browser, tmp_path: Path
) -> None:
    sample = overviews.full(20)
    long = "x" * 10_000
    sample.run = structs.replace(sample.run, scope=long)
    sample.rows = [structs.replace(row, owner=long, name=long) for row in sample.rows]
    path = tmp_path / "report.html"
    path.write_text(rendered(sample, owner=long), encoding="utf-8")
    page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]  # a TypedDict of the same shape
    page.goto(path.as_uri())
    assert bottom(page, ".do-first") < 1.6 * DESKTOP["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == DESKTOP["width"]
    page.context.close()


def test_the_sql_is_copied_as_it_is_shown(opened: Opener) -> None:
    page = opened(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    shown = page.locator("#do-1").text_content()
    page.locator("[data-copy=do-1]").click()
    expect(page.locator("[data-copy=do-1]")).to_have_text("Copied")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert shown is not None
    assert shown.startswith("ALTER TABLE ")
    assert shown.endswith(" CLUSTER BY AUTO;")


def test_the_side_bar_leads_to_every_section_and_keeps_the_address(opened: Opener) -> None:
    page = opened(**DESKTOP)
    links = page.get_by_role("navigation", name="Sections").get_by_role("link")
    address = page.evaluate("location.hash = '#q=orders', location.hash")
    for number in range(links.count()):
        link = links.nth(number)
        link.click()
        target = page.locator(f"[id='{link.get_attribute('href', timeout=1000)[1:]}']")  # type: ignore[index]  # a link has it
        expect(target).to_be_focused()
        expect(target).to_be_in_viewport()
    assert page.evaluate("location.hash") == address
    page.locator(".to-top").click()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(links.first).to_have_attribute("aria-current", "location")


def test_an_owners_link_shows_their_numbers_and_what_they_do_first(opened: Opener) -> None:
    sample = overviews.full()
    owner, load = heaviest_loads(survey(sample, keep=1).loads_by_owner)[0]
    page = opened(**DESKTOP)
    page.locator(".owners a").first.click()
    summary = page.locator("#owner-summary")
    expect(summary.get_by_role("heading", name=owner)).to_be_visible()
    tables = sample.summary.by_owner[owner].tables
    expect(summary).to_contain_text(f"{load.broken.tables} of {tables} tables break a mandatory")
    expect(summary.locator(".tasks li")).to_have_count(3)
    mine = Heaviest(1, heaviest_first)
    index = {policy.policy_id: policy for policy in sample.policies}
    for row in sample.rows:
        if owner_group(row.owner) == owner:
            mine.add(failed_decisions(row, index))
    first = mine.ordered()[0].table
    expect(summary.locator(".tasks a").first).to_have_text(first.full_name)
    expect(summary.locator(".tasks code").first).to_have_text(
        f"ALTER TABLE {first.name} CLUSTER BY AUTO;"
    )
    page.get_by_role("button", name="Clear").click()
    expect(summary).to_be_hidden()


def test_without_a_script_the_first_screen_and_the_pictures_are_there(opened: Opener) -> None:
    page = opened(**DESKTOP, java_script_enabled=False)
    expect(page.locator(".do-first li")).to_have_count(5)
    expect(page.locator("[data-copy]").first).to_be_hidden()
    expect(page.locator(".picture")).to_have_count(4)


def test_pictures_have_their_figures_as_a_table_and_bounds(opened: Opener) -> None:
    page = opened(**DESKTOP)
    for picture in page.locator(".picture").all():
        picture.locator(".data > summary").click()
        expect(picture.locator(".data tbody tr").first).to_be_visible()
        expect(picture.locator(".data table")).to_be_visible()
    assert page.locator("#pictures *").count() < 1500
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_paper_has_the_proofs_and_no_controls(opened: Opener) -> None:
    page = opened(**DESKTOP, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 35, 46)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for hidden in ("nav", ".to-top", ".copy"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".policies .remedy").first).to_be_visible()
    expect(page.locator(".picture table").first).to_be_visible()
    assert page.pdf().startswith(b"%PDF")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".policies .remedy").first).to_be_hidden()
