"""The bytes that all readers of a run may hold together, whatever the tables are like."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Final

MEGABYTE: Final = 1 << 20
TOTAL: Final = 128 * MEGABYTE
"""What big tables share; beyond it, only the table that began first goes on."""


class MemoryBudget:
    """Lets a reader take bytes while the sum of all stays below the total, else has it wait.

    The reader that began first never waits, so that one always ends and gives its bytes back: the
    total is exceeded by what a single table needs.
    """

    def __init__(self, total: int = TOTAL) -> None:
        self._total = total
        self._bytes: dict[Share, int] = {}
        self._changed = Condition()

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Give one reader its share, and take all of it back in the end."""
        share = Share(self)
        with self._changed:
            self._bytes[share] = 0
        try:
            yield share
        finally:
            with self._changed:
                del self._bytes[share]
                self._changed.notify_all()

    def take(self, share: Share, number: int) -> None:
        """Wait until `number` more bytes may be held, and count them."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    sum(self._bytes.values()) + number <= self._total
                    or next(iter(self._bytes)) is share
                )
            )
            self._bytes[share] += number

    def give(self, share: Share, number: int) -> None:
        """Count bytes as free again."""
        with self._changed:
            if share in self._bytes:  # else it ended: an error keeps readers open past their share
                self._bytes[share] -= number
                self._changed.notify_all()


class Share:
    """What one reader holds of the budget; used by a single thread."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget

    def take(self, number: int) -> None:
        """Count bytes that are held to the end; waits until they may be."""
        self._budget.take(self, number)

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """Count bytes for as long as the block lasts."""
        self.take(number)
        try:
            yield
        finally:
            self._budget.give(self, number)
