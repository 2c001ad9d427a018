"""Sends a request again after what passes and databricks-sdk does not retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from databricks.sdk.clock import Clock

PAUSES: Final = (1.0, 2.0, 4.0)
"""Seconds before each further attempt."""

T = TypeVar("T")


def persistently(send: Callable[[], T], passes: Callable[[Exception], bool], clock: Clock) -> T:
    """Return what `send` returns, tried again after each error that `passes` says yes to.

    The last attempt's error is raised, and every other one. The clock sleeps while the error is
    being handled, so that it sees what is retried.
    """
    for pause in PAUSES:
        try:
            return send()
        except Exception as error:
            if not passes(error):
                raise
            clock.sleep(pause)
    return send()
