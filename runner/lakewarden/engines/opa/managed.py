"""The server that is started for the run."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from lakewarden.engines.bundle.stage import stage
from lakewarden.engines.interface import MOST_RESTARTS
from lakewarden.engines.opa.check import check_policies
from lakewarden.engines.opa.engine import OpaEngine
from lakewarden.engines.opa.process import OpaServer
from lakewarden_collector import interruption

if TYPE_CHECKING:
    from lakewarden.engines.opa.connection import Connection, ConnectionLostError

_CONNECTION: Final = "lakewarden.engines.opa.connection"
_DYING_SECONDS: Final = 2.0


def managed(binary: Path, policy_dirs: Sequence[Path]) -> OpaEngine:
    """Return an engine that starts `binary` with the policies of all directories."""
    return OpaEngine(ManagedHost(binary, policy_dirs))


class ManagedHost:
    """Stages and checks the policies, starts OPA, and starts it again where it dies."""

    def __init__(self, binary: Path, policy_dirs: Sequence[Path]) -> None:
        self.binary = binary.absolute()  # it runs in other directories
        self._policy_dirs = policy_dirs
        self._sources: Mapping[str, Path] = {}
        self._server: OpaServer | None = None
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._restarts = 0

    def __enter__(self) -> Connection:
        # The import takes a tenth of a second, in which OPA checks the policies and starts.
        threading.Thread(target=import_module, args=[_CONNECTION], daemon=True).start()
        self._server = OpaServer(self.binary, self._fill)
        self._server.__enter__()
        return self._connect(self._server)

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection, self._connection = self._connection, None
        server, self._server = self._server, None
        if connection is not None:
            connection.close_connection()
        if server is not None:
            server.__exit__(error_type, error, trace)

    def revive(self, lost: Connection, error: ConnectionLostError) -> Connection:
        """Start a server that died again; the threads that lost it share the new one."""
        with self._lock:
            server, connection = self._server, self._connection
            if server is None or connection is None:
                raise error
            if interruption.requested():
                raise error  # it was ended on purpose
            if connection is not lost:
                return connection
            if not server.ended_within(_DYING_SECONDS):
                return connection  # it lives: only this one connection broke
            if self._restarts == MOST_RESTARTS:
                raise server.failure(
                    f"OPA died, was started again {MOST_RESTARTS} times, and died again"
                ) from error
            self._restarts += 1
            lost.close_connection()
            server.start()
            return self._connect(server)

    def check_modules(self, connection: Connection) -> None:
        """Do nothing: a server of ours has the policies that were staged, however often started."""

    def _fill(self, bundle: Path) -> None:
        self._sources = stage(self._policy_dirs, bundle)
        check_policies(self.binary, bundle, self._sources)

    def _connect(self, server: OpaServer) -> Connection:
        from lakewarden.engines.opa.connection import Connection  # noqa: PLC0415 -- slow import

        self._connection = Connection(
            server.url, token=server.token, unix=server.socket, places=self._sources
        )
        return self._connection
