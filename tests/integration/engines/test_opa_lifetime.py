"""However a run ends, no OPA goes on running and no directory stays behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from lakewarden.engines.opa.managed import managed
from lakewarden_collector import private_folder
from tests.unit.engines import tiny_policies

pytestmark = pytest.mark.opa

# Enters the engine, says so, and then works or waits until something ends it.
RUN = """
import sys, time
from pathlib import Path
from lakewarden.engines.opa.managed import managed

with managed(Path(sys.argv[1]), [Path(sys.argv[2])]) as engine:
    print("ready", flush=True)
    sys.stdin.readline()
    {ending}
"""


class Run:
    """A Python process with an engine in it, and the processes that it started."""

    def __init__(self, opa: Path, policies: Path, scratch: Path, ending: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN.format(ending=ending), str(opa), str(policies)],
            env={"TMPDIR": str(scratch), "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        self.started = psutil.Process(self.process.pid).children(recursive=True)
        assert "opa" in {process.name() for process in self.started}

    def left(self) -> list[psutil.Process]:
        """Wait up to five seconds for them to end; return those that did not."""
        _ended(self.started)
        return [each for each in self.started if _runs(each)]


Start = Callable[[str], Run]


@pytest.fixture
def start(opa: Path, tmp_path: Path, scratch: Path) -> Iterator[Start]:
    policies = tiny_policies.write(tmp_path / "policies")
    runs: list[Run] = []

    def begin(ending: str) -> Run:
        runs.append(Run(opa, policies, scratch, ending))
        return runs[-1]

    yield begin
    for run in runs:
        for process in [psutil.Process(run.process.pid), *run.started] if _runs_pid(run) else []:
            process.kill()
        run.process.communicate()


@pytest.mark.parametrize("ending", ["pass", "sys.exit(3)", "1 / 0", "raise KeyboardInterrupt"])
def test_leaving_the_block_ends_opa(ending: str, start: Start, scratch: Path) -> None:
    run = start(ending)
    assert run.process.stdin is not None
    run.process.stdin.write(b"go\n")
    run.process.stdin.flush()
    run.process.wait(10)
    assert run.left() == []
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGABRT]
)
def test_a_signal_ends_opa_with_us(how: signal.Signals, start: Start, scratch: Path) -> None:
    """SIGKILL too: then no code of ours runs any more."""
    run = start("time.sleep(60)")
    run.process.send_signal(how)
    run.process.wait(10)
    assert run.left() == []
    assert _gone(scratch)


def test_ctrl_c_in_the_terminal_reaches_us_alone(start: Start) -> None:
    """The terminal signals its whole process group; OPA must answer until we end it."""
    run = start("time.sleep(60)")
    group = {process.pid for process in run.started if _group(process) == run.process.pid}
    assert group == set()


def test_a_thread_that_ends_takes_no_opa_with_it(start: Start) -> None:
    """Linux' parent-death signal would fire when the thread that started OPA ends."""
    ending = (
        "import json, threading, psutil\n"
        "    ours = set(psutil.Process().children(True))\n"
        "    [p.kill() for p in psutil.process_iter(['name']) "
        "if p in ours and p.info['name'] == 'opa']\n"
        "    ask = lambda: engine.decide(b'{\"tables\": []}')\n"
        "    thread = threading.Thread(target=ask)\n"
        "    thread.start(); thread.join(); time.sleep(0.3)\n"
        "    assert ask() == b'[]'\n"
        "    print('answered', flush=True)\n"
    )
    run = start(ending)
    out, _ = run.process.communicate(b"go\n", timeout=20)
    assert out == b"answered\n"


def test_the_next_run_ends_an_opa_whose_watcher_was_killed_too(
    start: Start, scratch: Path, opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start("time.sleep(60)")
    (server,) = [each for each in run.started if each.name() == "opa"]
    # First what watches the run: it would begin to clean up at the run's end. What was killed holds
    # the folder's lock until it has ended, and a busy machine takes its time.
    watching = [each for each in run.started if each != server]
    for each in watching:
        each.kill()
    assert _ended(watching)
    run.process.kill()
    run.process.wait(10)
    assert _runs(server)
    assert len(list(scratch.iterdir())) == 1
    monkeypatch.setattr(private_folder, "_swept", set())
    with managed(opa, [tmp_path / "policies"]):
        assert run.left() == []
        assert len(list(scratch.iterdir())) == 1
    assert list(scratch.iterdir()) == []


def _ended(processes: Sequence[psutil.Process]) -> bool:
    """Wait up to five seconds for all of them to end; return whether they did."""
    deadline = time.monotonic() + 5
    while (alive := any(map(_runs, processes))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive


def _gone(directory: Path) -> bool:
    deadline = time.monotonic() + 5
    while list(directory.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not list(directory.iterdir())


def _group(process: psutil.Process) -> int:
    ps = subprocess.run(
        ["ps", "-o", "pgid=", "-p", str(process.pid)], capture_output=True, text=True, check=True
    )
    return int(ps.stdout)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def _runs_pid(run: Run) -> bool:
    return run.process.poll() is None
