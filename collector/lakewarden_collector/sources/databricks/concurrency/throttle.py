"""Lets as many requests out at once as the workspace takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from lakewarden_collector.sources.databricks.concurrency import permits
from lakewarden_collector.sources.databricks.concurrency.adaptive_limit import AdaptiveLimit
from lakewarden_collector.sources.databricks.concurrency.permits import Interrupted, Permit

_LOOK_SECONDS: Final = 0.5
"""Between two looks at the stop event while waiting for a permit."""


class Throttle:
    """Adaptive concurrency: `width` requests at once, one more now and then, halved on refusal.

    `limit` is never exceeded. `stop` ends every wait for a permit. `now` gives seconds that never
    go back. All methods may be called from any thread.
    """

    def __init__(
        self,
        start: int = 8,
        limit: int = 32,
        *,
        stop: threading.Event | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._adaptive = AdaptiveLimit(min(start, limit), limit)
        self._stop = stop or threading.Event()
        self._now = now
        self._under_way = 0
        self._throttlings = 0
        self._narrowing = False
        self._settled_at = float("-inf")
        self._free = threading.Condition()

    @property
    def limit(self) -> int:
        """The most requests that are ever under way at once."""
        return self._adaptive.limit

    @property
    def width(self) -> int:
        """How many requests may be under way at once now."""
        return self._adaptive.width

    @property
    def throttlings(self) -> int:
        """How many requests the workspace has refused because there were too many."""
        return self._throttlings

    @contextmanager
    def permit(self) -> Iterator[None]:
        """Wait until a request may be sent, and hold that permit for the block.

        A permit is held over retries too: a request that waits for its next attempt keeps others
        from being sent. Raises `Interrupted` where the run is to stop.
        """
        permit = self._acquire()
        permits.hold(permit)
        try:
            yield
        finally:
            permits.let_go()
            self.release(permit)

    def try_acquire(self) -> Permit | None:
        """Return a permit, which must be released; None where the width is used up."""
        with self._free:
            return self._take()

    def release(self, permit: Permit) -> None:
        """Give back a permit whose request has ended, well or badly."""
        with self._free:
            before = self.width
            if not (self._narrowing or permit.refused):  # else it was sent at the width before
                self._adaptive.completed(self._under_way)
            self._under_way -= 1
            if self._narrowing and self._under_way <= self.width:
                self._narrowing, self._settled_at = False, self._now()
            self._free.notify(1 + max(0, self.width - before))

    def throttled(self, permit: Permit | None = None) -> None:
        """Be told that the workspace refused a request; `permit` is this thread's by default.

        Refusals come in bursts, of which only the first narrows: until no more requests are under
        way than the new width allows, and for requests sent before that, a refusal is about the
        old width.
        """
        permit = permit or permits.current()
        with self._free:
            if permit is not None:
                permit.refused = True
            self._throttlings += 1
            if self._narrowing or (permit is not None and permit.since < self._settled_at):
                return
            self._adaptive.refused()
            self._narrowing = self._under_way > self.width
            self._settled_at = self._now()

    def _acquire(self) -> Permit:
        with self._free:
            while not self._stop.is_set():
                permit = self._take()
                if permit is not None:
                    return permit
                self._free.wait(_LOOK_SECONDS)
        raise Interrupted

    def _take(self) -> Permit | None:
        if self._under_way >= self.width:
            return None
        self._under_way += 1
        return Permit(self, self._now())

    def sent(self, permit: Permit) -> None:
        """Note that the next request under `permit` is sent now."""
        permit.since = self._now()
