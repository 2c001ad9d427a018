"""A private OPA server: started for one run, on loopback, and ended with it."""

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

from lakewarden.model.errors import EngineError

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
_PORTS_TO_TRY: Final = 5
_LOG_TAIL: Final = 2000

_GOGC: Final = "400"
"""Go's default, 100, spends a quarter of OPA's processor time on collecting garbage; this costs
about 100 MB of OPA's memory instead (measured with batches of 100 documents of 20 columns)."""


class OpaServer:
    """The process, as a context manager; `url` and `token` say how to reach it.

    It gets a session of its own, so that Ctrl-C in the terminal reaches us alone and OPA answers
    until we end it. `fill` writes the policies into the bundle root that it is given; it runs once.
    """

    def __init__(self, binary: Path, fill: Callable[[Path], None]) -> None:
        self.token = secrets.token_urlsafe(32)
        self.url = ""
        self._binary = binary.absolute()  # it runs in another directory
        self._fill = fill
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        directory = Path(tempfile.mkdtemp(prefix="lakewarden-opa-"))
        self._directory = directory
        try:
            self._fill(directory / "policies")
            authz = resources.files("lakewarden.engines") / "authz"
            with resources.as_file(authz) as source:
                shutil.copytree(source, directory / "authz")
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
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

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
        """Start OPA on a free port and wait until it is healthy; again, after it died.

        OPA does not tell the port of `--addr 127.0.0.1:0`, so a free one is looked for, and
        another one if somebody was faster. Raises `EngineError`, which names the kept log.
        """
        # If the shell was killed and not OPA, what watches outlived it: closing the old pipe would
        # make it remove the directory in which the new server is about to run.
        self.stop()
        for _ in range(_PORTS_TO_TRY):
            port = _free_port()
            self._launch(port)
            if self._healthy(port):
                self.url = f"http://127.0.0.1:{port}"
                return
            said = self._said()
            self.stop()
            if "address already in use" not in said:
                break
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

    def _launch(self, port: int) -> None:
        directory = self._root()
        command = [
            *("/bin/sh", "-c", _WATCH, "opa-watch", str(directory), str(self._binary)),
            *("run", "--server", "--addr", f"127.0.0.1:{port}"),
            *("--authentication", "token", "--authorization", "basic"),
            *("--skip-version-check", "--log-level", "error", "--ignore", "*_test.rego"),
            *("--bundle", "authz", "policies"),
        ]
        with self._log().open("ab") as log:
            self._process = _start(command, directory, self.token, log)

    def _healthy(self, port: int) -> bool:
        """Wait for the health endpoint; false if the process ends first or the time is over."""
        deadline = time.monotonic() + _READY_SECONDS
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business on loopback
            session.headers["Authorization"] = f"Bearer {self.token}"
            while self.alive and time.monotonic() < deadline:
                try:
                    answer = session.get(f"http://127.0.0.1:{port}/health", timeout=0.5)
                except requests.RequestException:
                    time.sleep(0.02)
                else:
                    # Somebody else's server on the port answers too; ours then ends by itself.
                    if answer.ok and self.alive:
                        return True
                    time.sleep(0.02)
        return False

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


def _start(
    command: list[str], directory: Path, token: str, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "OPA_TOKEN": token, "GOGC": _GOGC}
    try:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
