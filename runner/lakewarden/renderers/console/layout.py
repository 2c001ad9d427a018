"""Lines and tables on a screen, or as plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Final, TextIO

from rich import box
from rich.cells import cell_len
from rich.containers import Lines
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

_RULED: Final = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
"""A heading with a line below it."""

_WORD: Final = re.compile(r"\s*(?:\d+(?:[.,]\d+)* )?\S+(?: \d+(?:,\d+)*(?=,|$))?\s*")
"""A word with the blanks around it, and with its number: `2.5 MiB`, `16 pass`, `none 20`."""

_INDENT: Final = 2
"""Of tables."""

_SHORT: Final = 4
"""This part of a line is a label, such as `at` before a path."""

_READABLE: Final = 100
"""Sentences take no more columns on a wide screen; tables do."""

_ROOM: Final = 20
"""A line has so many columns for text, however far it is indented."""

_PLAIN: Final = str.maketrans({"…": "...", "→": "->"})
"""Our own signs, for a terminal or a log that has only ASCII."""


class Sheet:
    """Text that is wrapped with its indentation on a screen and left alone elsewhere.

    A word that is longer than a line, such as a name or a path, stays whole: the terminal goes on
    in the next row, and copies it as one.
    """

    def __init__(self, *, screen: bool, ascii_only: bool = False) -> None:
        self.screen = screen
        self._ascii_only = ascii_only
        self._console = SafeConsole(
            file=StringIO(),
            force_terminal=screen,
            color_system="auto" if screen else None,
            width=None if screen else PIPED_WIDTH,
        )

    def own(self, text: str) -> str:
        """Return words of ours, in which there is no name, with the signs that `out` can show."""
        return text.translate(_PLAIN) if self._ascii_only else text

    def line(
        self,
        text: str | Text = "",
        *,
        style: str = "",
        indent: int = 0,
        hang: int = 0,
        whole: int = 0,
    ) -> None:
        """Write one line; what doesn't fit goes on below it, indented by `hang` more.

        Its first `whole` characters, such as a name with blanks, stay together.
        """
        content = one_line(text if isinstance(text, Text) else Text(visible(text), style=style))
        for number, each in enumerate(self._broken(content, indent + hang, whole)):
            before = indent + hang if number else indent
            self._console.print(Text(" " * before) + each, soft_wrap=True)

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Write what belongs to each label beside it, indented."""
        wide = max((cell_len(visible(label)) for label, _ in pairs), default=0)
        for label, text in pairs:
            head = Text(visible(label))
            head.pad_right(wide - head.cell_len)
            for each in self._broken(Text(visible(text)), _INDENT + wide + _INDENT):
                self._console.print(
                    Text(" " * _INDENT) + head + Text(" " * _INDENT) + each, soft_wrap=True
                )
                head = Text(" " * wide)

    def figures(self, rows: Sequence[tuple[Text, Sequence[str]]]) -> None:
        """Write figures behind what they are about, in columns where there is room."""
        table = self.grid()
        for number in range(1 + max((len(figures) for _, figures in rows), default=0)):
            table.add_column(justify="right" if number else "left")
        for about, figures in rows:
            table.add_row(about, *figures)
        if self.fits(table):
            self.table(table)
            return
        for about, figures in rows:
            self.line(Text.assemble(about, f": {', '.join(figures)}"), indent=_INDENT)

    def _broken(self, content: Text, indent: int, whole: int = 0) -> Lines:
        """Return the lines of one text: as they fit the screen, or one where there is none."""
        if not self.screen:
            return Lines([content])
        room = max(min(self._console.width, _READABLE) - indent, _ROOM)
        lines = content.divide(_line_starts(content.plain, room, whole))
        for each in lines:
            each.rstrip()
        return lines

    def whole(self, text: str, *, style: str = "", indent: int = 0) -> None:
        """Write a line that is never broken, so that it can be copied."""
        content = Text(" " * indent) + Text(visible(text), style=style)
        self._console.print(content, soft_wrap=True)

    def sql(self, statement: str, *, indent: int) -> None:
        """Write a SQL statement on lines of its own, with its semicolon."""
        for line in f"{statement.strip()};".split("\n"):
            self.whole(line, style="cyan", indent=indent)

    def heading(self, text: str, *, style: str = "") -> None:
        """Begin a section."""
        self.line()
        self.line(text, style=f"bold underline {style}".strip() if self.screen else "")

    def grid(self, *columns: str) -> Table:
        """Return a table to fill; with a heading where a column has one."""
        rule = _RULED if self._ascii_only else box.SIMPLE_HEAD
        table = Table(box=rule if any(columns) else None, pad_edge=False)
        table.show_header = any(columns)
        table.show_edge = False
        # With a box, there is one blank more between columns.
        table.padding = (0, 1 if any(columns) else 2, 0, 0)
        return table

    def fits(self, table: Table) -> bool:
        """Whether a table, indented, is shown without breaking a line of it."""
        wide = self._console.measure(table).maximum
        return not self.screen or wide + _INDENT <= self._console.width

    def table(self, table: Table) -> None:
        """Write a table, indented."""
        self._console.print(Padding(table, (0, 0, 0, _INDENT), expand=False))

    def text(self) -> str:
        """Return everything written, without blanks at line ends."""
        stream = self._console.file
        written = stream.getvalue() if isinstance(stream, StringIO) else ""
        return "".join(f"{line.rstrip()}\n" for line in written.split("\n")[:-1])

    def more(self, total: int, thing: str, *, indent: int, shown: int = WORST) -> None:
        """Count what is not shown, where more than `shown` things are there."""
        if total > shown:
            rest = counted(total - shown, f"more {thing}")
            self.line(self.own(f"… and {rest}"), indent=indent)


def _line_starts(text: str, room: int, whole: int) -> list[int]:
    """Return where lines begin, but the first: between words, so that no line is too long."""
    starts, used = [], 0
    for word in _WORD.finditer(text):
        wide = cell_len(word[0].rstrip())
        behind_label = wide > room and used <= room // _SHORT  # it fits nowhere
        if used and used + wide > room and not behind_label and word.start() >= whole:
            starts.append(word.start())
            used = 0
        used += cell_len(word[0])
    return starts


def write_sheet(out: TextIO, fill: Callable[[Sheet], None]) -> None:
    """Write what `fill` puts on a sheet; with colours and wrapped only if `out` is a screen."""
    isatty: Callable[[], bool] | None = getattr(out, "isatty", None)
    encoding = getattr(out, "encoding", None) or "utf-8"
    sheet = Sheet(
        screen=isatty is not None and isatty(), ascii_only=not _can_write("…→─", encoding)
    )
    fill(sheet)
    out.write(sheet.text().encode(encoding, "backslashreplace").decode(encoding))


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
