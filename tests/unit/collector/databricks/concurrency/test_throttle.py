"""The throttle among threads: what it lets out, what it hears of, how it stops."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from databricks.sdk.errors import TooManyRequests
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.databricks.concurrency.pace import (
    Interrupted,
    Pace,
    RequestCounts,
    Throttle,
)


def test_never_more_are_under_way_than_the_width() -> None:
    """Counted from outside, with more threads than permits."""
    throttle = Throttle(4, 4)
    lock, under_way, most = threading.Lock(), 0, 0

    def request(_: int) -> None:
        nonlocal under_way, most
        with throttle.permit():
            with lock:
                under_way += 1
                most = max(most, under_way)
            threading.Event().wait(0.001)
            with lock:
                under_way -= 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(request, range(200)))
    assert most == 4


def test_a_permit_is_given_back_when_its_request_fails() -> None:
    """Else a few failures would stop the collection for good."""
    throttle = Throttle(1, 1)
    for _ in range(3):
        with pytest.raises(OSError, match="reset"), throttle.permit():
            raise OSError("reset")
    with throttle.permit():
        pass


def test_who_waits_for_a_permit_is_let_go_when_the_run_stops() -> None:
    pace = Pace.default(statements=1)
    with ThreadPoolExecutor(1) as pool, pace.statements.permit():

        def wait() -> None:
            with pace.statements.permit():
                pytest.fail("there was no permit to have")

        waiting = pool.submit(wait)
        pace.stop.set()
        assert isinstance(waiting.exception(), Interrupted)


def test_a_burst_of_refusals_narrows_once() -> None:
    """All 32 requests that are under way are refused at once; the width is halved, not ended."""
    throttle = Throttle(32, 32)
    permits = [throttle.try_acquire() for _ in range(32)]
    for permit in permits:
        throttle.throttled(permit)
    assert (throttle.width, throttle.throttlings) == (16, 32)


def test_refusals_after_a_burst_narrow_again() -> None:
    """Half may be too many as well; but what was sent before the halving does not say so."""
    seconds = iter(range(1_000))
    throttle = Throttle(8, 8, now=lambda: next(seconds))
    permits = [throttle.try_acquire() for _ in range(8)]
    throttle.throttled(permits[0])
    for permit in permits[:4]:
        assert permit is not None
        throttle.release(permit)
    throttle.throttled(permits[4])
    assert throttle.width == 4
    assert permits[5] is not None
    throttle.sent(permits[5])
    throttle.throttled(permits[5])
    assert throttle.width == 2


def test_a_retry_that_is_refused_before_the_narrowing_shows_does_not_narrow() -> None:
    """As many requests are under way as before: that they are too many is known already."""
    seconds = iter(range(1_000))
    throttle = Throttle(8, 8, now=lambda: next(seconds))
    permits = [throttle.try_acquire() for _ in range(8)]
    throttle.throttled(permits[0])
    assert permits[1] is not None
    throttle.sent(permits[1])
    throttle.throttled(permits[1])
    assert throttle.width == 4


def test_the_width_never_falls_below_one() -> None:
    """At 0 nothing would ever be sent again."""
    throttle = Throttle(8, 8)
    for _ in range(20):
        throttle.throttled()
    assert throttle.width == 1


@given(st.lists(st.sampled_from(["take", "end", "refuse"]), max_size=400), st.integers(1, 40))
def test_whatever_happens_the_width_stays_within_its_bounds(steps: list[str], limit: int) -> None:
    """Any order of requests, ends and refusals, at any pace."""
    seconds = 0.0

    def now() -> float:
        nonlocal seconds
        seconds += 0.1
        return seconds

    throttle, permits = Throttle(8, limit, now=now), []
    for step in steps:
        if step == "take" and (permit := throttle.try_acquire()) is not None:
            permits.append(permit)
        elif step == "end" and permits:
            throttle.release(permits.pop(0))
        elif step == "refuse" and permits:
            throttle.throttled(permits[-1])
        assert 1 <= throttle.width <= limit
        assert len(permits) <= limit


def test_a_refusal_narrows_the_throttle_under_which_it_was_sent() -> None:
    """One clock serves list calls and statements; a busy warehouse must not slow the listing."""
    pace = Pace.default(speed=0.0)
    with pace.lists.permit(), pace.statements.permit():
        try:
            _refuse()
        except TooManyRequests:
            pace.clock.sleep(7)
    assert (pace.statements.throttlings, pace.lists.throttlings) == (1, 0)


def _refuse() -> None:
    raise TooManyRequests("slow down", retry_after_secs=7)


def test_spent_adds_up_from_all_threads_and_is_sorted() -> None:
    spent = RequestCounts()
    with ThreadPoolExecutor(8) as pool:
        for n in range(400):
            pool.submit(spent.add, "b" if n % 2 else "a")
    spent.add("c", 5)
    assert list(spent.counts().items()) == [("a", 200), ("b", 200), ("c", 5)]
