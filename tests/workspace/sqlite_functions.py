"""Functions of Spark SQL that SQLite lacks, for the SELECTs of the double."""

from __future__ import annotations

import sqlite3
import zlib
from datetime import date, timedelta
from typing import Any


class _MaxBy:
    """`max_by(x, y)`: the x of the row with the greatest y; rows whose y is NULL do not count."""

    def __init__(self) -> None:
        self._value: Any = None
        self._by: Any = None

    def step(self, value: Any, by: Any) -> None:  # noqa: ANN401 -- whatever SQLite has
        if by is not None and (self._by is None or by > self._by):
            self._value, self._by = value, by

    def finalize(self) -> Any:  # noqa: ANN401 -- whatever SQLite has
        return self._value


class _MinBy(_MaxBy):
    def step(self, value: Any, by: Any) -> None:  # noqa: ANN401 -- whatever SQLite has
        if by is not None and (self._by is None or by < self._by):
            self._value, self._by = value, by


class _CountIf:
    def __init__(self) -> None:
        self._count = 0

    def step(self, value: Any) -> None:  # noqa: ANN401 -- whatever SQLite has
        self._count += bool(value)

    def finalize(self) -> int:
        return self._count


class _AnyValue:
    def __init__(self) -> None:
        self._value: Any = None

    def step(self, value: Any) -> None:  # noqa: ANN401 -- whatever SQLite has
        self._value = value if self._value is None else self._value

    def finalize(self) -> Any:  # noqa: ANN401 -- whatever SQLite has
        return self._value


def register(database: sqlite3.Connection) -> None:
    """Add the functions to a database."""
    database.create_aggregate("max_by", 2, _MaxBy)  # type: ignore[arg-type]  # its stub knows one argument only
    database.create_aggregate("min_by", 2, _MinBy)  # type: ignore[arg-type]  # its stub knows one argument only
    database.create_aggregate("count_if", 1, _CountIf)
    database.create_aggregate("any_value", 1, _AnyValue)
    database.create_function("date_sub", 2, lambda day, n: _moved(day, -n), deterministic=True)
    database.create_function("date_add", 2, _moved, deterministic=True)
    database.create_function("to_date", 1, lambda text: text and text[:10], deterministic=True)
    database.create_function("nvl", 2, lambda a, b: b if a is None else a, deterministic=True)
    database.create_function("concat", -1, _concat, deterministic=True)
    database.create_function("hash", -1, _hash, deterministic=True)
    database.create_function("pmod", 2, lambda n, of: n % int(of), deterministic=True)


def _moved(day: str | None, days: int | None) -> str | None:
    if day is None or days is None:
        return None
    return (date.fromisoformat(day[:10]) + timedelta(days=int(days))).isoformat()


def _hash(*parts: Any) -> int:  # noqa: ANN401 -- whatever SQLite has
    return zlib.crc32(repr(parts).encode())


def _concat(*parts: Any) -> str | None:  # noqa: ANN401 -- whatever SQLite has
    return None if None in parts else "".join(map(str, parts))
