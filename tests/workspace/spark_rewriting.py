"""Puts Spark's two-level names in the place of a statement's three-level ones.

Which names are tables is told by where they stand (after FROM, INTO, TABLE, DETAIL, …), not by the
shape of the statement. Columns are left alone, but for those that begin with the full name of a
table that the statement reads (`main.sales.orders.id`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.workspace.spark_names import Names
from tests.workspace.spark_words import Item, Name, Symbol, items, quoted

_BEFORE_A_TABLE: Final = frozenset(
    [
        "FROM",
        "JOIN",
        "INTO",
        "OVERWRITE",
        "TABLE",
        "VIEW",
        "UPDATE",
        "USING",
        "DETAIL",
        "HISTORY",
        "EXTENDED",
        "FORMATTED",
        "OPTIMIZE",
        "VACUUM",
        "CLONE",
        "REFERENCES",
    ]
)
_BEFORE_A_TABLE_IN: Final = {
    "CREATE": ("LIKE",),
    "SHOW": ("IN",),
    "ALTER": ("TO",),
    "DESCRIBE": ("DESCRIBE",),
    "DESC": ("DESC",),
}
"""Words that come before a table only in statements that begin so."""

_SCHEMA: Final = ("SCHEMA", "DATABASE")
_KINDS: Final = frozenset(
    ["TABLE", "VIEW", "SCHEMA", "DATABASE", "CATALOG", "COLUMN", "COLUMNS", "CONSTRAINT"]
)
_ENDS_FROM: Final = frozenset(
    [
        "SELECT",
        "WHERE",
        "GROUP",
        "HAVING",
        "ORDER",
        "SORT",
        "LIMIT",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "WINDOW",
        "QUALIFY",
        "SET",
    ]
)
_PLACE: Final = re.compile(r"line (\d+)(,? pos(?:ition)? )(\d+)")


@dataclass(frozen=True)
class Found:
    """The names of a statement: the tables it is about, the schemas, what to put in their place."""

    tables: tuple[Name, ...]
    schemas: tuple[Name, ...]
    columns: tuple[Name, ...]


@dataclass
class _Parenthesis:
    """What is known of the text between a pair of parentheses, or of the whole statement."""

    is_query: bool
    in_from: bool = False


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
    tables = tuple(_names(every, of_schemas=False))
    known = {name.folded for name in tables}
    starts = {name.start for name in tables}
    return Found(
        tables=tables,
        schemas=tuple(_names(every, of_schemas=True)),
        columns=tuple(
            name
            for name in every
            if isinstance(name, Name) and name.start not in starts and name.folded[:3] in known
        ),
    )


def _names(every: list[Item], *, of_schemas: bool) -> Iterator[Name]:
    """Yield the names that stand where a table, or else a schema, is expected."""
    head = every[0].word if every else ""
    open_ = [_Parenthesis(is_query=True)]
    kind = ""
    for position, item in enumerate(every):
        if isinstance(item, Name):
            before = [former.word for former in every[max(0, position - 3) : position]]
            is_schema = _after_schema(before, head, kind)
            if of_schemas:
                if is_schema and len(item.parts) == 2:
                    yield item
            elif len(item.parts) == 3 and (
                _after_table_word(before, head, kind, open_[-1])
                or (open_[-1].in_from and _follows(every, position, ",", "("))
            ):
                yield item
            kind = item.word if item.word in _KINDS else kind
            _note(item.word, open_[-1])
        elif item.text == "(":
            relations = _opens_relations(every, position, open_[-1])
            open_.append(_Parenthesis(is_query=relations, in_from=relations))
        elif item.text == ")" and len(open_) > 1:
            open_.pop()


def _note(word: str, inside: _Parenthesis) -> None:
    if word in ("SELECT", "WITH"):
        inside.is_query = True
    if word in ("FROM", "JOIN", "USING"):
        inside.in_from = inside.is_query
    elif word in _ENDS_FROM:
        inside.in_from = False


def _after_table_word(before: list[str], head: str, kind: str, inside: _Parenthesis) -> bool:
    word = before[-1] if before else ""
    if word == "FROM":
        return inside.is_query and before[-2:-1] != ["DISTINCT"]
    if word == "EXISTS":
        return kind in ("TABLE", "VIEW")
    return word in _BEFORE_A_TABLE or word in _BEFORE_A_TABLE_IN.get(head, ())


def _after_schema(before: list[str], head: str, kind: str) -> bool:
    word = before[-1] if before else ""
    if word in ("EXISTS", "EXTENDED"):
        return kind in _SCHEMA
    return word in _SCHEMA or (head == "SHOW" and word in ("IN", "FROM"))


def _opens_relations(every: list[Item], position: int, inside: _Parenthesis) -> bool:
    """Whether tables may stand in this parenthesis: `FROM (a JOIN b)`."""
    if position and every[position - 1].word in ("FROM", "JOIN"):
        return inside.in_from
    return inside.in_from and _follows(every, position, ",", "(")


def _follows(every: list[Item], position: int, *symbols: str) -> bool:
    former = every[position - 1] if position else None
    return isinstance(former, Symbol) and former.text in symbols


def _table(names: Names, name: Name) -> str:
    catalog, schema, table = name.parts[:3]
    return quoted(names.schema(catalog, schema), names.table(table))
