"""The sockets to an OPA server: cut when their time is over, with their peer checked."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, cast
from weakref import WeakSet

from msgspec import Struct
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
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
    """Requests' adapter for any number of threads.

    With `unix`, all requests go to that socket, whatever their URL says.
    """

    def __init__(self, connections: int, retry: Retry, unix: UnixSocket | None = None) -> None:
        self.unix = unix
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
        pools = {"http": _HttpPool, "https": _HttpsPool}
        made: Any = {scheme: partial(pool, adapter=self) for scheme, pool in pools.items()}
        manager.pool_classes_by_scheme = made

    def opened(self, line: _Line) -> None:
        """Note a new socket, which this thread uses now."""
        with self._lock:
            self._lines.add(line)
        self.used(line)

    def used(self, line: _Line) -> None:
        """Note the socket that this thread uses now."""
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


class _Connection:
    """What our connections add to those of urllib3: their socket, and which one is in use."""

    adapter: ServerAdapter
    line: _Line
    sock: Any
    timeout: Any

    def _new_conn(self) -> socket.socket:
        unix = self.adapter.unix
        if unix is None:
            found: socket.socket = super()._new_conn()  # type: ignore[misc]  # of the class beside
        else:
            try:
                found = unix.connect(self.timeout)
            except OSError as error:
                raise NewConnectionError(cast("Any", self), f"{unix.path}: {error}") from error
        self.line = _Line(found)
        self.adapter.opened(self.line)
        return found

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- passed on
        if self.sock is not None:
            self.adapter.used(self.line)
        super().request(*arguments, **options)  # type: ignore[misc]  # of the class beside


class _HttpConnection(_Connection, HTTPConnection):
    pass


class _HttpsConnection(_Connection, HTTPSConnection):
    pass


class _Pool:
    """What our pools add to those of urllib3: their connections know the adapter."""

    def __init__(self, *arguments: Any, adapter: ServerAdapter, **options: Any) -> None:  # noqa: ANN401 -- passed on
        super().__init__(*arguments, **options)
        self._adapter = adapter

    def _new_conn(self) -> Any:  # noqa: ANN401 -- of the class beside
        connection: _Connection = super()._new_conn()  # type: ignore[misc]  # of the class beside
        connection.adapter = self._adapter
        return connection


class _HttpPool(_Pool, HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
