"""Lines and tables on a screen, or as plain text."""

from __future__ import annotations

from io import StringIO
from typing import Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lakewarden.renderers.safe_console import SafeConsole, one_line
from lakewarden.renderers.words.wording import visible
from lakewarden_collector.counted import counted

PIPED_WIDTH: Final = 1_000_000
"""Columns are never cut where nobody reads on a screen."""


WORST: Final = 10
"""How many tables, failures and values of a fact are shown; the rest is counted."""


class Sheet:
    """Text that is wrapped with its indentation on a screen and left alone elsewhere."""

    def __init__(self, *, screen: bool) -> None:
        self.screen = screen
        self._console = SafeConsole(
            file=StringIO(),
            force_terminal=screen,
            color_system="auto" if screen else None,
            width=None if screen else PIPED_WIDTH,
        )

    def line(self, text: str | Text = "", *, style: str = "", indent: int = 0) -> None:
        """Write one line."""
        content = one_line(text if isinstance(text, Text) else Text(visible(text), style=style))
        if self.screen:
            content.overflow = "fold"
            self._console.print(Padding(content, (0, 0, 0, indent)))
        else:
            self._console.print(Text(" " * indent) + content, soft_wrap=True)

    def heading(self, text: str) -> None:
        """Begin a section."""
        self.line()
        self.line(text, style="bold underline" if self.screen else "")

    def table(self, table: Table) -> None:
        """Write a table, indented."""
        self._console.print(Padding(table, (0, 0, 0, 2), expand=False))

    def text(self) -> str:
        """Return everything written, without blanks at line ends."""
        stream = self._console.file
        written = stream.getvalue() if isinstance(stream, StringIO) else ""
        return "".join(f"{line.rstrip()}\n" for line in written.split("\n")[:-1])

    def more(self, total: int, thing: str, *, indent: int) -> None:
        """Count what is not shown, where more than `WORST` things are there."""
        if total > WORST:
            self.line(f"… and {counted(total - WORST, f'more {thing}')}", indent=indent)
