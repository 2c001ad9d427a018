"""Puts Spark's two-level names in the place of a statement's three-level ones.

sqlglot tells which names are tables, and where each stands. The text around them stays as it is,
so that Spark says what is wrong with it, and at which place. Of statements that sqlglot doesn't
read (OPTIMIZE, DESCRIBE DETAIL, some of ALTER) a name after certain words is a table. Columns are
left alone, but for those that begin with the full name of a table that the statement reads
(`main.sales.orders.id`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import sqlglot
from sqlglot import exp

from tests.workspace.spark_names import Names
from tests.workspace.spark_words import Item, Name, items, quoted

_BEFORE_A_TABLE: Final = (
    *("TABLE", "VIEW", "EXISTS", "FROM", "JOIN", "INTO", "OVERWRITE", "UPDATE", "USING", "IN"),
    *("CLONE", "REFERENCES", "DESCRIBE", "DESC", "DETAIL", "HISTORY", "EXTENDED", "FORMATTED"),
    *("OPTIMIZE", "VACUUM"),
)
"""Words that come before a table in statements that sqlglot doesn't read."""

_SCHEMA: Final = ("SCHEMA", "DATABASE")
_PLACE: Final = re.compile(r"line (\d+)(,? pos(?:ition)? )(\d+)")

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it does not read


@dataclass(frozen=True)
class Found:
    """The names of a statement: the tables it is about, the schemas, what to put in their place."""

    tables: tuple[Name, ...]
    schemas: tuple[Name, ...]
    columns: tuple[Name, ...]


@dataclass
class Rewritten:
    """A statement for Spark, and the way back from its places to those of the user's text."""

    text: str
    original: str
    edits: list[tuple[int, int, int]] = field(default_factory=list)
    """Of each replacement: where it begins in the original, its old and its new length."""

    def with_places(self, message: str) -> str:
        """Return a message with its `line 1, pos 14` counted in the user's text."""
        return _PLACE.sub(self._place, message)

    def _place(self, match: re.Match[str]) -> str:
        line, column = int(match[1]), int(match[3])
        starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        if not 0 < line <= len(starts):
            return match[0]
        offset = self._offset(starts[line - 1] + column)
        before = self.original[:offset]
        return f"line {before.count(chr(10)) + 1}{match[2]}{offset - (before.rfind(chr(10)) + 1)}"

    def _offset(self, offset: int) -> int:
        moved = 0
        for start, old, new in self.edits:
            if offset < start + moved:
                break
            if offset < start + moved + new:
                return start
            moved += new - old
        return offset - moved


def rewritten(sql: str, names: Names) -> Rewritten:
    """Return the statement with Spark's names in it."""
    found = find(sql)
    edits = [
        *((name, _table(names, name), 3) for name in found.tables),
        *((name, quoted(names.schema(*name.parts)), 2) for name in found.schemas),
        *((name, _table(names, name), 3) for name in found.columns),
    ]
    result = Rewritten(text="", original=sql)
    position = 0
    for name, text, parts in sorted(edits, key=lambda edit: edit[0].start):
        end = name.ends[parts - 1]
        result.text += sql[position : name.start] + text
        result.edits.append((name.start, end - name.start, len(text)))
        position = end
    result.text += sql[position:]
    return result


def find(sql: str) -> Found:
    """Return the three-level names of tables and the two-level names of schemas in a statement."""
    every = items(sql)
    names = [item for item in every if isinstance(item, Name)]
    read = _read_tables(sql)
    starts = set(_tables_by_words(every)) if read is None else read
    tables = tuple(name for name in names if name.start in starts and len(name.parts) == 3)
    known = {name.folded for name in tables}
    return Found(
        tables=tables,
        schemas=tuple(_schemas(every)),
        columns=tuple(
            name for name in names if name.start not in starts and name.folded[:3] in known
        ),
    )


def _read_tables(sql: str) -> set[int] | None:
    """Return where tables stand, as sqlglot reads the statement; None where it can't."""
    try:
        statement = sqlglot.parse_one(sql, read="databricks")
    except sqlglot.errors.SqlglotError:
        return None
    if statement.find(exp.Command):
        return None
    return {table.parts[0].meta["start"] for table in statement.find_all(exp.Table)}


def _tables_by_words(every: Sequence[Item]) -> Iterator[int]:
    for before, item in pairwise(every):
        if before.word in _BEFORE_A_TABLE:
            yield item.start


def _schemas(every: Sequence[Item]) -> Iterator[Name]:
    """Yield the two-level names that stand where a schema is expected."""
    head, kind = every[0].word if every else "", ""
    for before, item in pairwise(every):
        kind = before.word if before.word in (*_SCHEMA, "TABLE", "VIEW") else kind
        expected = (
            before.word in _SCHEMA
            or (before.word in ("EXISTS", "EXTENDED") and kind in _SCHEMA)
            or (head == "SHOW" and before.word in ("IN", "FROM"))
        )
        if expected and isinstance(item, Name) and len(item.parts) == 2:
            yield item


def _table(names: Names, name: Name) -> str:
    catalog, schema, table = name.parts[:3]
    return quoted(names.schema(catalog, schema), names.table(table))
