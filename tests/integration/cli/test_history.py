"""A history over the command line: two nights, a replay, and a history that breaks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines
from tests.support.duckdb import rows

pytestmark = pytest.mark.opa

POLICY = "documentation.owner_is_group"
NIGHTS = ("2026-11-22T05:10:00Z", "2026-11-23T05:10:00Z")


def evaluated(folder: Path, night: str, *options: str, code: int = 0) -> tuple[str, str, Any]:
    """Return standard output, standard error and the JSON report."""
    arguments = ("--inventory", "tables.ndjson", "--now", night, *options)
    ended = lakewarden("evaluate", *arguments, "-o", "r.json", cwd=folder)
    assert ended.returncode == code, ended.stderr
    return ended.stdout, ended.stderr, json.loads((folder / "r.json").read_text())


def collected(folder: Path, **owners: str) -> None:
    tables = (document(name, **CLUSTERED, owner=owner) for name, owner in owners.items())
    write_lines(folder / "tables.ndjson", *tables)


def test_two_nights(tmp_path: Path) -> None:
    """The project file names the history; the second night is compared with the first."""
    (tmp_path / "lakewarden.toml").write_text('history = "runs"\n')
    collected(tmp_path, a="jo@example.com", b="jo@example.com")
    evaluated(tmp_path, NIGHTS[0])
    collected(tmp_path, a="jo@example.com", b="sales")
    console, _, report = evaluated(tmp_path, NIGHTS[1])

    assert "1 violation: 0 new, 0 reopened, 1 fixed" in " ".join(console.split())
    assert report["insight"]["change"]["clock"] == NIGHTS[0]
    (past,) = report["tables"][0]["decisions"][POLICY]["history"]
    assert past == {"first_failed_at": NIGHTS[0], "failing_since": NIGHTS[0]}
    query = "SELECT name, state, days_to_fix FROM history WHERE kind = 'failure'"
    found = rows(str(tmp_path / "runs"), f"{query} AND clock > '2026-11-23' ORDER BY name")
    assert found == [("a", "failing", None), ("b", "fixed", 1.0)]

    _, errors, again = evaluated(tmp_path, NIGHTS[1])
    assert "The history has this run already; it wasn't added again." in errors
    assert again | {"run": None} == report | {"run": None}
    shown = lakewarden("doctor", "--inventory", "tables.ndjson", cwd=tmp_path).stdout
    assert f"history runs: has 2 runs, the latest of {NIGHTS[1]}" in shown
    assert "lakewarden.toml:1" in next(each for each in shown.splitlines() if "--history" in each)


def test_a_history_that_breaks_costs_no_report(tmp_path: Path) -> None:
    collected(tmp_path, a="sales")
    evaluated(tmp_path, NIGHTS[0], "--history", "runs", "--policy", POLICY)
    shutil.rmtree(tmp_path / "runs" / "kind=decision")
    (tmp_path / "runs" / "kind=decision").touch()
    console, errors, report = evaluated(tmp_path, NIGHTS[1], "--history", "runs", code=4)
    assert str(tmp_path / "r.json") in console.splitlines()
    assert "this run couldn't be added to the history" in errors
    assert (len(report["history"]["runs"]), report["history"]["apart"]) == (1, 1)
    log = tmp_path / "runs" / "_delta_log" / f"{1:020}.json"
    log.write_bytes(log.read_bytes()[:100])
    _, errors, report = evaluated(tmp_path, NIGHTS[1], "--history", "runs", code=4)
    assert "The run goes without its history: it can't be opened: " in errors
    assert "error: --history runs: this run couldn't be added to the history" in errors
    assert "Restore the table" in errors
    assert "history" not in report
    assert report["run"]["notices"][-1].startswith(
        "The run goes without its history: it can't be opened: "
    )
    (tmp_path / "other" / "file").parent.mkdir()
    (tmp_path / "other" / "file").touch()
    ended = lakewarden("evaluate", "--source", "demo", "--history", "other", cwd=tmp_path)
    assert ended.returncode == 2
    assert "isn't a history, and has other files in it" in ended.stderr
