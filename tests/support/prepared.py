"""Runs `lakewarden` in forks of a process that has imported all of it.

Importing takes half a second, and two where the Databricks SDK is asked for: too long for each of a
thousand runs. The fork is a process of its own, with its own environment, folder, streams and end.
Tests of how a process starts or is signalled start Python itself (`commandline.COMMAND`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import lakewarden
import lakewarden_collector

_NOT_IMPORTED: Final = ("__main__", "regorus_worker")
_BYTES: Final = 1 << 20
_STREAMS: Final = 3


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: str = "",
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one command line to its end, as `subprocess.run` does with text and captured output."""
    asked = json.dumps({"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}).encode()
    pipes = [os.pipe() for _ in range(_STREAMS)]
    theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(_server())
        socket.send_fds(connection, [len(asked).to_bytes(4, "big")], theirs)
        connection.sendall(asked)
        for each in theirs:
            os.close(each)
        outs = [_Reading(pipes[1][0]), _Reading(pipes[2][0])]
        feeding = threading.Thread(target=_feed, args=[pipes[0][1], stdin.encode()], daemon=True)
        feeding.start()
        answers = connection.makefile("r")
        pid = int(answers.readline())
        connection.settimeout(timeout)
        try:
            code = os.waitstatus_to_exitcode(int(answers.readline()))
        except BaseException as error:  # it takes too long, or we are interrupted
            os.kill(pid, signal.SIGKILL)
            if isinstance(error, TimeoutError):
                raise subprocess.TimeoutExpired(list(arguments), timeout or 0) from None
            raise
    out, err = (each.text() for each in outs)
    return subprocess.CompletedProcess(list(arguments), code, out, err)


class _Reading(threading.Thread):
    """Reads a pipe to its end, so that nobody has to wait who writes to it."""

    def __init__(self, pipe: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._read = b""
        self.start()

    def run(self) -> None:
        with open(self._pipe, "rb") as stream:  # noqa: PTH123 -- a number
            self._read = stream.read()

    def text(self) -> str:
        self.join()
        return self._read.decode().replace("\r\n", "\n")


def _feed(pipe: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(pipe, "wb") as stream:
        stream.write(data)


@cache
def _server() -> str:
    """Start the process, once for this one; return the address of its socket."""
    folder = tempfile.TemporaryDirectory(prefix="lw-", dir="/tmp")
    address = f"{folder.name}/s"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.prepared", address],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"NO_COLOR": "1"},
        stdin=subprocess.PIPE,  # it ends when this closes, however we end
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    if process.stdout.readline() != b"ready\n":
        raise RuntimeError("what runs the commands did not start")

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    return address


def _serve(address: str) -> None:
    """Fork for each who connects, until standard input closes; returns in the fork alone."""
    for package in (lakewarden, lakewarden_collector):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(_NOT_IMPORTED):
                importlib.import_module(module.name)
    importlib.import_module("typer._adapters")
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a fork would lose threads"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who waits for the fork
        # The terminal's Ctrl-C goes to the tests, which end us.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            ready, _, _ = select.select([listener.fileno(), 0], [], [])
            if 0 in ready:
                os._exit(0)
            connection, _ = listener.accept()
            if not os.fork():
                break
            connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    size, streams, _, _ = socket.recv_fds(connection, 4, _STREAMS)
    text = b""
    while len(text) < int.from_bytes(size, "big"):
        text += connection.recv(_BYTES)
    pid = os.fork()
    if pid:
        for each in streams:
            os.close(each)
        connection.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(f"{status}\n".encode())
        os._exit(0)
    connection.close()
    asked = json.loads(text)
    _become(asked["arguments"], asked["cwd"], asked["env"], streams)


def _become(
    arguments: Sequence[str], cwd: str, env: Mapping[str, str], streams: Sequence[int]
) -> None:
    """Make of this process what `python -m lakewarden` would be."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 -- a number, and for good
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115 -- as above
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 -- as above
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    tempfile.tempdir = None
    program = Path(lakewarden.__path__[0]) / "__main__.py"
    sys.path[0] = cwd
    sys.argv = [str(program), *arguments]
    main = types.ModuleType("__main__")
    main.__package__ = "lakewarden"
    main.__file__ = str(program)
    sys.modules["__main__"] = main


if __name__ == "__main__":
    _serve(sys.argv[1])
    from lakewarden.__main__ import main

    main()
