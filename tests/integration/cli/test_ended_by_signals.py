"""Ctrl-C and SIGTERM end a run within two seconds, whatever is going on, and nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests.support.agreeing_reports import agreeing
from tests.support.commandline import COMMAND, document, environment, write_lines
from tests.support.processes import started, wait_until

pytestmark = pytest.mark.opa

_SECONDS: Final = 2.0

_SLOW: Final = """# METADATA
# title: Slow
# description: It never comes to an end.
# custom:
#   severity: low
#   enforcement: advisory
#   remediation: Wait.
package lakewarden.tables.extra.slow

pass contains "never" if count([1 |
	some i in numbers.range(1, 100000)
	some j in numbers.range(1, 100000)
	i + j == count(input.name)
]) == 1
"""


class Running:
    """A command that runs, and what is known of it."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process

    def children(self, *names: str) -> list[psutil.Process]:
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in found if not names or set(names) & set(_words(each))]

    def output(self, words: str) -> bool:
        return words in (self.folder / "stderr").read_text()


def _user_seconds(process: psutil.Process) -> float:
    """Return how long it has computed; one that has just ended computes no more."""
    try:
        return float(process.cpu_times().user)
    except psutil.NoSuchProcess:
        return 0.0


def _words(process: psutil.Process) -> list[str]:
    try:
        return [process.name(), *(Path(word).name for word in process.cmdline())]
    except psutil.NoSuchProcess:
        return []


Start = Callable[[Path, ExitStack], tuple[Sequence[str | Path], dict[str, str]]]
Under = Callable[[Running], object]


def _script(file: Path, text: str) -> str:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def _inventory(folder: Path) -> Path:
    return write_lines(folder / "lake.ndjson", document("orders"))


def _deciding(folder: Path, engine: str) -> Sequence[str | Path]:
    policy = folder / "slow" / "lakewarden" / "tables" / "extra" / "slow" / "slow.rego"
    policy.parent.mkdir(parents=True)
    policy.write_text(_SLOW)
    reports = ["--report", "json=report.json", "--report", "html=report.html"]
    policies = f"--policy-source={folder / 'slow'}"
    return ["evaluate", "--inventory", _inventory(folder), "--engine", engine, policies, *reports]


def _opa_computes(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    return _deciding(folder, "opa"), {}


def _regorus_computes(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    return _deciding(folder, "embedded"), {}


def _opa_hangs(command: str) -> Start:
    def start(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
        real = environment(folder)["LAKEWARDEN_OPA"]
        hang = f'[ "$1" = {command} ] && {{ touch {folder}/hangs; sleep 600; }}'
        opa = _script(folder / "opa", f'{hang}\nexec {real} "$@"')
        return ["evaluate", "--inventory", _inventory(folder)], {"LAKEWARDEN_OPA": opa}

    return start


def _go_builds(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    """Let a `go` hang whose children hang, too, as its compilers may."""
    tools = folder / "tools"
    tools.mkdir()
    _script(tools / "go", f"touch {folder}/hangs; sleep 600 & sleep 600; wait")
    nobody = "http://127.0.0.1:9"
    return ["opa", "install"], {
        "LAKEWARDEN_OPA": "",
        "LAKEWARDEN_CACHE_DIR": str(folder / "cache"),
        "LAKEWARDEN_OPA_MIRROR": nobody,
        "LAKEWARDEN_OPA_SHA256": "0" * 64,
        "PATH": f"{tools}:/usr/bin:/bin",
    }


def _git_fetches(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    """Let a fetch hang whose helper hangs, too, as that of a server that doesn't answer."""
    tools = folder / "tools"
    tools.mkdir()
    hang = f'case "$*" in *" fetch "*) touch {folder}/hangs; sleep 600 & sleep 600; wait;; esac'
    _script(tools / "git", f'{hang}\nexec /usr/bin/env PATH=/usr/bin:/bin git "$@"')
    source = "--policy-source=git+https://host/policies@main"
    return ["policies", "list", source], {"PATH": f"{tools}:/usr/bin:/bin"}


@contextmanager
def _silent_server(folder: Path) -> Iterator[str]:
    """Serve a port where everybody is let in, and nobody is answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return
                (folder / "hangs").touch()

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for each in kept:
            each.close()


def _downloads(folder: Path, stack: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    return ["opa", "install"], {
        "LAKEWARDEN_OPA": "",
        "LAKEWARDEN_CACHE_DIR": str(folder / "cache"),
        "LAKEWARDEN_OPA_MIRROR": stack.enter_context(_silent_server(folder)),
        "LAKEWARDEN_OPA_SHA256": "0" * 64,
        "PATH": "/usr/bin:/bin",
    }


def _asks_a_server(folder: Path, stack: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    url = stack.enter_context(_silent_server(folder))
    return ["evaluate", "--inventory", _inventory(folder), "--opa-url", url], {}


def _asks_a_workspace(
    folder: Path, stack: ExitStack
) -> tuple[Sequence[str | Path], dict[str, str]]:
    url = stack.enter_context(_silent_server(folder))
    command = ["collect", "--source", "databricks", "--output", "out.ndjson"]
    return command, {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": "t"}


def _reads_a_pipe(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    """Let an inventory be a pipe that nobody writes to."""
    os.mkfifo(folder / "pipe")
    return ["evaluate", "--inventory", folder / "pipe"], {}


def _writes_to_nobody(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    """Let the report go to a standard output that nobody reads."""
    lines = [document(f"t{number:05}") for number in range(2000)]
    inventory = write_lines(folder / "lake.ndjson", *lines)
    return ["evaluate", "--inventory", inventory, "--report", "json=-"], {}


def _renders(folder: Path, _: ExitStack) -> tuple[Sequence[str | Path], dict[str, str]]:
    """Let a template of the user's never end."""
    agreeing().write(folder / "r.json")
    loops = "".join(f"{{% for {name} in range(100000) %}}" for name in "abc")
    (folder / "loop.j2").write_text(f"{loops}{{% endfor %}}{{% endfor %}}{{% endfor %}}")
    return ["report", "r.json", "--format", "template:loop.j2", "-o", "out.ndjson"], {}


def _loops(run: Running) -> bool:
    """Tell whether the output is open and a second has been spent since."""
    if not any(run.folder.glob(".out.ndjson.*.partial")):
        return False
    process = psutil.Process(run.process.pid)
    begun = _user_seconds(process)
    time.sleep(1)
    return _user_seconds(process) > begun + 0.2


def _hangs(run: Running) -> bool:
    return (run.folder / "hangs").exists()


def _opa_works(run: Running) -> bool:
    return any(_user_seconds(each) > 1 for each in run.children("opa", "regorus_worker.py"))


def _opa_stopped(run: Running) -> bool:
    if not _opa_works(run):
        return False
    for each in run.children():
        if each.name() == "opa":
            each.suspend()
    return True


def _waits(run: Running) -> bool:
    """Tell whether it does nothing at all for a while."""
    process = psutil.Process(run.process.pid)
    before = process.cpu_times().user
    time.sleep(0.5)
    return before > 0.3 and process.cpu_times().user == before


def _stuck(run: Running) -> bool:
    """Tell whether it has written as much as a pipe holds."""
    return run.output("Deciding") and _waits(run)


CASES: Final[dict[str, tuple[Start, Under]]] = {
    "OPA computes": (_opa_computes, _opa_works),
    "OPA is stopped": (_opa_computes, _opa_stopped),
    "Regorus computes": (_regorus_computes, _opa_works),
    "OPA's check hangs": (_opa_hangs("check"), _hangs),
    "OPA does not start": (_opa_hangs("run"), _hangs),
    "a download": (_downloads, _hangs),
    "a build": (_go_builds, _hangs),
    "a fetch": (_git_fetches, _hangs),
    "a server that does not answer": (_asks_a_server, _hangs),
    "a workspace that does not answer": (_asks_a_workspace, _hangs),
    "an inventory that does not come": (_reads_a_pipe, _waits),
    "an output that nobody reads": (_writes_to_nobody, _stuck),
    "a template that doesn't end": (_renders, _loops),
}


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
    ids=["Ctrl-C", "SIGTERM"],
)
@pytest.mark.parametrize("case", CASES)
def test_a_signal_ends_it_in_time(
    case: str, number: signal.Signals, code: int, word: str, tmp_path: Path
) -> None:
    start, under = CASES[case]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with ExitStack() as stack:
        arguments, variables = start(tmp_path, stack)
        stderr = stack.enter_context((tmp_path / "stderr").open("w"))
        process = stack.enter_context(
            started(
                [*COMMAND, *arguments],
                cwd=tmp_path,
                env=environment(tmp_path, TMPDIR=str(temporary), **variables),
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        )
        run = Running(tmp_path, process)
        wait_until(process, lambda: under(run))
        children = run.children()
        begun = time.monotonic()
        process.send_signal(number)
        process.wait(30)
        took = time.monotonic() - begun
        _, alive = psutil.wait_procs(children, timeout=1)
    output = (tmp_path / "stderr").read_text()
    assert (process.returncode, output.splitlines()[-1]) == (code, word)
    assert "Traceback" not in output
    assert took < _SECONDS
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    assert list(temporary.iterdir()) == []
    assert not {"report.json", "report.html", "out.ndjson"} & {p.name for p in tmp_path.iterdir()}


def test_a_second_ctrl_c_does_not_stop_the_clearing_up(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [*COMMAND, *_deciding(tmp_path, "opa")],
        cwd=tmp_path,
        env=environment(tmp_path, TMPDIR=str(temporary)),
        stdout=subprocess.DEVNULL,
        stderr=(tmp_path / "stderr").open("w"),
        text=True,
    )
    run = Running(tmp_path, process)
    wait_until(process, lambda: _opa_works(run))
    children = run.children()
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.005)
    assert process.returncode == 130
    assert not psutil.wait_procs(children, timeout=1)[1]
    assert list(temporary.iterdir()) == []
    assert (tmp_path / "stderr").read_text().splitlines()[-1] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whenever_it_comes_there_is_no_traceback(tmp_path: Path, number: signal.Signals) -> None:
    """From the program's first line on; before that, Python itself is starting."""
    begin = tmp_path / "begin"
    first = f"import pathlib; pathlib.Path({str(begin)!r}).touch(); "
    program = first + "from lakewarden.__main__ import main; main()"
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
        process = subprocess.Popen(
            [sys.executable, "-c", program, "evaluate", "--source", "demo", "--no-gate"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not begin.exists():
            time.sleep(0.001)
        time.sleep(0.015 + delay)
        process.send_signal(number)
        _, output = process.communicate(timeout=10)
        begin.unlink()
        assert process.returncode == 128 + number
        assert "Traceback" not in output
    shutil.rmtree(tmp_path / "reports", ignore_errors=True)
