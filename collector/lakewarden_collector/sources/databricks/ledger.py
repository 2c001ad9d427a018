"""Keeps in the journal what was asked for, so that a budget outlives an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Final

from lakewarden_collector.sources.databricks.journal import Journal
from lakewarden_collector.sources.databricks.journal_events import Spending
from lakewarden_collector.sources.databricks.pacing import Spent

EVERY: Final = 2.0
"""Seconds between two entries: what an attempt that is killed may forget."""


class Ledger:
    """Writes what has been spent since it last wrote."""

    def __init__(self, journal: Journal, spent: Spent) -> None:
        self._journal = journal
        self._spent = spent
        self._written: Mapping[str, int] = {}
        self._at = monotonic()

    def save(self, *, now: bool = False) -> None:
        """Write what is new, if it is time to, or `now`."""
        if not now and monotonic() - self._at < EVERY:
            return
        counts = self._spent.counts()
        new = {kind: n - self._written.get(kind, 0) for kind, n in counts.items()}
        if new := {kind: n for kind, n in new.items() if n}:
            self._journal.add(Spending(counts=new))
        self._written, self._at = counts, monotonic()

    def total(self) -> dict[str, int]:
        """Return what all attempts have spent, by kind."""
        counts, earlier = self._spent.counts(), self._journal.earlier
        kinds = sorted(counts.keys() | earlier.keys())
        return {kind: counts.get(kind, 0) + earlier.get(kind, 0) for kind in kinds}
