"""An owner's page in a real browser, as it is sent around: theirs alone, and complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from lakewarden.renderers.owners.split import split_by_owner
from tests.integration.browser.conftest import Opener
from tests.integration.browser.test_html_in_chromium import listed, names
from tests.support import overviews, reports

pytestmark = pytest.mark.browser

OWNER = "data-platform"


@pytest.fixture(scope="module")
def sample() -> reports.Sample:
    return overviews.full(30)


@pytest.fixture(scope="module")
def report_file(sample: reports.Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("owners")
    split_by_owner(sample, folder, folder / "report.json")
    return folder / f"{OWNER}.html"


def test_an_owner_reads_what_is_theirs_and_what_to_do(
    opened: Opener, sample: reports.Sample
) -> None:
    page = opened()
    theirs = [row for row in sample.rows if row.owner == OWNER]
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{OWNER}: ")
    assert sorted(listed(page)) == names(theirs)
    tasks = page.locator(".do-first li")
    assert 0 < tasks.count() <= 5
    first = tasks.first.locator(".full-name")
    assert first.inner_text() in {row.full_name for row in theirs}
    expect(tasks.first.locator("code")).to_contain_text("ALTER TABLE ")
    first.click()
    expect(page.locator(".row.linked .fix").first).to_be_visible()
    for absent in ("#trend", ".insight", ".owners"):
        expect(page.locator(absent)).to_have_count(0)
    expect(page.locator(".gate")).to_contain_text("This page has the tables of one owner alone.")
    for link in page.get_by_role("navigation", name="Sections").get_by_role("link").all():
        target = (link.get_attribute("href") or "")[1:]
        expect(page.locator(f"[id='{target}']")).to_have_count(1)
