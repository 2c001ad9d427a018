"""The clock that databricks-sdk sleeps by, so that its retries are seen and can be ended."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests
from databricks.sdk.clock import Clock
from databricks.sdk.errors import TemporarilyUnavailable, TooManyRequests
from databricks.sdk.errors.base import DatabricksError

from lakewarden_collector.sources.databricks.concurrency import permits
from lakewarden_collector.sources.databricks.concurrency.permits import Interrupted

_REFUSALS: Final = (TooManyRequests, TemporarilyUnavailable)
"""HTTP 429 and 503; RESOURCE_EXHAUSTED and REQUEST_LIMIT_EXCEEDED have subclasses of these."""
_RETRIED: Final = (DatabricksError, requests.RequestException)
"""What the SDK may be handling when it sleeps before another attempt."""


def is_refusal(error: BaseException | None) -> bool:
    """Tell whether the workspace refused a request because there were too many."""
    if not isinstance(error, DatabricksError):
        return False
    # The SDK sets `retry_after_secs` for 429 and 503 alone, whatever error code came with them.
    return isinstance(error, _REFUSALS) or error.retry_after_secs is not None


class _Thread(threading.local):
    def __init__(self) -> None:
        self.skipped = 0.0
        self.shielded_until: float | None = None


class PacedClock(Clock):
    """Sleeps between retries and polls; ends early when the run is to stop.

    The SDK retries 429, 503 and broken connections by itself and sleeps through the clock that its
    `Config` was given, inside the `except` block of what it retries (databricks-sdk `retries.py`),
    so that `sys.exception()` tells why it sleeps. `speed` scales real sleeping, for tests; the time
    that this thread then saved is added to what `time` tells it, so that deadlines and the SDK's
    retry budget are the same at any speed.
    """

    def __init__(self, stop: threading.Event | None = None, *, speed: float = 1.0) -> None:
        self.stop = stop or threading.Event()
        self._speed = speed
        self._retries = 0
        self._lock = threading.Lock()
        self._thread = _Thread()

    @property
    def retries(self) -> int:
        """How many times the SDK has waited to send a request again."""
        return self._retries

    def time(self) -> float:
        """Return seconds since the epoch, as this thread has lived them."""
        return time.time() + self._thread.skipped

    def sleep(self, seconds: float) -> None:
        """Wait; raises `Interrupted` as soon as the run is to stop.

        Where an error of the SDK is being handled it is a retry: it is counted, and a refusal is
        told to the throttle under whose permit this thread sends.
        """
        error, permit = sys.exception(), permits.current()
        if isinstance(error, _RETRIED):
            with self._lock:
                self._retries += 1
            if permit is not None and is_refusal(error):
                permit.limiter.throttled(permit)
        self._wait(max(0.0, seconds))
        if permit is not None:
            permit.limiter.sent(permit)

    @contextmanager
    def shielded(self, seconds: float) -> Iterator[None]:
        """Let this thread go on for so many seconds although the run is to stop.

        Cancelling what is under way needs requests of its own, and their retries.
        """
        before = self._thread.shielded_until
        self._thread.shielded_until = self.time() + seconds
        try:
            yield
        finally:
            self._thread.shielded_until = before

    def left(self) -> float | None:
        """Return how many seconds this thread has left; None where the run is not to stop."""
        if not self.stop.is_set():
            return None
        until = self._thread.shielded_until
        return 0.0 if until is None else max(0.0, until - self.time())

    def _wait(self, seconds: float) -> None:
        until = self._thread.shielded_until
        if until is None:
            if self.stop.wait(seconds * self._speed):
                raise Interrupted
        else:
            if self.time() + seconds > until:
                raise Interrupted
            time.sleep(seconds * self._speed)
        self._thread.skipped += seconds * (1 - self._speed)
