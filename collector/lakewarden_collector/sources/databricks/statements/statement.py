"""One SQL statement that only reads, and what it answers."""

from __future__ import annotations

from msgspec import Struct

from lakewarden_collector.sources.databricks.statements.tokens import check_reads_only


class Parameter(Struct, frozen=True, kw_only=True):
    """A named parameter; the marker in the text is `:name`."""

    name: str
    value: str
    type: str = "STRING"


class Statement(Struct, frozen=True, kw_only=True):
    """One SELECT or one DESCRIBE; `ValueError` for any other text.

    Names come into the text by `quoting`, values as parameters. `kind` is a word for counting and
    for the query tag, such as `describe_detail`. `large` asks for external links, for answers that
    may exceed the 25 MiB of an inline one.
    """

    text: str
    kind: str
    parameters: tuple[Parameter, ...] = ()
    large: bool = False

    def __post_init__(self) -> None:
        check_reads_only(self.text)


class Rows(Struct, frozen=True, kw_only=True):
    """A statement's answer: every value is text or None, arrays and maps are JSON text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]

    def mappings(self) -> list[dict[str, str | None]]:
        """Return each row as a mapping from column name to value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]
