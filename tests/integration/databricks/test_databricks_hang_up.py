"""The end of a login ends a collection in order, unless it was started so as to outlive it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from tests.integration.databricks.workspace_commands import variables
from tests.support.commandline import COMMAND, environment
from tests.support.processes import started, wait_until
from tests.workspace.handmade import GIB, HandmadeEstate
from tests.workspace.server import Workspace
from tests.workspace.timing import Timing

pytestmark = pytest.mark.opa

COLLECT: Final = [*COMMAND, "collect", "--source", "databricks", "-o", "inventory.ndjson"]


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate()
    for number in range(12):
        estate.catalog("main").schema("s").table(f"t{number}", bytes=3 * GIB)
    return estate


def _started(
    workspace: Workspace,
    folder: Path,
    *wrapper: str,
    **options: Any,  # noqa: ANN401 -- passed on
) -> AbstractContextManager[subprocess.Popen[str]]:
    return started(
        [*wrapper, *COLLECT],
        cwd=folder,
        env=environment(folder, **variables(workspace)),
        **options,
    )


def test_a_hang_up_ends_it_as_an_interrupt_does(tmp_path: Path) -> None:
    """Statements would run on, and be paid for, until the warehouse gave up on them."""
    with (
        Workspace(_estate(), timing=Timing(describe_seconds=1000.0)) as w,
        _started(
            w, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        ) as process,
    ):
        wait_until(process, w.log.followed)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)  # the shell sends one of its own
        _, output = process.communicate(timeout=60)
        assert w.log.running() == []
    assert process.returncode == 130, output
    assert "interrupted" in output
    assert "Traceback" not in output
    assert (tmp_path / "inventory.ndjson.partial").exists()
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_a_terminal_that_is_gone_does_not_keep_statements_from_being_cancelled(
    tmp_path: Path,
) -> None:
    """What is said then can be written nowhere, which is no reason to leave anything behind."""
    master, slave = pty.openpty()
    with (
        Workspace(_estate(), timing=Timing(describe_seconds=1000.0)) as w,
        _started(
            w,
            tmp_path,
            *("setsid", "--ctty", "--wait"),
            stdin=slave,
            stdout=slave,
            stderr=slave,
        ) as wrapper,
    ):
        os.close(slave)
        wait_until(wrapper, w.log.followed)
        (process,) = psutil.Process(wrapper.pid).children()
        children = process.children(recursive=True)
        os.close(master)
        assert wrapper.wait(timeout=60) == 130
        assert w.log.running() == []
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_what_is_to_outlive_a_login_does(tmp_path: Path) -> None:
    with (
        Workspace(_estate(), timing=Timing(describe_seconds=2.0)) as w,
        _started(
            w,
            tmp_path,
            "nohup",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        ) as process,
    ):
        wait_until(process, w.log.running)
        process.send_signal(signal.SIGHUP)
        _, output = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert (tmp_path / "inventory.ndjson").exists()
