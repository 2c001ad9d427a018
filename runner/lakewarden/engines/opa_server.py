"""A private OPA server: started for one run, on a Unix socket in a private folder, ended with it.

Not on a port: another user of the machine can bind that before OPA does, and then decides the run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import requests
from urllib3.util.retry import Retry

from lakewarden.engines.opa_sockets import (
    UNIX,
    UNIX_ROOT,
    ServerAdapter,
    UnixSocket,
    belongs_to_session,
)
from lakewarden.model.errors import EngineError
from lakewarden_collector.private_folder import NoPrivateFolderError, PrivateFolder

# OPA runs under this shell script, which waits on a pipe whose other end only we hold. A line on
# it asks to end OPA; its end means that we died (kill -9 included), and then the script first
# removes the working directory, as it is itself ended when OPA is. A pipe needs neither Linux (as
# prctl's parent-death signal does, which besides fires when the thread that forked ends) nor code
# between fork and exec, which is unsafe in a process with threads.
_WATCH: Final = """
exec 3<&0
dir=$1
shift
"$@" </dev/null 3<&- &
opa=$!
( read -r _ <&3 || rm -rf -- "$dir"; kill -KILL "$opa" ) 2>/dev/null &
watch=$!
exec 3<&-
wait "$opa"
status=$?
kill -KILL "$watch" 2>/dev/null
exit "$status"
"""

_READY_SECONDS: Final = 30.0
_END_SECONDS: Final = 3.0
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
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        try:
            self._directory = self._folder.__enter__()
        except NoPrivateFolderError as error:
            raise EngineError(error.what, remedy=error.remedy) from error
        try:
            self._fill(self._directory / "policies")
            authz = resources.files("lakewarden.engines") / "authz"
            with resources.as_file(authz) as source:
                shutil.copytree(source, self._directory / "authz")
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._directory = None
        self._folder.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        """The server's address, `unix://` and the path of its socket."""
        return f"{UNIX}{self.socket.path}"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def ended_within(self, seconds: float) -> bool:
        """Wait for the process to end; a broken connection is seen before its end is."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

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
        if process is None:
            return
        _ask_to_end(process)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill_group(process)
            process.wait()

    def failure(self, what: str) -> EngineError:
        """Return an error with the last words of OPA's log, which is kept for the reader."""
        said = self._said()
        handle, kept = tempfile.mkstemp(prefix="lakewarden-opa-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(said + "\n")
        return EngineError(
            f"{what}: {said[-_LOG_TAIL:] or 'it wrote nothing'}",
            where=str(self._binary),
            remedy=f"OPA's log is kept in {kept}.",
        )

    def _launch(self, socket_name: str) -> None:
        directory = self._root()
        command = [
            *("/bin/sh", "-c", _WATCH, "opa-watch", str(directory)),
            *serving(self._binary, socket_name, "authz", "policies"),
        ]
        with self._log().open("ab") as log:
            self._process = start_serving(command, directory, self.token, log, subprocess.PIPE)

    def _healthy(self) -> bool:
        """Wait for the health endpoint; false if the process ends first or the time is over."""
        return becomes_healthy(self.socket, self.token, lambda: self.alive)

    def _check_peer(self, connected: socket.socket) -> None:
        """Raise `EngineError` if another process than our OPA listens at the other end."""
        process = self._process
        if process is None or not belongs_to_session(connected, process.pid):
            raise EngineError(
                "another process listens on the socket of the OPA that was started for this run; "
                "it was not asked anything",
                where=self.socket.path,
                remedy="Find out which process of yours writes into the folders of others, "
                "and run again. A LAKEWARDEN_OPA that starts OPA in a session or container of its "
                "own cannot be used; start that server yourself and name it with --opa-url.",
            )

    def _root(self) -> Path:
        if self._directory is None:
            raise EngineError("the OPA server was not entered, or has ended")
        return self._directory

    def _said(self) -> str:
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


def start_serving(
    command: list[str], directory: Path, token: str, log: IO[bytes], stdin: int
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, with the token in an environment of its own."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "OPA_TOKEN": token, "GOGC": _GOGC}
    try:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"OPA cannot be started: {error}", where=command[0]) from error


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(b"end\n")
        process.stdin.close()
    except OSError:
        return  # it has ended already


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        return  # nobody of it is left
