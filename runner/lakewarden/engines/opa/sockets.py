"""The sockets to an OPA server: Unix sockets too, whose other end is looked at, and all counted.

An idle connection that the server closed is opened again by urllib3 without an error, so that a
server which was restarted between two requests would go unnoticed; the count tells.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from weakref import WeakSet

from msgspec import Struct
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.exceptions import NewConnectionError
from urllib3.util.retry import Retry

from lakewarden_collector.unix_peer import peer_of

UNIX: Final = "unix://"
"""What an address begins with whose rest is the path of a socket, taken as it is written."""

UNIX_ROOT: Final = "http://localhost"
"""The URL by which requests know the server at a Unix socket; no name is looked up."""


class UnixSocket(Struct, frozen=True, kw_only=True):
    """Where a server listens. `check` gets each new socket before a byte is sent, and may raise."""

    path: str
    check: Callable[[socket.socket], None] = lambda _: None

    def connect(self, seconds: float | None) -> socket.socket:
        """Return a socket that is connected within `seconds`; raises `OSError`."""
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            found.settimeout(seconds)
            found.connect(self.path)
            self.check(found)
        except BaseException:
            found.close()
            raise
        return found


def belongs_to_session(connected: socket.socket, session: int) -> bool:
    """Whether a process of ours in this session listens at the other end, or nobody can tell.

    Raises `OSError` where that process has ended meanwhile.
    """
    peer = peer_of(connected)
    if peer is None:
        return True
    return peer.uid == os.geteuid() and peer.pid > 0 and os.getsid(peer.pid) == session


class _Line:
    """A second descriptor of a socket, by which another thread can cut it at any time.

    The first may be inside TLS, or given away to an answer that is being read.
    """

    def __init__(self, opened: socket.socket) -> None:
        self._own = opened.dup()

    def cut(self) -> None:
        with suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)

    def __del__(self) -> None:
        self._own.close()


class ServerAdapter(HTTPAdapter):
    """Requests' adapter for any number of threads; `opened` counts its sockets so far.

    With `unix`, all requests go to that socket, whatever their URL says.
    """

    def __init__(self, connections: int, retry: Retry, unix: UnixSocket | None = None) -> None:
        self.opened = 0
        self._unix = unix
        self._lock = threading.Lock()
        self._lines: WeakSet[_Line] = WeakSet()
        self._current = threading.local()
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=retry)

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[Callable[[], bool]]:
        """Cut the socket that this thread uses in the block once so much time has passed.

        What is being read or written then fails. Yields what tells whether the time is over.
        """
        expired = threading.Event()
        self._current.cut = cut = _Cut(expired)
        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield expired.is_set
        finally:
            timer.cancel()
            del self._current.cut

    def cut_all(self) -> None:
        """Cut all sockets, so that whatever waits for an answer fails."""
        for line in list(self._lines):
            line.cut()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- passed on
        """See `HTTPAdapter`."""
        super().init_poolmanager(*arguments, **options)
        self._adapt(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401 -- passed on
        """See `HTTPAdapter`."""
        known = proxy in self.proxy_manager
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        if not known:
            self._adapt(manager)
        return manager

    def _adapt(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {
            scheme: _adapted(pool, self._opened, self._used, self._unix)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def _opened(self, line: _Line) -> None:
        with self._lock:
            self.opened += 1
            self._lines.add(line)
        self._used(line)

    def _used(self, line: _Line) -> None:
        if (cut := getattr(self._current, "cut", None)) is not None:
            cut.use(line)


class _Cut:
    """Cuts the line that is used when it is called, and any that is used later."""

    def __init__(self, expired: threading.Event) -> None:
        self._expired = expired
        self._line: _Line | None = None

    def use(self, line: _Line) -> None:
        self._line = line
        if self._expired.is_set():
            line.cut()

    def __call__(self) -> None:
        self._expired.set()
        if self._line is not None:
            self._line.cut()


def _adapted(
    pool: type[HTTPConnectionPool],
    opened: Callable[[_Line], None],
    used: Callable[[_Line], None],
    unix: UnixSocket | None,
) -> type[HTTPConnectionPool]:
    """Return a kind of `pool` whose connections go to `unix`, and tell which line they use."""
    plain: Any = pool.ConnectionCls

    def new_socket(connection: Any) -> socket.socket:  # noqa: ANN401 -- of a class that is made here
        if unix is None:
            found: socket.socket = plain._new_conn(connection)  # noqa: SLF001 -- its only hook
        else:
            try:
                found = unix.connect(connection.timeout)
            except OSError as error:
                raise NewConnectionError(connection, f"{unix.path}: {error}") from error
        connection.line = _Line(found)
        opened(connection.line)
        return found

    def request(connection: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- passed on
        if connection.sock is not None:
            used(connection.line)
        plain.request(connection, *arguments, **options)

    changes = {"_new_conn": new_socket, "request": request}
    adapted = type(plain.__name__, (plain,), changes)
    return type(pool.__name__, (pool,), {"ConnectionCls": adapted})
