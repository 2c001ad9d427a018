"""A SQL warehouse: slots, a queue, a cold start, and statements that can be cancelled.

A statement is PENDING until it has a slot (also while the warehouse starts), RUNNING while it
takes its time, then SUCCEEDED, FAILED or CANCELED (facts 1.1, 1.3).
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.workspace.estate import Refused, SqlError, Table
from tests.workspace.log import TERMINAL, Log, Sent
from tests.workspace.timing import QUEUE_LIMIT, ModelClock, Timing


@dataclass(eq=False, slots=True)
class Job:
    """One statement on its way: what to run, how long it takes, and what came of it."""

    sent: Sent
    run: Callable[[], Table]
    seconds: float
    apart: bool
    """Whether `run` takes real time: it then has a thread of its own."""
    table: Table | None = None
    error: SqlError | None = None
    timer: asyncio.TimerHandle | None = None
    waiters: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether the statement has come to an end."""
        return self.sent.state in TERMINAL


class Warehouse:
    """Runs jobs within its capacity. One event loop owns it; nothing here is thread-safe."""

    def __init__(self, timing: Timing, clock: ModelClock, log: Log) -> None:
        self._clock = clock
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._cold_start = timing.cold_start
        self._warm_at: float | None = None
        self._free = [0.0] * timing.slots
        self._queue: deque[Job] = deque()
        self._running = 0
        self._threads = ThreadPoolExecutor(max_workers=min(timing.slots, 8))

    @property
    def state(self) -> str:
        """STOPPED, STARTING or RUNNING, as `GET /api/2.0/sql/warehouses/{id}` says."""
        if self._cold_start and self._warm_at is None:
            return "STOPPED"
        return "STARTING" if self._clock.now() < (self._warm_at or 0.0) else "RUNNING"

    def submit(self, job: Job) -> None:
        """Queue a statement; a stopped warehouse starts for it."""
        if len(self._queue) >= QUEUE_LIMIT:
            # Facts 1.3 have the limit; how it is told is unverified.
            raise Refused(429, "RESOURCE_EXHAUSTED", "The warehouse's queue of 1000 is full")
        now = self._clock.now()
        if self._warm_at is None:
            self._warm_at = now + self._cold_start
            if self._cold_start:
                self._loop.call_at(self._clock.real(self._warm_at), self._pump)
        self._queue.append(job)
        self._pump()

    def cancel(self, job: Job) -> None:
        """End a statement that has not ended yet; its slot is free at once."""
        if job.done:
            return
        running = job.sent.state == "RUNNING"
        if job.timer is not None:
            job.timer.cancel()
        self._finish(job, "CANCELED", self._clock.now())
        if running:
            self._release(self._clock.now())
            self._pump()

    async def wait(self, job: Job, seconds: float) -> None:
        """Return when the statement has ended, or after so many of the model's seconds."""
        if job.done:
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        job.waiters.append(waiter)
        timer = self._loop.call_later(seconds / self._clock.speed, _wake, waiter)
        await waiter
        timer.cancel()

    def close(self) -> None:
        """Let go of the threads; what one of them is at is waited for."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _pump(self) -> None:
        """Give free slots to waiting statements.

        A slot that became free some moments ago is taken as of that moment: the model's time does
        not suffer from this machine being slow.
        """
        warm_at = self._warm_at or 0.0
        if self._clock.now() < warm_at:
            return
        while self._queue and self._free:
            job = self._queue.popleft()
            if not job.done:
                self._start(job, max(heapq.heappop(self._free), job.sent.sent, warm_at))

    def _start(self, job: Job, at: float) -> None:
        job.sent.state, job.sent.started = "RUNNING", at
        self._running += 1
        self._log.peak_running = max(self._log.peak_running, self._running)
        if job.apart:
            future = self._loop.run_in_executor(self._threads, _outcome, job)
            future.add_done_callback(lambda _: self._ran(job, at))
            return
        _outcome(job)
        self._ran(job, at)

    def _ran(self, job: Job, at: float) -> None:
        """Keep a statement running for its time in the model, then end it."""
        end = at + job.seconds
        now = self._clock.now()
        if job.apart:
            end = max(end, now)
        if end <= now:
            self._end(job, end)
            if job.apart:
                self._pump()
        elif not job.done:
            job.timer = self._loop.call_at(self._clock.real(end), self._due, job, end)

    def _due(self, job: Job, end: float) -> None:
        self._end(job, end)
        self._pump()

    def _end(self, job: Job, at: float) -> None:
        if job.done:  # cancelled meanwhile: its slot is free already
            return
        self._finish(job, "SUCCEEDED" if job.error is None else "FAILED", at)
        self._release(at)

    def _release(self, at: float) -> None:
        self._running -= 1
        heapq.heappush(self._free, at)

    def _finish(self, job: Job, state: str, at: float) -> None:
        job.sent.state, job.sent.ended = state, at
        job.sent.error = "" if job.error is None or state != "FAILED" else str(job.error)
        for waiter in job.waiters:
            _wake(waiter)
        job.waiters.clear()


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _outcome(job: Job) -> None:
    """Run a job; whatever goes wrong is the statement's error, and the double goes on."""
    try:
        job.table = job.run()
    except SqlError as error:
        job.error = error
    except Exception as error:  # noqa: BLE001 -- a bug of the double must show in the answer
        job.error = SqlError("XX000", "INTERNAL_ERROR", f"the double failed: {error!r}")
