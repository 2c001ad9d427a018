"""Describes tables one by one, several at once, the most telling ones first."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Final, Self

from lakewarden_collector.sources.databricks.journal.events import Table
from lakewarden_collector.sources.databricks.journal.journal import Journal

STOP_SECONDS: Final = 8.0
"""Seconds that threads have to stop in: a statement that is being sent is answered after five."""

Describe = Callable[[], Table]
"""Returns a table with what describing it gave, or with why it gave nothing."""

Admit = Callable[[Table, str], Describe]
"""Decides whether a table may be described in this way, and returns what is to be done; asks
nothing yet."""


class DescribeQueue:
    """A queue of tables by rank, and the threads that work on it.

    Tables are admitted strictly by rank, one at a time: what is scarce goes to the first ones, in
    whatever order the threads come to run. Admitted tables are described side by side.
    Every finished table is written to the journal and waits in `finished`. An error of a thread
    that isn't about one table is raised by `finished` and ends them all.
    """

    def __init__(
        self, journal: Journal, admit: Admit, *, width: int, stop: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._stop = stop
        self._admit = admit
        self._turn = threading.Lock()
        self._queue: list[tuple[tuple[int, int], str, str]] = []
        self._done: deque[str] = deque()
        lock = threading.Lock()
        self._work_there = threading.Condition(lock)
        self._changed = threading.Condition(lock)
        self._busy = 0
        self._open = False
        self._ended = False
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"describe-{n}", daemon=True)
            for n in range(width)
        ]
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
        if kind is None:
            self.end()
        else:
            self._stop()
            self.end(STOP_SECONDS)

    def add(self, full_name: str, way: str, rank: tuple[int, int]) -> None:
        """Queue a table, to be described in this way; the greatest rank goes first.

        A rank is reads before bytes.
        """
        with self._changed:
            self.asked += 1
            heapq.heappush(self._queue, ((-rank[0], -rank[1]), full_name, way))
            self._work_there.notify()

    def begin(self) -> None:
        """Let the threads work; before that, tables are only queued."""
        if not self._open:
            self._open = True
            for thread in self._threads:
                thread.start()

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

    def end(self, seconds: float | None = None) -> None:
        """Begin no further table, and wait for those under way, no longer than so many seconds."""
        with self._changed:
            self._ended = True
            self._work_there.notify_all()
        until = None if seconds is None else monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(None if until is None else max(0.0, until - monotonic()))

    def _work(self) -> None:
        while True:
            try:
                with self._turn:
                    task = self._next()
                    if task is None:
                        return
                    name, way = task
                    describe = self._admit(self._journal.table(name), way)
                self._journal.put([describe()])
            except BaseException as error:  # noqa: BLE001 -- raised again where the work is waited for
                self._fail(error)
                return
            with self._changed:
                self._busy -= 1
                self.described += 1
                self._done.append(name)
                self._changed.notify()

    def _next(self) -> tuple[str, str] | None:
        with self._changed:
            self._work_there.wait_for(lambda: self._queue or self._ended)
            if self._ended:
                return None
            _, name, way = heapq.heappop(self._queue)
            self._busy += 1
            return name, way

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._busy -= 1
            self._ended = True
            self._error = self._error or error
            self._work_there.notify_all()
            self._changed.notify_all()
