"""Take the docs' pictures: `python -m tests.integration.browser.screenshots REPORT.json OUTDIR`.

A picture shows nothing of the machine it was taken on: neither its paths nor its time.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from lakewarden.model.report import Report
from lakewarden.renderers.html.renderer import HtmlRenderer
from lakewarden.renderers.owners.split import split_by_owner
from lakewarden.report.recount import open_report
from tests.integration.browser import chromium

SCOPE = "demo lakehouse"
CLOCK = "2026-11-30T06:00:00Z"


class Shot(Struct, frozen=True):
    """A picture: its name, the window, the colours, the address within the page, what is taken."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    address: str = ""
    selector: str = ""
    """Of the element that is taken; the window where there is none."""
    owner: str = ""
    """Whose page it is; the whole report's where this is empty."""


SHOTS = (
    Shot("report", 1280, 840),
    Shot("report-dark", 1280, 840, "dark"),
    Shot("report-phone", 390, 844),
    Shot("report-pictures", 1280, 800, selector="#pictures"),
    Shot("report-table", 1280, 800, address="#table=prod.sales.returns"),
    Shot("report-table-dark", 1280, 800, "dark", address="#table=prod.sales.returns"),
    Shot("report-owner", 1280, 800, owner="finance-data"),
)


def main(file: Path, folder: Path) -> int:
    """Write the pictures and print their paths, each alone on its line."""
    path = chromium.executable()
    if path is None:
        print("no Chromium found: install it, for example by `apt-get install chromium`")  # noqa: T201 -- a command's output
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium.browser(path) as browser:
        pages = Path(scratch)
        _render(open_report(file), pages)
        for shot in SHOTS:
            size = {"width": shot.width, "height": shot.height}
            page = browser.new_page(
                viewport=size,  # type: ignore[arg-type]  # a TypedDict of the same shape
                color_scheme=shot.scheme,
                reduced_motion="reduce",
            )
            page_file = pages / f"{shot.owner or 'report'}.html"
            page.goto(f"{page_file.as_uri()}{shot.address}")
            page.locator("html[data-tables=ready]").wait_for()
            if shot.address:
                page.locator(".row.linked .body").wait_for()
            target = folder / f"{shot.name}.png"
            if shot.selector:
                page.locator(shot.selector).screenshot(path=target)
            else:
                page.screenshot(path=target)
            print(target)  # noqa: T201 -- a command's output
            page.close()
    return 0


def _render(report: Report, folder: Path) -> None:
    report.run = structs.replace(report.run, scope=SCOPE, clock=CLOCK)
    with (folder / "report.html").open("w", encoding="utf-8") as out:
        HtmlRenderer().render(report, out)
    split_by_owner(report, folder, folder / "report.json")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
