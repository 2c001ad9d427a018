"""The INSERT that fills a table, made from what `DESCRIBE TABLE` says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from lakewarden_collector.sources.databricks.statements.quoting import quote
from tests.factory.values import expression, partition_expression

Row = Mapping[str, str | None]
"""A row of `DESCRIBE TABLE`: `col_name`, `data_type`, and `comment`, which is not looked at."""

_PARTITIONS: Final = "# Partition Information"


class Column(NamedTuple):
    """A column as `DESCRIBE TABLE` has it."""

    name: str
    type_text: str
    partition: bool


def columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    """Return the columns; the sections that follow them (`# Partition Information`) are none.

    A heading, and the blank row that may stand before it, has no type.
    """
    reported = [(row["col_name"] or "", row["data_type"] or "") for row in rows]
    ending = next((place for place, (_, kind) in enumerate(reported) if not kind), len(reported))
    partitions: set[str] = set()
    section = ""
    for name, kind in reported[ending:]:
        if not kind:
            section = name or section
        elif section == _PARTITIONS and not name.startswith("# "):
            partitions.add(name)
    return tuple(Column(name, kind, name in partitions) for name, kind in reported[:ending])


def insert(table: str, found: Sequence[Column], rows: int) -> str:
    """Return the statement that adds so many rows; `table` is its name in SQL.

    Raises `UnknownTypeError` for a column whose type no value is known of.
    """
    names = ", ".join(quote(column.name) for column in found)
    values = ", ".join(
        (partition_expression if column.partition else expression)(column.name, column.type_text)
        for column in found
    )
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM range({rows})"  # noqa: S608 -- names are quoted
