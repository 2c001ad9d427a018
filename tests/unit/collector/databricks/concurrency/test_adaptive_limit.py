"""The throttle against a simulated warehouse: as fast as it can, no faster than it may."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from lakewarden_collector.sources.databricks.concurrency.adaptive_limit import (
    REST_WINDOWS,
    AdaptiveLimit,
)
from lakewarden_collector.sources.databricks.concurrency.pace import Throttle
from lakewarden_collector.sources.databricks.concurrency.permits import Permit


@dataclass
class Run:
    """What a simulation saw: when requests were done, the widths over time, the refusals."""

    done: list[float] = field(default_factory=list)
    widths: list[tuple[float, int]] = field(default_factory=list)
    most: int = 0
    refused: int = 0

    def rate(self, begun: float, ended: float) -> float:
        """Return the requests done per second between two times."""
        return sum(begun <= at < ended for at in self.done) / (ended - begun)


@dataclass
class Warehouse:
    """Runs `slots` statements at once, queues the others, refuses above `refuse_above` at once.

    Simulated without threads: `clock` jumps from event to event.
    """

    slots: Callable[[float], int]
    seconds: Callable[[], float]
    refuse_above: Callable[[float], int] = lambda _: 1_000
    workers: int = 1_000
    clock: float = 0.0

    def run(self, until: float, limit: int = 256) -> Run:
        throttle = Throttle(8, limit, now=lambda: self.clock)
        seen, chance = Run(), random.Random(7)  # noqa: S311 -- a simulation, no secret
        events: list[tuple[float, int, str, Permit]] = []
        queue: list[Permit] = []
        order, running, under_way = 0, 0, 0

        def push(at: float, event: str, permit: Permit) -> None:
            nonlocal order
            order += 1
            heapq.heappush(events, (at, order, event, permit))

        def arrive(permit: Permit) -> None:
            if under_way > self.refuse_above(self.clock):
                seen.refused += 1
                throttle.throttled(permit)
                push(self.clock + 1.0 + chance.random(), "again", permit)
            else:
                queue.append(permit)

        while self.clock < until:
            while under_way < self.workers and (permit := throttle.try_acquire()) is not None:
                under_way += 1
                seen.most = max(seen.most, under_way)
                arrive(permit)
            seen.widths.append((self.clock, throttle.width))
            while queue and running < self.slots(self.clock):
                running += 1
                push(self.clock + self.seconds(), "done", queue.pop(0))
            self.clock, _, event, permit = heapq.heappop(events)
            if event == "again":
                throttle.sent(permit)
                arrive(permit)
            else:
                running -= 1
                under_way -= 1
                seen.done.append(self.clock)
                throttle.release(permit)
        return seen


def _steady() -> float:
    return 1.0


def _uneven(seed: int, mean: float = 1.0) -> Callable[[], float]:
    chance = random.Random(seed)  # noqa: S311 -- a simulation, no secret
    return lambda: chance.expovariate(1 / mean)


@pytest.mark.parametrize("slots", [3, 10, 40, 120])
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_throughput_reaches_the_capacity(slots: int, seed: int | None) -> None:
    """Less would waste a warehouse that is paid for by the minute."""
    seconds = _steady if seed is None else _uneven(seed)
    seen = Warehouse(slots=lambda _: slots, seconds=seconds).run(400)
    assert seen.rate(100, 400) >= 0.9 * slots


@pytest.mark.parametrize(("limit", "slots"), [(1, 100), (5, 100), (8, 100), (20, 100), (64, 20)])
def test_the_limit_is_never_exceeded(limit: int, slots: int) -> None:
    """The limit is what a user promised the owners of the workspace.

    Where more under way only queue, nothing else stops the width: no workspace says how many it
    runs at once.
    """
    seen = Warehouse(slots=lambda _: slots, seconds=_uneven(1)).run(400, limit)
    assert seen.most == limit


@pytest.mark.parametrize("allowed", [4, 20, 60])
def test_throughput_nears_a_limit_that_is_told_by_refusals(allowed: int) -> None:
    """A workspace that refuses above so many at once is used to nearly that many."""
    warehouse = Warehouse(slots=lambda _: 500, seconds=_uneven(11), refuse_above=lambda _: allowed)
    seen = warehouse.run(900)
    assert seen.rate(150, 900) >= 0.9 * allowed
    assert seen.refused <= 0.02 * len(seen.done)


def test_throughput_recovers_when_the_workspace_does() -> None:
    """A bad quarter of a minute must not slow the hour after it."""
    warehouse = Warehouse(
        slots=lambda _: 40,
        seconds=_uneven(3),
        refuse_above=lambda at: 4 if 100 < at < 115 else 1_000,
    )
    seen = warehouse.run(500)
    assert min(width for at, width in seen.widths if 100 < at < 130) <= 10
    assert seen.rate(200, 500) >= 0.9 * 40


def test_width_does_not_climb_where_workers_are_fewer() -> None:
    """A width that nobody used says nothing, and would be wrong when somebody does."""
    seen = Warehouse(slots=lambda _: 100, seconds=_uneven(2), workers=4).run(300)
    assert {width for _, width in seen.widths} == {8}


def _windows(width: AdaptiveLimit, number: int) -> list[int]:
    """Let so many windows pass; return the width after each."""
    seen = []
    for _ in range(number):
        for _ in range(width.width):
            width.completed(width.width)
        seen.append(width.width)
    return seen


def test_a_window_makes_it_one_wider_up_to_the_limit() -> None:
    assert _windows(AdaptiveLimit(3, 6), 5) == [4, 5, 6, 6, 6]


def test_a_refusal_halves_and_what_was_refused_is_tried_again_after_a_rest() -> None:
    """Back where it went well it is soon; what was refused once is most likely refused again."""
    width = AdaptiveLimit(20, 64)
    width.refused()
    assert width.width == 10
    assert _windows(width, 1 + REST_WINDOWS) == [19] * (1 + REST_WINDOWS)
    assert _windows(width, 3) == [20, 21, 22]


def test_a_refusal_begins_the_window_again() -> None:
    """What ended at the width before says nothing about the new one."""
    width = AdaptiveLimit(8, 10)
    for _ in range(7):
        width.completed(8)
    width.refused()
    for _ in range(3):
        width.completed(4)
    assert width.width == 4
