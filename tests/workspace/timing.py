"""How long the double takes, and how much it does at once: a model of latency and capacity.

Seconds are the model's: `speed` of them pass in one real second, so that a run of hours is
measured in minutes. The figures of `ordinary` are assumptions, not measurements of a workspace;
facts 1.3 say what is known (a queue of 1,000, about 10 statements at once for each cluster, a cold
start of seconds to minutes, limits that nobody publishes).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

QUEUE_LIMIT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Latency and capacity of a workspace; the default is one that takes no time at all.

    A rate is in requests a second of the model, with a burst of one second's worth; above it the
    answer is 429. `concurrent_lists` is the most list calls at once before a 429 ("Workspace
    exceeded the concurrent limit of 20 requests", facts 1.3). `spread` makes single statements up
    to that share shorter or longer than their mean, each always the same.
    """

    speed: float = 1.0
    list_seconds: float = 0.0
    list_row_seconds: float = 0.0
    request_seconds: float = 0.0
    describe_seconds: float = 0.0
    select_seconds: float = 0.0
    spread: float = 0.0
    slots: int = 10
    cold_start: float = 0.0
    list_rate: float | None = None
    statement_rate: float | None = None
    concurrent_lists: int | None = None
    lag: float = 0.0
    """How much older than now the state may be that GET of a statement shows (up to 5 s, SDK)."""

    @classmethod
    def ordinary(cls, *, speed: float = 1.0) -> Timing:
        """Return a workspace with a small warehouse that is asleep at first."""
        return cls(
            speed=speed,
            list_seconds=0.15,
            list_row_seconds=0.001,
            request_seconds=0.05,
            describe_seconds=0.6,
            select_seconds=4.0,
            spread=0.5,
            slots=16,
            cold_start=6.0,
            list_rate=60.0,
            statement_rate=60.0,
        )

    def statement_seconds(self, text: str) -> float:
        """Return how long this statement runs once it has a slot."""
        mean = self.select_seconds
        if text[:8].upper() == "DESCRIBE":
            mean = self.describe_seconds
        if not self.spread or not mean:
            return mean
        digest = hashlib.blake2b(text.encode(), digest_size=4).digest()
        share = int.from_bytes(digest, "big") / 0xFFFFFFFF
        return mean * (1 + self.spread * (2 * share - 1))

    def list_bound(self, calls: int, rows: int, *, depth: int) -> float:
        """Return the least seconds that `calls` list calls for `rows` rows can take.

        `depth` is the length of the longest chain in which each call needs the one before:
        catalogs, schemas, and the pages of the largest schema.
        """
        chain = depth * self.list_seconds
        work = calls * self.list_seconds + rows * self.list_row_seconds
        bounds = [chain]
        if self.concurrent_lists is not None:
            bounds.append(work / self.concurrent_lists)
        if self.list_rate is not None:
            bounds.append((calls - max(1.0, self.list_rate)) / self.list_rate)
        return max(bounds)

    def statement_bound(self, statements: Mapping[str, int]) -> float:
        """Return the least seconds for so many statements: `describe` and `select` are the kinds.

        Each one also costs a request's latency, which concurrency hides but for the last.
        """
        number = sum(statements.values())
        if not number:
            return 0.0
        work = (
            statements.get("describe", 0) * self.describe_seconds
            + statements.get("select", 0) * self.select_seconds
        )
        bounds = [work / self.slots]
        if statements.get("select"):
            bounds.append(self.select_seconds * (1 - self.spread))
        if self.statement_rate is not None:
            bounds.append((number - max(1.0, self.statement_rate)) / self.statement_rate)
        return self.cold_start + max(bounds) + self.request_seconds


def bound(
    timing: Timing, *, calls: int, rows: int, depth: int, statements: Mapping[str, int]
) -> float:
    """Return the least seconds of a run that lists first and then asks statements.

    What a table still needs is known once it is listed, so a run may describe the first schemas
    while it lists the last; this is the bound for one that does not, less what the warehouse needs
    to wake, which a run can have done meanwhile.
    """
    listing = timing.list_bound(calls, rows, depth=depth)
    asking = timing.statement_bound(statements)
    return max(listing, timing.cold_start) + max(0.0, asking - timing.cold_start)


class ModelClock:
    """The model's time inside an event loop: seconds since the double began."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()

    def now(self) -> float:
        """Return the model's time."""
        return (self._loop.time() - self._origin) * self.speed

    def real(self, at: float) -> float:
        """Return the event loop's time of a moment of the model."""
        return self._origin + at / self.speed

    async def sleep(self, seconds: float) -> None:
        """Let some of the model's seconds pass."""
        if seconds > 0:
            await asyncio.sleep(seconds / self.speed)


class Bucket:
    """A limit of requests a second, with a burst of one second's worth."""

    def __init__(self, rate: float | None, clock: ModelClock) -> None:
        self._rate = rate
        self._clock = clock
        self._tokens = max(1.0, rate or 0.0)
        self._at = 0.0

    def take(self) -> bool:
        """Whether one more request is within the limit."""
        if self._rate is None:
            return True
        now = self._clock.now()
        full = max(1.0, self._rate)
        self._tokens = min(full, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
