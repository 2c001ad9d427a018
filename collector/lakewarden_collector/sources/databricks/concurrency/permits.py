"""Who may send a request, remembered by the thread that sends it."""

from __future__ import annotations

import threading
from typing import Protocol


class Interrupted(Exception):  # noqa: N818 -- no error: somebody asked the run to stop
    """The run was asked to stop, and a wait ended early because of it."""


class Limiter(Protocol):
    """What hands out permits and hears of refusals."""

    def throttled(self, permit: Permit | None = None) -> None:
        """Be told that the workspace refused a request of `permit` with 429 or 503."""
        ...

    def sent(self, permit: Permit) -> None:
        """Be told that the next request under `permit` is sent now."""
        ...


class Permit:
    """Leave to have one request under way.

    `since` is when the request that is under way was sent, in the throttle's seconds: a refusal of
    a request that was sent before the throttle narrowed says nothing about the new width. One that
    was `refused` once says nothing for a larger one, whatever came of it then.
    """

    __slots__ = ("limiter", "refused", "since")

    def __init__(self, limiter: Limiter, since: float) -> None:
        self.limiter = limiter
        self.since = since
        self.refused = False


class _Thread(threading.local):
    def __init__(self) -> None:
        self.permits: list[Permit] = []


_thread = _Thread()


def hold(permit: Permit) -> None:
    """Note that this thread sends its requests under `permit` from here on."""
    _thread.permits.append(permit)


def let_go() -> None:
    """Note that this thread is done with the permit that it took last."""
    _thread.permits.pop()


def current() -> Permit | None:
    """Return the permit that this thread sends under; None where it has none."""
    return _thread.permits[-1] if _thread.permits else None
