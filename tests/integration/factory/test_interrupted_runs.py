"""Runs that are broken off: nothing of them stays in somebody's workspace.

Each is a real run of pytest with the scenarios' own fixtures, on a double that stays.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factory.naming import Run
from tests.integration.factory.child_runs import Ended, ended, running, write_tests
from tests.integration.factory.plain_estate import PlainEstate
from tests.integration.factory.reaching import SCRATCH
from tests.support.processes import wait_until
from tests.workspace.faults import SlowStatements
from tests.workspace.server import Workspace

SLOW_END = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def slow_end(tables):
    yield
    Path("ending").touch()
    time.sleep(600)
"""
ENDING = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)


@pytest.fixture
def estate() -> PlainEstate:
    made = PlainEstate("scratch")
    made.catalog("main").schema("scratch").table("orders")
    return made


def _running(workspace: Workspace, folder: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start the test that lies in the folder."""
    return running(workspace, "--tables-in", str(SCRATCH), cwd=folder, home=folder)


def _end(process: subprocess.Popen[str], number: signal.Signals) -> Ended:
    """End a run as a terminal or a scheduler does."""
    if number is signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    return ended(process)


@ENDING
def test_a_run_that_is_interrupted_while_it_judges_leaves_nothing(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path, number: signal.Signals
) -> None:
    write_tests(tmp_path, "time.sleep(600)")
    with _running(workspace, tmp_path) as process:
        wait_until(process, (tmp_path / "made").exists)
        assert len(estate.names("scratch")) == 3
        run = _end(process, number)
    assert run.code == pytest.ExitCode.INTERRUPTED, run.output
    assert estate.names("scratch") == {"orders"}


def test_a_run_that_is_interrupted_while_it_makes_tables_leaves_nothing(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """No statement runs on either: nobody would wait for it, and it costs."""
    workspace.misbehave(SlowStatements(600, containing="INSERT"))
    write_tests(tmp_path, "pass")
    with _running(workspace, tmp_path) as process:
        wait_until(process, lambda: len(workspace.log.running()) == 2)
        run = _end(process, signal.SIGTERM)
    assert run.code == pytest.ExitCode.INTERRUPTED, run.output
    assert estate.names("scratch") == {"orders"}
    assert workspace.log.running() == []


def test_a_create_that_is_under_way_is_waited_for_and_dropped(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """Cancelled, it might still happen after the clean-up, and its table would stay."""
    workspace.misbehave(SlowStatements(2, containing="CREATE TABLE"))
    write_tests(tmp_path, "pass")
    with _running(workspace, tmp_path) as process:
        wait_until(process, lambda: len(workspace.log.running()) == 2)
        _end(process, signal.SIGINT)
    texts = workspace.log.texts("SUCCEEDED")
    assert sum(text.startswith("CREATE TABLE") for text in texts) == 2
    assert sum(text.startswith("DROP TABLE") for text in texts) == 2
    assert workspace.log.texts("CANCELED") == []
    assert estate.names("scratch") == {"orders"}


def test_impatience_does_not_break_off_the_clean_up(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """A second Ctrl-C comes easily, and just then tables are being dropped."""
    workspace.misbehave(SlowStatements(1.5, containing="DROP"))
    write_tests(tmp_path, "time.sleep(600)")
    with _running(workspace, tmp_path) as process:
        wait_until(process, (tmp_path / "made").exists)
        os.killpg(process.pid, signal.SIGINT)
        wait_until(process, lambda: any("DROP" in each.text for each in workspace.log.running()))
        os.killpg(process.pid, signal.SIGINT)
        run = _end(process, signal.SIGTERM)
    assert run.code == pytest.ExitCode.INTERRUPTED, run.output
    assert estate.names("scratch") == {"orders"}


def test_an_interrupt_while_another_fixture_ends_leaves_nothing(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """Pytest then ends no fixture that is left, so not the one that drops the tables either."""
    write_tests(tmp_path, "pass", more=SLOW_END)
    with _running(workspace, tmp_path) as process:
        wait_until(process, (tmp_path / "ending").exists)
        assert len(estate.names("scratch")) == 3
        run = _end(process, signal.SIGINT)
    assert run.code == pytest.ExitCode.INTERRUPTED, run.output
    assert estate.names("scratch") == {"orders"}


def test_a_run_that_fails_leaves_nothing(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    write_tests(tmp_path, "assert False")
    with _running(workspace, tmp_path) as process:
        run = ended(process)
    assert run.counts == {"failed": 1}
    assert estate.names("scratch") == {"orders"}


def test_what_a_killed_run_left_is_dropped_by_a_later_one(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """By the next one that begins six hours later; until then it may be somebody's run."""
    write_tests(tmp_path, "time.sleep(600)")
    with _running(workspace, tmp_path) as process:
        wait_until(process, (tmp_path / "made").exists)
        process.kill()
        process.communicate()
    recent = estate.names("scratch") - {"orders"}
    assert len(recent) == 2
    long_ago = Run.begin(datetime.now(UTC) - timedelta(hours=7)).name("small")
    estate.catalog("main").schema("scratch").table(long_ago)

    write_tests(tmp_path, "pass")
    with _running(workspace, tmp_path) as process:
        run = ended(process)
    assert run.code == 0, run.output
    assert f"Dropped what an earlier run left in main.scratch: {long_ago}" in run.output
    assert estate.names("scratch") == {"orders"} | recent
