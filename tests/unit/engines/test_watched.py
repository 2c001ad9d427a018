"""A watched process ends with all that it started, and leaves no process that others must reap."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import pytest

from lakewarden.engines import watched

# A process that takes in the orphans below it, as the first one of a container does, and then tells
# how many of them nobody had waited for.
_ADOPTS: Final = """
import ctypes, os, sys, time
from pathlib import Path
from lakewarden.engines import watched

SUBREAPER = 36
assert ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0) == 0
here = Path(sys.argv[1])
path = {"PATH": os.environ["PATH"]}

def start(*command):
    out = open(os.devnull, "wb")
    return watched.WatchedProcess(command, cwd=here, env=path, stdout=out, stderr=out)

def orphans():
    found = 0
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return found
        found += 1

"""


def _orphans(folder: Path, program: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", f"{_ADOPTS}{program}\nprint(orphans())", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process take in orphans")
@pytest.mark.parametrize(
    "program",
    [
        "assert watched.run(['sh', '-c', 'exit 3'], cwd=here, env=path, seconds=9).returncode == 3",
        "process = start('sleep', '60'); process.end()",
        "process = start('sh', '-c', 'kill -STOP $$'); time.sleep(0.2); process.end()",
        "process = start('true'); process.wait(); process.end()",
        "process = start('sleep', '60'); watched.interruption._do(watched.interruption._at_once)",
    ],
    ids=["it ends", "it is ended", "it is stopped", "it had ended", "a signal ends us"],
)
def test_nobody_else_has_to_wait_for_what_it_started(program: str, tmp_path: Path) -> None:
    """In a container the first process often waits for no orphan: each would stay a zombie."""
    assert _orphans(tmp_path, program) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process take in orphans")
def test_what_the_command_started_ends_with_it(tmp_path: Path) -> None:
    """A LAKEWARDEN_OPA may be a script that starts OPA and waits for it."""
    program = "process = start('sh', '-c', 'sleep 600 & sleep 600'); time.sleep(0.3); process.end()"
    assert _orphans(tmp_path, program) == 2  # and waiting for them came to an end


class _Slow:
    """A pipe whose closing takes a moment, in which another thread may write to it."""

    def __init__(self, closing: threading.Event) -> None:
        self.closed = False
        self._closing = closing

    def write(self, data: bytes) -> None:
        if self._closing.is_set():
            raise ValueError("write to closed file")
        assert data

    def close(self) -> None:
        self._closing.set()
        time.sleep(0.2)
        self.closed = True


def test_a_signals_thread_may_end_it_while_its_block_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run would end as a fault of ours, with the exit code of one."""
    with Path(os.devnull).open("wb") as out:
        process = watched.WatchedProcess(
            ["sleep", "60"], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, stdout=out, stderr=out
        )
    closing = threading.Event()
    popen = vars(process)["_process"]
    pipe = popen.stdin
    monkeypatch.setattr(popen, "stdin", _Slow(closing))
    signalled = threading.Thread(target=process.stop)
    signalled.start()
    assert closing.wait(5)
    process.end()
    signalled.join()
    pipe.close()
    assert not process.alive
