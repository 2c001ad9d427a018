"""The sockets to an OPA server: Unix sockets too, whose other end is looked at, and all counted.

An idle connection that the server closed is opened again by urllib3 without an error, so that a
server which was restarted between two requests would go unnoticed; the count tells.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.retry import Retry

UNIX: Final = "unix://"
"""What an address begins with whose rest is the path of a socket, taken as it is written."""

UNIX_ROOT: Final = "http://localhost"
"""The URL by which requests know the server at a Unix socket; no name is looked up."""

_LOCAL_PEERCRED: Final = 1
_LOCAL_PEERPID: Final = 2
"""Options of macOS' Unix sockets, from its `sys/un.h`; Python has no names for them."""


class Peer(Struct, frozen=True, kw_only=True):
    """The process that listens at the other end of a Unix socket, as the system tells."""

    pid: int
    uid: int


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


def peer_of(connected: socket.socket) -> Peer | None:
    """Return who listens at the other end; None on a system that does not tell."""
    if sys.platform == "linux":
        credentials = struct.Struct("3i")
        raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
        pid, uid, _ = credentials.unpack(raw)
        return Peer(pid=pid, uid=uid)
    if sys.platform == "darwin":
        pid = connected.getsockopt(0, _LOCAL_PEERPID)
        _, uid = struct.unpack("2I", connected.getsockopt(0, _LOCAL_PEERCRED, 76)[:8])
        return Peer(pid=pid, uid=uid)
    return None


def belongs_to_session(connected: socket.socket, session: int) -> bool:
    """Whether a process of ours in this session listens at the other end, or nobody can tell.

    Raises `OSError` where that process has ended meanwhile.
    """
    peer = peer_of(connected)
    if peer is None:
        return True
    return peer.uid == os.geteuid() and peer.pid > 0 and os.getsid(peer.pid) == session


class ServerAdapter(HTTPAdapter):
    """Requests' adapter for any number of threads; `opened` counts its sockets so far.

    With `unix`, all requests go to that socket, whatever their URL says.
    """

    def __init__(self, connections: int, retry: Retry, unix: UnixSocket | None = None) -> None:
        self.opened = 0
        self._unix = unix
        self._lock = threading.Lock()
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=retry)

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
            scheme: _adapted(pool, self._count, self._unix)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def _count(self) -> None:
        with self._lock:
            self.opened += 1


def _adapted(
    pool: type[HTTPConnectionPool], connected: Callable[[], None], unix: UnixSocket | None
) -> type[HTTPConnectionPool]:
    """Return a kind of `pool` whose connections go to `unix` and call `connected` when open."""
    plain: Any = pool.ConnectionCls
    changes: dict[str, object] = {}

    def connect(connection: HTTPConnection) -> None:
        plain.connect(connection)
        connected()

    changes["connect"] = connect
    if unix is not None:

        def new_socket(connection: HTTPConnection) -> socket.socket:
            try:
                return unix.connect(connection.timeout)
            except OSError as error:
                raise NewConnectionError(connection, f"{unix.path}: {error}") from error

        changes["_new_conn"] = new_socket
    adapted = type(plain.__name__, (plain,), changes)
    return type(pool.__name__, (pool,), {"ConnectionCls": adapted})
