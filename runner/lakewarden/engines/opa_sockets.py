"""Counting the sockets that are opened to a server, to notice that it may be another one.

An idle connection that the server closed is opened anew by urllib3 without an error, so whoever
restarts a server between two requests would else go unnoticed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.util.retry import Retry


class CountingAdapter(HTTPAdapter):
    """Requests' adapter for any number of threads; `opened` counts its sockets so far."""

    def __init__(self, connections: int, retry: Retry) -> None:
        self.opened = 0
        self._lock = threading.Lock()
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=retry)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- passed on
        """See `HTTPAdapter`."""
        super().init_poolmanager(*arguments, **options)
        self._count_in(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401 -- passed on
        """See `HTTPAdapter`."""
        known = proxy in self.proxy_manager
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        if not known:
            self._count_in(manager)
        return manager

    def _count_in(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {
            scheme: _telling(pool, self._count)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    def _count(self) -> None:
        with self._lock:
            self.opened += 1


def _telling(
    pool: type[HTTPConnectionPool], connected: Callable[[], None]
) -> type[HTTPConnectionPool]:
    """Return a kind of `pool` whose connections call `connected` when they have a socket."""
    plain: Any = pool.ConnectionCls

    def connect(connection: HTTPConnection) -> None:
        plain.connect(connection)
        connected()

    telling = type(plain.__name__, (plain,), {"connect": connect})
    return type(pool.__name__, (pool,), {"ConnectionCls": telling})
