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
        self._kept: list[tuple[bool, int, str, _T]] = []

    def add(self, full_name: str, size: int | None, item: _T) -> None:
        """Keep the table if it is one of the largest so far."""
        key = (size is None, -(size or 0), full_name)
        if len(self._kept) == self._keep and key >= self._kept[-1][:3]:
            return
        insort(self._kept, (*key, item), key=lambda kept: kept[:3])
        del self._kept[self._keep :]

    def __iter__(self) -> Iterator[_T]:
        return (item for *_, item in self._kept)


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
