"""A server that runs already, and whether its policies are ours."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from lakewarden.engines.bundle.stage import StagedModule, read_policies
from lakewarden.engines.interface import Module
from lakewarden.engines.opa.engine import OpaEngine
from lakewarden.engines.opa.modules import modules_of, reject_impure_trees
from lakewarden.model.errors import ConfigurationError

if TYPE_CHECKING:
    from lakewarden.engines.opa.connection import Connection, ConnectionLostError, Tls


def remote(
    url: str,
    *,
    token: str | None = None,
    tls: Tls | None = None,
    policy_dirs: Sequence[Path] = (),
    trust_server_policies: bool = False,
) -> OpaEngine:
    """Return an engine that asks the server at `url`.

    Its modules under package `lakewarden` must be those of `policy_dirs`, unless they are trusted
    as they are.
    """
    return OpaEngine(
        RemoteHost(
            url,
            token=token,
            tls=tls,
            policy_dirs=policy_dirs,
            trust=trust_server_policies,
        )
    )


class RemoteHost:
    """Connects, and refuses a server with other policies."""

    binary: Path | None = None

    def __init__(
        self,
        url: str,
        *,
        token: str | None,
        tls: Tls | None,
        policy_dirs: Sequence[Path],
        trust: bool,
    ) -> None:
        self._url = url
        self._token = token
        self._tls = tls
        self._policy_dirs = policy_dirs
        self._trust = trust
        self._connection: Connection | None = None
        self._modules: Sequence[Module] = ()
        self._lock = threading.Lock()

    def __enter__(self) -> Connection:
        from lakewarden.engines.opa.connection import Connection  # noqa: PLC0415 -- slow import

        self._connection = connection = Connection(self._url, token=self._token, tls=self._tls)
        try:
            policies = connection.policies()
            reject_impure_trees(policies)
            self._modules = modules_of(policies)
            if not self._trust:
                compare(self._modules, read_policies(self._policy_dirs), self._url)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return connection

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close_connection()

    def revive(self, lost: Connection, error: ConnectionLostError) -> Connection:
        """Return the same connection: a server that was restarted answers the second request."""
        with self._lock:
            if self._connection is None:
                raise error
            return lost

    def check_modules(self, connection: Connection) -> None:
        """Compare the server's policies again: it may have been restarted, or reloaded, meanwhile.

        It must hold what it held when the run began, trusted or not: the report names those
        policies. Raises `ConfigurationError` if it holds others.
        """
        if changes := _differences(modules_of(connection.policies()), self._modules):
            raise ConfigurationError(
                "the server's policies changed during the run:",
                where=self._url,
                details=changes,
                remedy="Run again, so that the same policies decide every table.",
            )


def compare(theirs: Iterable[Module], ours: Iterable[StagedModule], url: str) -> None:
    """Raise `ConfigurationError` listing what the server lacks, has too many, or has otherwise."""
    if differences := _differences(theirs, ours):
        raise ConfigurationError(
            "the server's policies differ from the local ones:",
            where=url,
            details=differences,
            remedy="Reload the server (`make opa-down opa-up`, or restart it with these policies), "
            "or accept its own with --trust-server-policies.",
        )


def _differences(
    found: Iterable[Module], expected: Iterable[Module | StagedModule]
) -> Sequence[str]:
    """Return a line for each package that the server lacks, has too many, or has otherwise."""
    theirs, mine = _texts(found), _texts(expected)
    return [
        *(f"missing on the server: {package}" for package in sorted(mine.keys() - theirs.keys())),
        *(f"only on the server: {package}" for package in sorted(theirs.keys() - mine.keys())),
        *(
            f"different text: {package}"
            for package in sorted(mine.keys() & theirs.keys())
            if mine[package] != theirs[package]
        ),
    ]


def _texts(modules: Iterable[Module | StagedModule]) -> dict[str, list[str]]:
    """Return the texts of each package; where a server keeps a module's file is its own affair."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for module in modules:
        texts[module.package].append(module.text)
    return {package: sorted(found) for package, found in texts.items()}
