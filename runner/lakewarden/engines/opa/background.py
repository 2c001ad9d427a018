"""A server in the background that outlives us, as `make opa-up` starts it where Docker is not.

`python -m lakewarden.engines.opa.background up .tools policies` starts it and writes what is needed
to use it to `.tools/opa.env`; `… down .tools` ends it and leaves nothing of it.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from lakewarden.engines.install.binary import find_opa
from lakewarden.engines.opa.process import becomes_healthy, environment, serving
from lakewarden.engines.opa.sockets import UNIX, UnixSocket, belongs_to_session
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden_collector.decoding import decoder
from lakewarden_collector.errors import Problem
from lakewarden_collector.private_folder import lasting_private_folder
from lakewarden_collector.unix_peer import listener

_SOCKET: Final = "opa.sock"
_STATE: Final = "opa-server.json"
_ENVIRONMENT: Final = "opa.env"
_CONNECT_SECONDS: Final = 3.0
_END_SECONDS: Final = 3.0


class _State(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server that was started: its process, and the folder that is its alone."""

    pid: int
    folder: str


_DECODER: Final = decoder(_State)


def up(tools: Path, policies: Path) -> None:
    """Start a server with `policies`; raises `ConfigurationError` if one of `tools` runs."""
    if (state := _read(tools)) is not None:
        if _runs(state):
            raise ConfigurationError(
                "a server of this checkout is already running",
                where=state.folder,
                remedy="Run `make opa-down` to stop it.",
            )
        _clear(tools, state)
    found = find_opa()
    if found is None:
        raise EngineError("there is no OPA here", remedy="Run `lakewarden opa install`.")
    with ExitStack() as undo:
        folder = lasting_private_folder(tools / "opa", "opa-up", socket_name_bytes=len(_SOCKET))
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        with resources.as_file(resources.files("lakewarden.engines.opa") / "authz") as authz:
            shutil.copytree(authz, folder / "authz")
        token = secrets.token_urlsafe(32)
        command = serving(found.path, _SOCKET, "authz", str(policies.absolute()))
        with (folder / "opa.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(token),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        undo.callback(process.wait)
        undo.callback(process.kill)

        def check(connected: socket.socket) -> None:
            if not belongs_to_session(connected, process.pid):
                raise EngineError("another process listens on OPA's socket", where=str(folder))

        unix = UnixSocket(path=str(folder / _SOCKET), check=check)
        if not becomes_healthy(unix, token, lambda: process.poll() is None):
            output = (folder / "opa.log").read_text(encoding="utf-8", errors="replace").strip()
            raise EngineError(
                "OPA did not start:", where=str(found.path), details=output.splitlines()
            )
        _write(tools / _ENVIRONMENT, _exports(token, f"{UNIX}{unix.path}"))
        state = _State(pid=process.pid, folder=str(folder))
        _write(tools / _STATE, msgspec.json.encode(state).decode())
        undo.pop_all()


def down(tools: Path) -> bool:
    """End the server that `up` started and remove what it left; false if there is none."""
    state = _read(tools)
    if state is None:
        return False
    ran = _runs(state)
    if ran:
        _kill(state.pid)
    _clear(tools, state)
    return ran


def _runs(state: _State) -> bool:
    """Whether that very server listens; its process id alone may be somebody else's by now."""
    peer = listener(str(Path(state.folder) / _SOCKET), _CONNECT_SECONDS)
    return peer is not None and peer.pid == state.pid and peer.uid == os.geteuid()


def _kill(pid: int) -> None:
    """End a server, which keeps nothing, and wait until it is gone."""
    deadline = time.monotonic() + _END_SECONDS
    try:
        os.kill(pid, signal.SIGKILL)
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.02)
    except ProcessLookupError:
        return


def _clear(tools: Path, state: _State) -> None:
    shutil.rmtree(state.folder, ignore_errors=True)
    (tools / _ENVIRONMENT).unlink(missing_ok=True)
    (tools / _STATE).unlink(missing_ok=True)


def _read(tools: Path) -> _State | None:
    try:
        return _DECODER.decode((tools / _STATE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"this does not say which server runs: {error}",
            where=str(tools / _STATE),
            remedy="Remove it, and stop the server by hand if it is running.",
        ) from error


def _exports(token: str, url: str) -> str:
    return f"OPA_TOKEN={token}\nOPA_URL={shlex.quote(url)}\n"


def _write(file: Path, text: str) -> None:
    """Write a file that only we can read, whatever it was before."""
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


def main(arguments: list[str]) -> str | None:
    """Do what the arguments say; return what to complain about."""
    try:
        match arguments:
            case ["up", tools, policies]:
                up(Path(tools), Path(policies))
            case ["down", tools]:
                sys.stdout.write("" if down(Path(tools)) else "Nothing runs here\n")
            case _:
                return __doc__
    except Problem as problem:
        return "\n  remedy: ".join(filter(None, [f"error: {problem}", problem.remedy]))
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
