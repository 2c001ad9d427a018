"""The clock under the SDK's own retries: they are seen, scaled and can be ended."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from databricks.sdk.errors import PermissionDenied, TemporarilyUnavailable, TooManyRequests
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.retries import retried

from lakewarden_collector.sources.databricks.concurrency.pace import (
    Interrupted,
    PacedClock,
    Throttle,
)
from lakewarden_collector.sources.databricks.concurrency.retry_clock import is_refusal


def _failing(clock: PacedClock, error: Exception, times: int) -> int:
    """Return how often the SDK's own retrying called a function that fails so many times."""
    calls = 0

    def request() -> int:
        nonlocal calls
        calls += 1
        if calls <= times:
            raise error
        return calls

    again = retried(
        timeout=timedelta(seconds=300),
        is_retryable=lambda e: "broken" if isinstance(e, requests.ConnectionError) else None,
        clock=clock,
    )
    return int(again(request)())


@pytest.mark.parametrize(
    ("error", "throttlings"),
    [
        (TooManyRequests("slow down", retry_after_secs=1), 3),
        (TemporarilyUnavailable("later", retry_after_secs=1), 3),
        (requests.ConnectionError("reset"), 0),
    ],
)
def test_the_sdk_s_retries_are_seen(error: Exception, throttlings: int) -> None:
    """They happen inside the SDK; unseen, a throttled run would look like a slow one."""
    clock, throttle = PacedClock(speed=0.0), Throttle(8, 8)
    with throttle.permit():
        assert _failing(clock, error, 3) == 4
    assert (clock.retries, throttle.throttlings) == (3, throttlings)


def test_the_sdk_s_budget_is_the_same_at_any_speed() -> None:
    """A budget in real seconds would let a scaled test retry for ever."""
    clock = PacedClock(speed=0.0)
    with pytest.raises(TimeoutError) as caught:
        _failing(clock, TooManyRequests("slow down", retry_after_secs=60), 1_000)
    assert isinstance(caught.value.__cause__, TooManyRequests)
    assert 4 <= clock.retries <= 6


def test_a_wait_that_is_no_retry_is_not_counted() -> None:
    clock, throttle = PacedClock(speed=0.0), Throttle(8, 8)
    with throttle.permit():
        clock.sleep(5)
    assert (clock.retries, throttle.throttlings) == (0, 0)


def test_the_clock_shows_the_time_slept_at_any_speed() -> None:
    """Deadlines of minutes are tested in milliseconds, and must still come."""
    clock = PacedClock(speed=0.0)
    before = clock.time()
    clock.sleep(100)
    assert 100 <= clock.time() - before < 160


def test_a_sleep_of_one_thread_is_not_another_s() -> None:
    """Fifty threads that wait a second each have waited a second, not fifty."""
    clock = PacedClock(speed=0.0)
    before = clock.time()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(clock.sleep, 10_000).result()
    assert clock.time() - before < 5_000


def test_stopping_ends_a_sleep() -> None:
    """A Retry-After of an hour must not hold up Ctrl-C."""
    clock = PacedClock()
    with ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(clock.sleep, 3_600)
        clock.stop.set()
        assert isinstance(sleeping.exception(), Interrupted)


def test_stopping_ends_the_sdk_s_retries() -> None:
    """`Interrupted` must not be taken for something to retry, nor for an error of the API."""
    clock = PacedClock()
    clock.stop.set()
    with pytest.raises(Interrupted) as caught:
        _failing(clock, TooManyRequests("slow down", retry_after_secs=60), 1_000)
    assert isinstance(caught.value.__context__, TooManyRequests)
    assert not isinstance(caught.value, DatabricksError)


def test_a_shielded_thread_goes_on_after_the_stop_but_not_for_ever() -> None:
    """What is under way is cancelled by requests that may be throttled as well."""
    clock = PacedClock(threading.Event(), speed=0.0)
    clock.stop.set()
    with clock.shielded(10):
        clock.sleep(4)
        clock.sleep(4)
        with pytest.raises(Interrupted):
            clock.sleep(4)
    with pytest.raises(Interrupted):
        clock.sleep(0)


def test_the_real_speed_is_real() -> None:
    before = time.monotonic()
    PacedClock().sleep(0.02)
    assert time.monotonic() - before >= 0.02


def test_only_refusals_for_being_too_many_are_taken_for_such() -> None:
    assert is_refusal(TooManyRequests("x"))
    assert is_refusal(TemporarilyUnavailable("x"))
    assert is_refusal(DatabricksError("x", retry_after_secs=1))
    assert not is_refusal(PermissionDenied("x"))
    assert not is_refusal(requests.ConnectionError("x"))
    assert not is_refusal(None)
