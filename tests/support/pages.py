"""The written pages, and the pieces of them that can be held against the truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct

CHECKOUT: Final = Path(__file__).parents[2]
EXAMPLE_POLICIES: Final = CHECKOUT / "docs" / "examples"

GAP: Final = "…"
"""Where a page leaves something out: within a line, or any number of lines."""

_FENCE: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`[^`\n]+`")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ +(.*)$", re.MULTILINE)


class Block(Struct, frozen=True):
    """One fenced block: its language (empty if none is named) and its text."""

    language: str
    text: str


def pages() -> list[Path]:
    """Return every Markdown page that we write, sorted."""
    folders = [page for name in ("docs", "deploy") for page in (CHECKOUT / name).rglob("*.md")]
    return sorted([*CHECKOUT.glob("*.md"), *folders])


def name(page: Path) -> str:
    """Return a page's path in the checkout."""
    return page.relative_to(CHECKOUT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """Yield a page's fenced blocks."""
    for found in _FENCE.finditer(page.read_text("utf-8")):
        indent = re.compile(f"^{found[1]}", re.MULTILINE)
        yield Block(found[2], indent.sub("", found[3]) if found[1] else found[3])


def prose(page: Path) -> str:
    """Return a page's text without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    """Return what the page links to: addresses, paths and anchors; code isn't a link."""
    return _LINK.findall(_CODE.sub("", prose(page)))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = (found[1].lower().replace("`", "") for found in _HEADING.finditer(prose(page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def unlike(shown: str, real: str) -> str | None:
    """Return the first line shown that is not in the output at that place, if there is one."""
    lines = iter(real.splitlines())
    anywhere = False
    for line in shown.splitlines():
        if line.strip() == GAP:
            anywhere = True
            continue
        like = re.compile(".*".join(map(re.escape, line.split(GAP))))
        candidates = lines if anywhere else islice(lines, 1)
        if not any(like.fullmatch(each) for each in candidates):
            return line
        anywhere = False
    return None
