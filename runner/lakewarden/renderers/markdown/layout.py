"""Headings, paragraphs, lists and tables in Markdown, of bounded length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TextIO

from lakewarden_collector.counted import counted

ROOM: Final = 25_000
"""Bytes of one list or table. A page has some twenty, and a GitHub job summary ends at 1 MiB."""

ROWS: Final = 10
"""Rows and items that are shown where not all have to be; the rest is counted."""

BUDGET: Final = 12_000
"""Bytes of a page that people read in a pull request. Where it is longer, blocks get fewer rows."""

_LEAST_ROOM: Final = 700
"""Bytes of one list or table beyond its first row, for each row of a page that is too long."""


def fitting(page: Callable[[int], str], *, least: int = 1) -> str:
    """Return a page within the budget; `page` writes it with blocks of at most so many rows.

    With `least` rows, it may be longer.
    """
    text = ""
    for rows in range(ROWS, least - 1, -1):
        text = page(rows)
        if len(text.encode("utf-8", "surrogatepass")) <= BUDGET:
            break
    return text


class MarkdownSheet:
    """Writes blocks with an empty line between them; what it is given has been escaped."""

    def __init__(self, out: TextIO, *, rows: int = ROWS) -> None:
        self._out = out
        self._begun = False
        self._rows = rows

    def heading(self, level: int, text: str) -> None:
        """Begin a section."""
        self.line(f"{'#' * level} {text}")

    def line(self, text: str) -> None:
        """Write a paragraph of one line."""
        self._out.write("\n" * self._begun + f"{text}\n")
        self._begun = True

    def items(self, items: Iterable[str], total: int, thing: str, *, rows: int = ROWS) -> None:
        """Write a list; of `total` things, those are counted for which there is no room."""
        self._block("", (f"- {item}\n" for item in items), total, thing, rows)

    def table(
        self,
        head: Sequence[str],
        lines: Iterable[Sequence[str]],
        total: int,
        thing: str,
        *,
        rows: int | None = ROWS,
    ) -> None:
        """Write a table; a column whose head ends in `>` is set to the right.

        `rows` is how many a long page has; None stands for all, whatever the page's length.
        """
        names = " | ".join(name.removesuffix(">") for name in head)
        rules = " | ".join("---:" if name.endswith(">") else "---" for name in head)
        self._block(
            f"| {names} |\n| {rules} |\n",
            (f"| {' | '.join(line)} |\n" for line in lines),
            total,
            thing,
            rows,
        )

    def _block(
        self, head: str, lines: Iterable[str], total: int, thing: str, rows: int | None
    ) -> None:
        shown, used = 0, 0
        few = ROOM if rows is None or self._rows == ROWS else _LEAST_ROOM * self._rows
        rows = total if rows is None else -(-rows * self._rows // ROWS)
        written = [head]
        for line in lines:
            used += len(line.encode("utf-8", "surrogatepass"))
            if shown == rows or used > (few if shown else ROOM):
                break
            written.append(line)
            shown += 1
        if shown:
            self.line("".join(written).rstrip("\n"))
        if shown < total:
            what = f"more {thing}" if shown else thing
            self.line(f"{'… and ' if shown else ''}{counted(total - shown, what)}")
