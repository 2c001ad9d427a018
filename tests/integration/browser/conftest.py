"""One Chromium for all browser tests, and a page that notes whatever goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.integration.browser import chromium
from tests.support import insights, reports
from tests.support.html_page import rendered

Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.executable()
    if path is None:
        pytest.skip("no Chromium found: install it, for example by `apt-get install chromium`")
    with chromium.browser(path) as started:
        yield started


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page over forty plausible tables and those with hostile names."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    sample = reports.sample(40, names=reports.HOSTILE_NAMES)
    path.write_text(rendered(insights.with_insight(sample)), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, report_file: Path) -> Iterator[Opener]:
    """Open the page; at the end nothing may have gone wrong or been asked of any network."""
    pages: list[Page] = []
    trouble: list[str] = []

    def open_page(
        hash_: str = "", *, width: int = 1280, height: int = 900, **options: object
    ) -> Page:
        page = browser.new_page(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]  # passed on as they are
        page.set_default_timeout(5_000)
        pages.append(page)
        page.on("pageerror", lambda error: trouble.append(f"page error: {error}"))
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.split("#")[0] == report_file.as_uri() or request.url == "data:,"
                else trouble.append(f"request: {request.url}")
            ),
        )
        page.goto(f"{report_file.as_uri()}{hash_}")
        if options.get("java_script_enabled", True):
            page.locator("html[data-tables=ready]").wait_for()
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert trouble == []
