"""Counting tables and their bytes, and keeping the largest in view."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from lakewarden.model.insight import Amount
from lakewarden.model.report import TableReport

EXAMPLES: Final = 5
"""Names that stand for a group of tables."""

_T = TypeVar("_T")


def bytes_of(table: TableReport) -> int | None:
    """Return the table's bytes, None where nobody knows them."""
    size: int | None = table.size.get("bytes")
    return size


def count(amount: Amount, size: int | None, tables: int = 1) -> None:
    """Count one table more, or with -1 one less."""
    amount.tables += tables
    amount.bytes += tables * (size or 0)
    amount.unsized += tables * (size is None)


class Largest(Generic[_T]):
    """The largest of the tables that were added, and what was said about each.

    Tables of unknown size come last, and equal ones in the order of their names, so that the order
    in which they were added does not matter.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._held: list[tuple[bool, int, str, _T]] = []

    def add(self, full_name: str, size: int | None, said: _T) -> None:
        """Keep the table if it is one of the largest so far."""
        key = (size is None, -(size or 0), full_name)
        if len(self._held) == self._keep and key >= self._held[-1][:3]:
            return
        insort(self._held, (*key, said), key=lambda held: held[:3])
        del self._held[self._keep :]

    def __iter__(self) -> Iterator[_T]:
        return (said for *_, said in self._held)


class Counted:
    """An amount of tables, with the names of the largest."""

    def __init__(self) -> None:
        self.amount = Amount()
        self._largest: Largest[str] = Largest(EXAMPLES)

    def add(self, full_name: str, size: int | None) -> None:
        """Count one table more."""
        count(self.amount, size)
        self._largest.add(full_name, size, full_name)

    @property
    def examples(self) -> tuple[str, ...]:
        """The names of the largest, the largest first."""
        return tuple(self._largest)
