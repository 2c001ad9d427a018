"""One SQL statement that only reads, and what it answers."""

from __future__ import annotations

from msgspec import Struct, structs

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
    exceed the 25 MiB of an inline one.

    `sliced` is a text that answers about a part of the same rows, each row in one part alone: part
    `:slice` of `:slices`. For answers that are too large and have to come inline. An answer
    that lacks one of `columns` is none.
    """

    text: str
    kind: str
    parameters: tuple[Parameter, ...] = ()
    large: bool = False
    sliced: str = ""
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_reads_only(self.text)
        if self.sliced:
            check_reads_only(self.sliced)

    def slice(self, number: int, of: int) -> Statement:
        """Return the statement about one of so many parts; parts are counted from 0."""
        parts = (
            Parameter(name="slices", value=str(of), type="INT"),
            Parameter(name="slice", value=str(number), type="INT"),
        )
        return structs.replace(
            self, text=self.sliced, parameters=(*self.parameters, *parts), sliced="", large=False
        )


class Rows(Struct, frozen=True, kw_only=True):
    """A statement's answer: every value is text or None, arrays and maps are JSON text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]

    def mappings(self) -> list[dict[str, str | None]]:
        """Return each row as a mapping from column name to value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]
