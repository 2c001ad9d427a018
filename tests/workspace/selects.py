"""Runs a SELECT over system tables, whatever its exact text: SQLite does the work.

What SQLite does not understand once it is rewritten fails loudly, so a SELECT is never answered
by guessing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.workspace.estate import Column, SqlError, Table, Value, instant
from tests.workspace.sqlite_functions import register
from tests.workspace.sqlite_rewriting import quoted, rewritten
from tests.workspace.sqltext import Token, not_found


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
            text = rewritten(tokens, self._now, self._table)
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

    def _table(self, full_name: str) -> str:
        table = self._tables.get(full_name)
        if table is None:
            raise not_found(full_name)
        if full_name not in self._loaded:
            names = [name for name, _ in table.columns]
            self._database.execute(f"CREATE TABLE {quoted(full_name)} ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            self._database.executemany(
                f"INSERT INTO {quoted(full_name)} VALUES ({marks})",  # noqa: S608 -- the names are the double's own
                table.rows(),
            )
            self._loaded.add(full_name)
        return quoted(full_name)


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
