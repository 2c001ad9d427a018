"""What one table of the demo lakehouse is, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Making = Literal["delta", "parquet", "nothing", "broken_log", "no_table"]
"""How a table comes about: a Delta table; Parquet files without a log; nothing on disk (a view);
a Delta table whose log is then cut off; a folder with files that make no table."""

Columns = tuple[tuple[str, str], ...]
"""Column names with a kind of content that `rows` knows."""


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """One table: what it shows to the reader of a report, and what to make it from.

    `shows` completes the sentence "This table is …". `rows` is the number of rows of each write;
    with `writes` above one, `replace` says whether a write replaces the rows before it or adds to
    them. `keys` are the clustering keys, each a tuple of name parts; None declares no clustering.
    `table_type`, `data_source_format` and `owner` are what a catalog would say about the table; an
    `owner` of None is one that it does not say. `comment` is the table's comment, where that is not
    what it shows; `column_comments` are those that differ from the glossary's, by name of the
    column. An empty comment is none.
    """

    full_name: str
    shows: str
    columns: Columns
    rows: int
    owner: str | None
    making: Making = "delta"
    table_type: str = "MANAGED"
    data_source_format: str = "DELTA"
    comment: str | None = None
    column_comments: tuple[tuple[str, str], ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, ...], ...] | None = None
    partition_by: str | None = None
    writes: int = 1
    replace: bool = False

    @property
    def folder(self) -> str:
        """The table's place below the lakehouse's root: `<catalog>/<schema>/<table>`."""
        return self.full_name.replace(".", "/")

    @property
    def description(self) -> str:
        """The table's comment; empty for none."""
        return f"Shows a table that is {self.shows}." if self.comment is None else self.comment
