"""Ctrl-C, SIGTERM and full disks: what is left can be continued, and nothing runs on unseen."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests.integration.databricks.workspace_commands import (
    Inventory,
    outcomes,
    read,
    run,
    started,
)
from tests.support.processes import wait_until
from tests.workspace.faults import SlowStatements
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate
from tests.workspace.timing import Timing

pytestmark = pytest.mark.opa

FILES: Final = ("--save-inventory", "inventory.ndjson")
NOW: Final = datetime.now(UTC)
SLOW: Final = "`table_00001"
"""Ten of the tables: once they are described, nothing else is for a long time."""


def _estate() -> SyntheticEstate:
    return SyntheticEstate(160, 8, metrics="empty", band_share=0.2, now=NOW)


def _in_the_middle(w: Workspace) -> bool:
    """Tell whether some tables are described and others are taking for ever."""
    done = [text for text in w.log.texts("SUCCEEDED") if text.startswith("DESCRIBE")]
    return len(done) > 5 and sum(SLOW in each.text for each in w.log.running()) >= 3


def _interrupt(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """End the process as a terminal or a scheduler does; return what it said."""
    children = psutil.Process(process.pid).children(recursive=True)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    out, output = process.communicate(timeout=60)
    asked = number == signal.SIGINT
    assert process.returncode == (130 if asked else 143), output
    assert out == ""
    assert ("interrupted" if asked else "terminated") in output
    assert "Traceback" not in output
    assert psutil.wait_procs(children, timeout=5)[1] == [], "the engine has ended, too"
    return output


def test_interrupted_while_describing_it_is_continued_and_ends_the_same(tmp_path: Path) -> None:
    """Hours of a warehouse's time are at stake, and statements that nobody waits for cost, too."""
    with Workspace(_estate()) as w:
        undisturbed = run(w, "evaluate", *FILES, "--report", "json=report.json", cwd=tmp_path)
    assert undisturbed.returncode == 1, undisturbed.stderr
    whole, report = Inventory(tmp_path / "inventory.ndjson"), read(tmp_path / "report.json")
    (tmp_path / "inventory.ndjson").unlink()
    (tmp_path / "report.json").unlink()

    # Fast enough to wait for what is being sent, slow enough to be in the middle.
    timing = Timing(speed=10, describe_seconds=0.2)
    with Workspace(
        _estate(), timing=timing, behaviours=[SlowStatements(9999, containing=SLOW)]
    ) as w:
        with started(
            w, "evaluate", *FILES, "--report", "json=report.json", cwd=tmp_path
        ) as process:
            wait_until(process, lambda: _in_the_middle(w))
            output = _interrupt(process, signal.SIGINT)
        assert w.log.running() == []
        assert w.log.states()["CANCELED"] >= 3
        assert "160 tables are kept in inventory.ndjson.partial" in output
        assert "--resume" in output
        assert sorted(each.name for each in tmp_path.iterdir()) == [
            "inventory.ndjson.partial",
            "temporary",
        ]
        assert list((tmp_path / "temporary").iterdir()) == []
        answered = {each.text for each in w.log.statements if each.state == "SUCCEEDED"}
        lists = dict(w.log.requests)

        w.misbehave()
        sent = len(w.log.statements)
        again = run(w, "evaluate", *FILES, "--resume", "--report", "json=report.json", cwd=tmp_path)
        repeated = answered & set(w.log.texts()[sent:])
        described = w.log.described()
        assert w.log.running() == []
        for kind in ("list_catalogs", "list_schemas", "list_tables", "table_summaries"):
            assert w.log.requests[kind] == lists[kind], "nothing is listed twice"
    assert again.returncode == 1, again.stderr
    assert "Continuing the collection of" in again.stderr
    assert repeated == set(), "nothing that was answered is asked again"
    resumed = Inventory(tmp_path / "inventory.ndjson")
    assert resumed.timeless() == whole.timeless()
    assert (resumed.failures, resumed.end["documents"]) == ([], 160)
    assert resumed.end["spent"]["describe_detail"] == len(described), "both attempts are counted"
    assert outcomes(read(tmp_path / "report.json")) == outcomes(report)
    assert not (tmp_path / "inventory.ndjson.partial").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_listing_what_was_listed_is_kept(
    tmp_path: Path, number: signal.Signals
) -> None:
    estate = SyntheticEstate(120, 60, catalogs=2, now=NOW)
    collect = ("collect", "--evidence", "none", "-o", "inventory.ndjson")
    journal = tmp_path / "inventory.ndjson.partial"

    def some_are_kept() -> bool:
        """On a busy machine, many answers may be under way before the first is written down."""
        return journal.exists() and b'"full_name"' in journal.read_bytes()

    with Workspace(estate, timing=Timing(list_seconds=0.3)) as w:
        with started(w, *collect, cwd=tmp_path) as process:
            wait_until(process, lambda: w.log.requests.get("list_tables", 0) > 10)
            wait_until(process, some_are_kept)
            output = _interrupt(process, number)
        first = w.log.requests["list_tables"]
        assert first < 60
        assert "tables are kept in inventory.ndjson.partial" in output
        again = run(w, *collect, "--resume", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert "Continuing the collection of" in again.stderr
        assert w.log.requests["list_tables"] < first + 60, "what is kept is not listed again"
    assert Inventory(tmp_path / "inventory.ndjson").end["documents"] == 120


def test_a_request_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """And what learned nothing leaves nothing in the way of the next attempt."""
    with (
        Workspace(_estate(), timing=Timing(list_seconds=30.0)) as w,
        started(
            w, "collect", "--evidence", "none", "-o", "inventory.ndjson", cwd=tmp_path
        ) as process,
    ):
        wait_until(process, lambda: w.log.in_flight)
        output = _interrupt(process, signal.SIGINT)
    assert "--resume" not in output
    assert [each.name for each in tmp_path.iterdir()] == ["temporary"]
