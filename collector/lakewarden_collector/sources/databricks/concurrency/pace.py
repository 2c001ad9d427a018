"""How fast a run goes, what it has asked, and how it is stopped: each request goes through this."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Final

from lakewarden_collector.sources.databricks.concurrency.permits import Interrupted
from lakewarden_collector.sources.databricks.concurrency.retry_clock import PacedClock
from lakewarden_collector.sources.databricks.concurrency.throttle import Throttle

__all__ = ["Interrupted", "Pace", "PacedClock", "RequestCounts", "Throttle"]

# assumes refusals-tell-how-much-is-too-much
START: Final = 8
LISTS: Final = 32
STATEMENTS: Final = 64
"""Well under the 1,000 statements that a warehouse queues at most."""
_SPARE: Final = 8
"""Connections for cancelling while all others are in use."""


@dataclass(frozen=True)
class Pace:
    """The throttles of list calls and of statements, the SDK's clock, and the event that stops."""

    lists: Throttle
    statements: Throttle
    clock: PacedClock
    stop: threading.Event

    @classmethod
    def default(
        cls, *, lists: int = LISTS, statements: int = STATEMENTS, speed: float = 1.0
    ) -> Pace:
        """Return a pace that starts at 8 of each and never exceeds the limits given.

        `speed` scales every sleep, for tests.
        """
        stop = threading.Event()
        return cls(
            lists=Throttle(START, lists, stop=stop),
            statements=Throttle(START, statements, stop=stop),
            clock=PacedClock(stop, speed=speed),
            stop=stop,
        )

    @property
    def connections(self) -> int:
        """How many connections the client's pool must hold so that no thread waits for one."""
        return self.lists.limit + self.statements.limit + _SPARE

    def check(self) -> None:
        """Raise `Interrupted` where the run is to stop."""
        if self.stop.is_set():
            raise Interrupted


class RequestCounts:
    """Counts requests and statements; any thread may add."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, kind: str, n: int = 1) -> None:
        """Count `n` more of `kind`, such as `list_tables` or `describe_detail`."""
        with self._lock:
            self._counts[kind] += n

    def counts(self) -> dict[str, int]:
        """Return how many there were of each kind, sorted by kind."""
        with self._lock:
            return dict(sorted(self._counts.items()))
