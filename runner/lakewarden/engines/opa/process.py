"""A private OPA server: started for one run, on a Unix socket in a private folder, ended with it.

Not on a port: another user of the machine can bind that before OPA does, and then decides the run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import requests
from urllib3.util.retry import Retry

from lakewarden.engines.opa.sockets import (
    UNIX,
    UNIX_ROOT,
    ServerAdapter,
    UnixSocket,
    belongs_to_session,
)
from lakewarden.engines.watched import WatchedProcess
from lakewarden.model.errors import EngineError
from lakewarden_collector.private_folder import NoPrivateFolderError, PrivateFolder

_READY_SECONDS: Final = 30.0
_HEALTH_SECONDS: Final = 0.5
_SOCKET_NAME_BYTES: Final = 8
_LOG_TAIL: Final = 2000

_GOGC: Final = "400"
"""Go's default, 100, spends a quarter of OPA's processor time on collecting garbage; this costs
about 100 MB of OPA's memory instead (measured with batches of 100 documents of 20 columns)."""


class OpaServer:
    """The process, as a context manager; `url`, `socket` and `token` say how to reach it.

    It gets a session of its own, so that Ctrl-C in the terminal reaches us alone and OPA answers
    until we end it. `fill` writes the policies into the bundle root that it is given; it runs once.
    """

    def __init__(self, binary: Path, fill: Callable[[Path], None]) -> None:
        self.token = ""
        self.socket = UnixSocket(path="")
        self._binary = binary.absolute()  # it runs in another directory
        self._fill = fill
        self._folder = PrivateFolder("opa", socket_name_bytes=_SOCKET_NAME_BYTES)
        self._directory: Path | None = None
        self._process: WatchedProcess | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        try:
            self._directory = self._folder.__enter__()
        except NoPrivateFolderError as error:
            raise EngineError(error.what, remedy=error.remedy, details=error.details) from error
        try:
            self._fill(self._directory / "policies")
            authz = resources.files("lakewarden.engines.opa") / "authz"
            with resources.as_file(authz) as source:
                shutil.copytree(source, self._directory / "authz")
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._directory = None
        self._folder.__exit__(error_type, error, trace)

    @property
    def url(self) -> str:
        """The server's address, `unix://` and the path of its socket."""
        return f"{UNIX}{self.socket.path}"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.alive

    def ended_within(self, seconds: float) -> bool:
        """Wait for the process to end; a broken connection is seen before its end is."""
        return self._process is None or self._process.wait(seconds) is not None

    def start(self) -> None:
        """Start OPA and wait until it is healthy; again, after it died.

        Each start has a token and a socket of its own: who knows an earlier one has nothing.
        Raises `EngineError`, which names the kept log.
        """
        # If the shell was killed and not OPA, what watches outlived it: closing the old pipe would
        # make it remove the directory in which the new server is about to run.
        self.stop()
        self.token = secrets.token_urlsafe(32)
        name = secrets.token_hex(_SOCKET_NAME_BYTES // 2)
        self._launch(name)
        self.socket = UnixSocket(path=str(self._root() / name), check=self._check_peer)
        if not self._healthy():
            raise self.failure("OPA did not start")

    def stop(self) -> None:
        """End the process and everything in its session. OPA keeps nothing, so at once."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def failure(self, what: str) -> EngineError:
        """Return an error with the last words of OPA's log, which is kept for the reader."""
        output = self._output()
        handle, kept = tempfile.mkstemp(prefix="lakewarden-opa-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(output + "\n")
        first, *more = output[-_LOG_TAIL:].splitlines() or ["it wrote nothing"]
        return EngineError(
            f"{what}: {first}",
            details=more,
            where=str(self._binary),
            remedy=f"OPA's log is kept in {kept}.",
        )

    def _launch(self, socket_name: str) -> None:
        directory = self._root()
        with self._log().open("ab") as log:
            self._process = WatchedProcess(
                serving(self._binary, socket_name, "authz", "policies"),
                cwd=directory,
                env=environment(self.token),
                stdout=log,
                stderr=log,
                removing=directory,
            )

    def _healthy(self) -> bool:
        """Wait for the health endpoint; false if the process ends first or the time is over."""
        return becomes_healthy(self.socket, self.token, lambda: self.alive)

    def _check_peer(self, connected: socket.socket) -> None:
        """Raise `EngineError` if another process than our OPA listens at the other end."""
        process = self._process
        if process is None or not belongs_to_session(connected, process.session):
            raise EngineError(
                "another process listens on the socket of the OPA that was started for this run; "
                "it was not asked anything",
                where=self.socket.path,
                remedy="Find out which process of yours writes into the folders of others, "
                "and run again. A LAKEWARDEN_OPA that starts OPA in a session or container of its "
                "own can't be used; start that server yourself and name it with --opa-url.",
            )

    def _root(self) -> Path:
        if self._directory is None:
            raise EngineError("the OPA server was not entered, or has ended")
        return self._directory

    def _output(self) -> str:
        """Return OPA's log without its warnings, such as the one about running as root."""
        lines = self._log().read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(line for line in lines if '"level":"warning"' not in line)

    def _log(self) -> Path:
        return self._root() / "opa.log"


def serving(binary: Path, socket_name: str, *bundles: str) -> list[str]:
    """Return the command line of a server that only who knows its token can use.

    It neither tells the token, nor where the socket is: in OPA's working directory.
    """
    return [
        *(str(binary), "run", "--server"),
        *("--addr", f"{UNIX}{socket_name}", "--unix-socket-perm", "600"),
        *("--authentication", "token", "--authorization", "basic"),
        *("--skip-version-check", "--log-level", "error", "--ignore", "*_test.rego"),
        *("--bundle", *bundles),
    ]


def becomes_healthy(unix: UnixSocket, token: str, alive: Callable[[], bool]) -> bool:
    """Wait for a server's health endpoint; false if it ends first, or is not healthy in time."""
    deadline = time.monotonic() + _READY_SECONDS
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business here
        session.mount("http://", ServerAdapter(1, Retry(0), unix))
        session.headers["Authorization"] = f"Bearer {token}"
        while alive() and time.monotonic() < deadline:
            try:
                answer = session.get(f"{UNIX_ROOT}/health", timeout=_HEALTH_SECONDS)
            except requests.RequestException:
                time.sleep(0.02)
            else:
                if answer.ok and alive():
                    return True
                time.sleep(0.02)
    return False


def environment(token: str) -> dict[str, str]:
    """Return all that a server sees of an environment."""
    return {"PATH": os.environ.get("PATH", os.defpath), "OPA_TOKEN": token, "GOGC": _GOGC}
