"""What a run has asked of the workspace, by kind."""

from __future__ import annotations

import threading
from collections import Counter


class Spent:
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
