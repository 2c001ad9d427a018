"""A deadline for a whole request: its host looked up, connected, sent, and answered to the end.

The timeouts of `requests` count between two bytes; neither the look-up of a name nor a server that
sends a byte a second ever reaches one. So a thread of its own does each request, and what waits
for it goes on at the deadline, or when the run is to stop. A request that was let go ends with its
socket, or with the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final, Generic, TypeVar

import requests
from databricks.sdk.core import ApiClient
from requests.adapters import HTTPAdapter

from lakewarden_collector.sources.databricks.concurrency.permits import Interrupted
from lakewarden_collector.sources.databricks.concurrency.retry_clock import PacedClock

_LOOK: Final = 0.1
"""Seconds between two looks at whether the run is to stop."""

GRACE: Final = 0.6
"""Seconds that a statement being sent has left when the run is to stop: its answer says by which
name it can be cancelled."""

T = TypeVar("T")


class DeadlineError(requests.RequestException, TimeoutError):
    """The answer did not come to its end in time. databricks-sdk does not ask for it again."""


def within(seconds: float, clock: PacedClock, work: Callable[[], T], *, grace: float = 0.0) -> T:
    """Return what `work` returns, or raise what it raises; it runs in a thread of its own.

    Raises `DeadlineError` after so many seconds. Where the run is to stop, raises `Interrupted`
    after `grace` seconds, or as soon as the clock shields this thread no longer.
    """
    task = _Task(work)
    threading.Thread(target=task.run, name="request", daemon=True).start()
    until, stopping = monotonic() + seconds, False
    while not task.ended.wait(max(0.0, min(_LOOK, until - monotonic()))):
        left = clock.left()
        if left is not None and not stopping:
            stopping = True
            until = min(until, monotonic() + max(left, grace))
        if monotonic() >= until:
            if stopping:
                raise Interrupted
            raise DeadlineError(f"the answer wasn't complete within {seconds:.0f} seconds")
    return task.result()


class _Task(Generic[T]):
    """Something that a thread does, and its result."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.ended = threading.Event()
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            self._error = error
        self.ended.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]


class _Adapter(HTTPAdapter):
    """Sends each request of a session within a deadline; its answer is read before it returns."""

    def __init__(self, seconds: float, clock: PacedClock, connections: int) -> None:
        self._seconds = seconds
        self._clock = clock
        # A request that was let go keeps its connection, and nobody must wait for that one.
        super().__init__(connections, connections, pool_block=False)

    def send(  # noqa: PLR0917 -- as in HTTPAdapter
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 -- as in HTTPAdapter
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 -- as in HTTPAdapter
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        def sent() -> requests.Response:
            response = super(_Adapter, self).send(request, stream, timeout, verify, cert, proxies)
            if not stream:
                response.content  # noqa: B018 -- reads it, and keeps it
            return response

        grace = 0.0 if request.method == "GET" else GRACE
        return within(self._seconds, self._clock, sent, grace=grace)


def limit(client: ApiClient, seconds: float, clock: PacedClock, connections: int) -> None:
    """Give each request of a client of the SDK so many seconds in all, its sign-in included.

    The SDK has no setting for this, nor a public way to its session.
    """
    session: requests.Session = client._api_client._session  # noqa: SLF001 -- see above
    adapter = _Adapter(seconds, clock, connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    authenticate: Any = session.auth

    def bounded(request: requests.PreparedRequest) -> requests.PreparedRequest:
        signed: requests.PreparedRequest = within(seconds, clock, lambda: authenticate(request))
        return signed

    session.auth = bounded
