"""A run that is killed with kill -9, so that no code of ours runs, leaves nothing for long."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests.support.commandline import COMMAND, document, environment, lakewarden, write_lines
from tests.support.processes import started, wait_until

pytestmark = pytest.mark.opa

_TABLES: Final = 500


def _opa(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return what the run has started, once an engine is among it."""
    found = psutil.Process(process.pid).children(recursive=True)
    return found if any(_name(each).startswith(("opa", "python")) for each in found) else []


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:  # it ended meanwhile
        return ""


def _begins(_: Path) -> bool:
    return True


def _decides(folder: Path) -> bool:
    return "Deciding" in (folder / "stderr").read_text()


def _writes(folder: Path) -> bool:
    return any(folder.glob(".report.json.*.partial"))


@pytest.mark.parametrize(
    ("engine", "when"),
    [("opa", _begins), ("opa", _decides), ("opa", _writes), ("embedded", _decides)],
)
def test_no_engine_survives_and_the_next_run_clears_up(
    engine: str, when: Callable[[Path], bool], tmp_path: Path
) -> None:
    """The temporary folder, and what lies beside the report, is then as before the first run."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    tables = (document(f"t{number:05}") for number in range(_TABLES))
    inventory = write_lines(tmp_path / "lake.ndjson", *tables)
    arguments = ["evaluate", "--inventory", str(inventory), "--engine", engine, "--no-gate"]
    command = [*arguments, "--report", "json=report.json"]
    with (tmp_path / "stderr").open("w") as stderr:
        running = started(
            [*COMMAND, *command],
            cwd=tmp_path,
            env=environment(tmp_path, TMPDIR=str(temporary)),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        with running as process:
            wait_until(process, lambda: _opa(process) and when(tmp_path))
            children = _opa(process)
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            _, alive = psutil.wait_procs(children, timeout=5)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    assert not (tmp_path / "report.json").exists()
    write_lines(inventory, document("orders"))
    again = lakewarden(*command, cwd=tmp_path, TMPDIR=str(temporary))
    assert again.returncode == 0, again.stderr
    assert list(temporary.iterdir()) == []
    assert list(tmp_path.glob(".report.json.*")) == []
