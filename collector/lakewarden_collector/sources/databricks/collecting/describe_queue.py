"""Has tables described several at once, the most telling ones first."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self

from lakewarden_collector.daemon_pool import Workers
from lakewarden_collector.sources.databricks.collecting.table_describer import Taken

STOP_SECONDS: Final = 8.0
"""Seconds that threads have to stop in: a statement that is being sent is answered after five."""


class Describer(Protocol):
    """What describes one table; see `TableDescriber`."""

    def take(self, full_name: str, way: str) -> Taken:
        """Decide whether a table may be described, without asking anything."""
        ...

    def describe(self, taken: Taken) -> None:
        """Describe it; called from several threads at once."""
        ...


@dataclass(frozen=True, order=True)
class _Order:
    rank: tuple[int, int]
    """The least goes first."""
    full_name: str
    way: str
    describer: Describer = field(compare=False)


class DescribeQueue:
    """A queue of tables by rank, and the threads that have them described.

    Tables are taken strictly by rank, one at a time: what is scarce goes to the first ones, in
    whatever order the threads come to run. What was taken is described side by side, and waits in
    `finished`. An error of a thread that isn't about one table is raised by `finished` and ends
    them all.
    """

    def __init__(self, *, width: int, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._workers = Workers[None](width, "describe")
        self._turn = threading.Lock()
        self._queue: list[_Order] = []
        self._done: deque[str] = deque()
        self._changed = threading.Condition()
        self._busy = 0
        self._open = False
        self._error: BaseException | None = None
        self.described = 0
        self.asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the threads; where the block is left by an error, they are to stop at once."""
        if kind is not None:
            self._stop()
        self._workers.end(None if kind is None else STOP_SECONDS)

    def add(self, describer: Describer, full_name: str, way: str, rank: tuple[int, int]) -> None:
        """Queue a table, to be described in this way; the greatest rank goes first.

        A rank is reads before bytes.
        """
        with self._changed:
            self.asked += 1
            order = _Order((-rank[0], -rank[1]), full_name, way, describer)
            heapq.heappush(self._queue, order)
            if self._open:
                self._workers.submit(self._describe_first)

    def begin(self) -> None:
        """Let the threads work; before that, tables are only queued."""
        with self._changed:
            if not self._open:
                self._open = True
                for _ in self._queue:
                    self._workers.submit(self._describe_first)

    @property
    def idle(self) -> bool:
        """Whether nothing is queued, under way or waiting to be taken."""
        with self._changed:
            return not (self._queue or self._busy or self._done)

    def finished(self, most: int, timeout: float) -> list[str]:
        """Return tables that have been described.

        Waits for as many as asked for, or for all there are, but no longer than `timeout` seconds.
        """
        with self._changed:
            if timeout:
                self._changed.wait_for(lambda: self._enough(most), timeout)
            if self._error is not None:
                raise self._error
            return [self._done.popleft() for _ in range(min(most, len(self._done)))]

    def _enough(self, most: int) -> bool:
        return len(self._done) >= most or not (self._queue or self._busy) or bool(self._error)

    def _describe_first(self) -> None:
        """Describe the table that is first now, which need not be the one this was begun for."""
        try:
            with self._turn:
                order = self._next()
                taken = order.describer.take(order.full_name, order.way)
            order.describer.describe(taken)
        except BaseException as error:  # noqa: BLE001 -- raised again where the work is waited for
            self._fail(error)
            return
        with self._changed:
            self._busy -= 1
            self.described += 1
            self._done.append(order.full_name)
            self._changed.notify()

    def _next(self) -> _Order:
        with self._changed:
            self._busy += 1
            return heapq.heappop(self._queue)

    def _fail(self, error: BaseException) -> None:
        self._workers.end(0)
        with self._changed:
            self._busy -= 1
            self._error = self._error or error
            self._changed.notify_all()
