"""Take pictures of an HTML report: `python -m tests.integration.browser.screenshots IN OUTDIR`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from tests.integration.browser import chromium

_Scheme = Literal["light", "dark"]
SHOTS: tuple[tuple[str, int, _Scheme], ...] = (
    ("desktop-light", 1280, "light"),
    ("desktop-dark", 1280, "dark"),
    ("mobile-light", 375, "light"),
)


def main(report: Path, folder: Path) -> int:
    """Write the pictures and print their paths, each alone on its line."""
    path = chromium.executable()
    if path is None:
        print("no Chromium found: install it, for example by `apt-get install chromium`")  # noqa: T201 -- a command's output
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    with chromium.browser(path) as browser:
        for name, width, scheme in SHOTS:
            size = {"width": width, "height": 900}
            page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]  # a TypedDict of the same shape
            page.goto(report.resolve().as_uri())
            for part, opened in (("", False), ("-opened", True)):
                if opened:
                    page.evaluate(
                        "for (const one of ['.policies details', '.row details'])"
                        " document.querySelector(one).open = true"
                    )
                target = folder / f"report-{name}{part}.png"
                page.screenshot(path=target, full_page=opened)
                print(target)  # noqa: T201 -- a command's output
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
