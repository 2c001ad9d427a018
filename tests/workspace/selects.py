"""Runs a SELECT over system tables, whatever its exact text: SQLite does the work.

A few words of Spark are rewritten into SQLite's: three-part names, `current_date()`, intervals of
days, casts, string escapes, `GROUP BY ALL`; `max_by` and its like are added as functions. What
SQLite does not understand after that fails loudly, so a SELECT is never answered by guessing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.workspace.estate import Column, SqlError, Table, Value
from tests.workspace.sqlite_functions import register
from tests.workspace.sqltext import Token

_TYPES: Final = {
    "STRING": "TEXT",
    "DATE": "TEXT",
    "TIMESTAMP": "TEXT",
    "BIGINT": "INTEGER",
    "LONG": "INTEGER",
    "DOUBLE": "REAL",
}
_AGGREGATES: Final = frozenset(
    [
        "COUNT",
        "SUM",
        "MIN",
        "MAX",
        "AVG",
        "MAX_BY",
        "MIN_BY",
        "ANY_VALUE",
        "COUNT_IF",
        "FIRST",
        "BOOL_OR",
        "BOOL_AND",
    ]
)


@dataclass(frozen=True)
class SystemTable:
    """A table of the `system` catalog: its columns with their Spark types, and its rows."""

    columns: tuple[tuple[str, str], ...]
    rows: Callable[[], Iterable[Sequence[Any]]]


class SystemTables:
    """System tables by full name (`system.access.table_lineage`), loaded when first read."""

    def __init__(self, tables: Mapping[str, SystemTable], *, now: datetime) -> None:
        self._tables = tables
        self._now = now
        self._loaded: set[str] = set()
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        register(self._database)

    def select(self, tokens: Sequence[Token], parameters: Mapping[str, Value]) -> Table:
        """Return the answer of a SELECT; raises `SqlError`."""
        with self._lock:
            text = self._rewritten(_grouped(list(tokens)))
            try:
                cursor = self._database.execute(
                    text, {k: _bound(parameters[k]) for k in parameters}
                )
                rows = cursor.fetchall()
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise _explained(error) from error
        names = [part[0] for part in cursor.description]
        columns = tuple(Column(n, *_type_of(rows, i)) for i, n in enumerate(names))
        return Table(columns, [tuple(map(_shown, row)) for row in rows])

    def load(self) -> None:
        """Load all tables now, so that the first SELECT is as quick as the next."""
        with self._lock:
            for full_name in self._tables:
                self._table(full_name)

    def describe(self, full_name: str) -> Table:
        """Return the rows of `DESCRIBE TABLE`; raises `SqlError` where there is no such table."""
        table = self._tables.get(full_name.lower())
        if table is None:
            raise not_found(full_name)
        columns = (Column("col_name"), Column("data_type"), Column("comment"))
        return Table(columns, [(name, kind, None) for name, kind in table.columns])

    def _rewritten(self, tokens: list[Token]) -> str:
        """Return SQLite's text for Spark's tokens; loads the tables that it names."""
        out: list[str] = []
        i = 0
        while i < len(tokens):
            length, text = self._piece(tokens, i)
            out.append(text)
            i += length
        return " ".join(out)

    def _piece(self, tokens: list[Token], i: int) -> tuple[int, str]:
        """Return how many tokens from `i` on make a piece, and SQLite's text for it."""
        token = tokens[i]
        if i and tokens[i - 1].says("FROM", "JOIN", ","):
            parts = _dotted(tokens, i)
            if len(parts) >= 3 or (len(parts) > 1 and not tokens[i - 1].says(",")):
                return 2 * len(parts) - 1, self._table(".".join(parts).lower())
        if token.says("CURRENT_DATE", "CURRENT_TIMESTAMP", "NOW"):
            length = 3 if _says(tokens, i + 1, "(") else 1
            days = _interval(tokens, i + length)
            at = self._now - timedelta(days=days or 0)
            today = token.says("CURRENT_DATE")
            text = _literal(at.date().isoformat() if today else instant(at))
            return length + (0 if days is None else 4), text
        following = tokens[i + 1] if i + 1 < len(tokens) else Token("symbol", "")
        if token.says("DATE", "TIMESTAMP") and following.kind == "string":
            return 2, _literal(following.value)
        if token.says("AS") and following.says(*_TYPES):
            return 2, "AS " + _TYPES[following.text.upper()]
        return 1, _plain(token)

    def _table(self, full_name: str) -> str:
        table = self._tables.get(full_name)
        if table is None:
            raise not_found(full_name)
        if full_name not in self._loaded:
            names = [name for name, _ in table.columns]
            self._database.execute(f"CREATE TABLE {_quoted(full_name)} ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            self._database.executemany(
                f"INSERT INTO {_quoted(full_name)} VALUES ({marks})",  # noqa: S608 -- the names are the double's own
                table.rows(),
            )
            self._loaded.add(full_name)
        return _quoted(full_name)


def not_found(full_name: str) -> SqlError:
    """Return what Spark says of a table that is not there."""
    return SqlError(
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        f"The table or view {full_name} cannot be found. Verify the spelling and correctness of"
        " the schema and catalog. SQLSTATE: 42P01",
    )


def instant(time: datetime) -> str:
    """Return a time in UTC as JSON_ARRAY prints a TIMESTAMP."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _grouped(tokens: list[Token]) -> list[Token]:
    """Write out `GROUP BY ALL`: every selected expression without an aggregate, by position."""
    for i in range(len(tokens) - 2):
        if tokens[i].says("GROUP") and tokens[i + 1].says("BY") and tokens[i + 2].says("ALL"):
            start = max(j for j in range(i) if tokens[j].says("SELECT"))
            end = next(j for j in range(start, i) if tokens[j].says("FROM"))
            items: list[list[Token]] = [[]]
            depth = 0
            for token in tokens[start + 1 : end]:
                depth += token.says("(") - token.says(")")
                if token.says(",") and depth == 0:
                    items.append([])
                else:
                    items[-1].append(token)
            plain = [
                n for n, item in enumerate(items, 1) if not any(t.says(*_AGGREGATES) for t in item)
            ]
            positions = Token("word", ", ".join(map(str, plain)))
            return [*tokens[: i + 2], positions, *tokens[i + 3 :]]
    return tokens


def _plain(token: Token) -> str:
    """Return SQLite's text of a token that means the same wherever it stands."""
    if token.kind == "string":
        return _literal(token.value)
    if token.kind == "quoted":
        return _quoted(token.value)
    return "IS" if token.says("<=>") else token.text


def _dotted(tokens: list[Token], i: int) -> list[str]:
    parts: list[str] = []
    while i < len(tokens) and tokens[i].kind in ("word", "quoted"):
        parts.append(tokens[i].value)
        if not _says(tokens, i + 1, "."):
            break
        i += 2
    return parts


def _says(tokens: list[Token], i: int, word: str) -> bool:
    return i < len(tokens) and tokens[i].says(word)


def _interval(tokens: list[Token], i: int) -> int | None:
    """Return n where `- INTERVAL n DAYS` stands at `i`."""
    if _says(tokens, i, "-") and _says(tokens, i + 1, "INTERVAL") and i + 3 < len(tokens):
        if tokens[i + 2].kind in ("number", "string") and tokens[i + 3].says("DAY", "DAYS"):
            return int(tokens[i + 2].value)
        raise SqlError("42601", "PARSE_SYNTAX_ERROR", "Syntax error at or near 'INTERVAL'")
    return None


def _bound(value: Value) -> Any:  # noqa: ANN401 -- what SQLite takes
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _shown(value: Any) -> str | None:  # noqa: ANN401 -- what SQLite gives
    return None if value is None else str(value)


def _type_of(rows: list[tuple[Any, ...]], i: int) -> tuple[str, str]:
    for row in rows:
        if isinstance(row[i], int):
            return ("LONG", "BIGINT")
        if isinstance(row[i], float):
            return ("DOUBLE", "DOUBLE")
        if row[i] is not None:
            break
    return ("STRING", "STRING")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _explained(error: Exception) -> SqlError:
    text = str(error)
    if text.startswith("no such column"):
        name = text.partition(": ")[2]
        return SqlError(
            "42703", "UNRESOLVED_COLUMN.WITH_SUGGESTION", f"A column {name} cannot be resolved."
        )
    if text.startswith("no such table"):
        return not_found(text.partition(": ")[2])
    if "binding" in text:
        return SqlError("42P02", "UNBOUND_SQL_PARAMETER", f"Found an unbound parameter: {text}")
    return SqlError("42601", "PARSE_SYNTAX_ERROR", f"The double's engine refuses it: {text}")
