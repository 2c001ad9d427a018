"""How long one tries to reach a host of which nobody knows yet whether it is there at all."""

from __future__ import annotations

import sys
from typing import Final

import requests
from databricks.sdk.clock import Clock
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ProxyError, SSLError

PATIENCE: Final = 5.0
"""Seconds: two or three attempts, at intervals of the SDK's choice."""

_NO_CONNECTION: Final = (ConnectTimeoutError, ProxyError, SSLError)
"""What urllib3 says of a name that nobody knows, a refused connection, no answer, no trust."""


class FirstContact(Clock):
    """The clock of the first requests, which ends retries where no connection can be made.

    The SDK retries that as long as any other fault (`_base_client.py`, `_is_retryable`), but before
    the host has ever answered it mostly means a wrong name, a missing proxy or a wrong certificate.
    Once `made` is called this is the clock that it was given.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made = False
        self._failing_since: float | None = None
        self._given_up = False
        """Whether it has given up: no later wait, however short, is worth it."""

    def made(self) -> None:
        """Note that the host has answered."""
        self._made = True

    def time(self) -> float:
        """Return seconds since the epoch."""
        return self._clock.time()

    def sleep(self, seconds: float) -> None:
        """Wait, or raise `TimeoutError` where waiting would not help.

        The SDK sleeps inside the `except` block of what it retries (databricks-sdk `retries.py`).
        """
        error = sys.exception()
        if not self._made and is_unconnected(error):
            now = self.time()
            self._failing_since = now if self._failing_since is None else self._failing_since
            self._given_up |= now + seconds > self._failing_since + PATIENCE
            if self._given_up:
                raise TimeoutError("no connection can be made") from error
        self._clock.sleep(seconds)


def is_unconnected(error: BaseException | None) -> bool:
    """Tell whether a request failed before there was a connection that it could be sent over."""
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    cause = error.args[0]
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, _NO_CONNECTION)
