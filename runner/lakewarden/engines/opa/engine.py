"""The engine `opa`: decides through an OPA server, its own or a running one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

from lakewarden.engines.interface import Module
from lakewarden.engines.opa.modules import modules_of
from lakewarden.model.errors import EngineDiedError, EngineError
from lakewarden.model.report import EngineInfo

if TYPE_CHECKING:
    from lakewarden.engines.opa.connection import Connection, ConnectionLostError

_MOST_IN_FLIGHT: Final = 8


class Host(Protocol):
    """Where the server is: one that we start, or one that runs."""

    @property
    def binary(self) -> Path | None:
        """The program that is started; None where the server runs already."""
        ...

    def __enter__(self) -> Connection:
        """Have a server with the right policies."""
        ...

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what entering started."""
        ...

    def revive(self, lost: Connection, error: ConnectionLostError) -> Connection:
        """Return a connection to ask once more after `lost` broke, or raise `EngineError`."""
        ...

    def check_modules(self, connection: Connection) -> None:
        """Raise `ConfigurationError` if the server's policies are others than at first."""
        ...


class OpaEngine:
    """See `interface.Engine`. Made by `opa_managed.managed` or `opa_remote.remote`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._connection: Connection | None = None
        self._modules: Sequence[Module] = ()
        self._version = ""

    def __enter__(self) -> Self:
        connection = self._host.__enter__()
        try:
            self._modules = modules_of(connection.policies())
            self._version = connection.server_version()
        except BaseException:
            self._host.__exit__(None, None, None)
            raise
        self._connection = connection
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection = None
        self._host.__exit__(error_type, error, trace)

    @property
    def info(self) -> EngineInfo:
        """OPA and the version that the server itself tells."""
        return EngineInfo(name="opa", version=self._version)

    @property
    def binary(self) -> Path | None:
        """See `interface.Engine.binary`."""
        return self._host.binary

    @property
    def concurrency(self) -> int:
        """One request for each processor, and one that waits while we unpack an answer.

        OPA evaluates a query on one processor only.
        """
        return 1 + max(2, min(_MOST_IN_FLIGHT, _processors()))

    def modules(self) -> Sequence[Module]:
        """Return the modules as the server holds them."""
        return self._modules

    def check_modules(self) -> None:
        """See `interface.Engine.check_modules`."""
        self._host.check_modules(self._connected())

    def decide(self, request: bytes) -> bytes:
        """See `interface.Engine.decide`. A lost connection is made again and asked once more."""
        from lakewarden.engines.opa.connection import ConnectionLostError  # noqa: PLC0415 -- slow import

        connection = self._connected()
        try:
            return connection.decide(request)
        except ConnectionLostError as error:
            self._connection = again = self._host.revive(connection, error)
        try:
            return again.decide(request)
        except ConnectionLostError as error:
            self._connection = another = self._host.revive(again, error)
            if another is again:
                raise
            raise EngineDiedError(
                "OPA ended while it evaluated this, and again when it was asked once more; "
                "it may have run out of memory"
            ) from error

    def _connected(self) -> Connection:
        if self._connection is None:
            raise EngineError("the engine was not entered, or has ended")
        return self._connection


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
