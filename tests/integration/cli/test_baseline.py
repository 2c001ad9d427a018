"""A team's first weeks: what is known doesn't gate, what is new does, and the backlog shrinks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

LARGE: Final = {"size": {"bytes": 5 << 30, "origin": "describe_detail", "exact": True}}


def evaluated(folder: Path, *tables: dict[str, Any], options: tuple[str, ...] = ()) -> int:
    """Evaluate these tables by the domain that gates; return the exit code."""
    write_lines(folder / "lake.ndjson", *tables)
    arguments = ("--inventory", "lake.ndjson", "--policy", "clustering.*", "-o", "r.json")
    return lakewarden("evaluate", *arguments, *options, cwd=folder).returncode


def gate(folder: Path) -> dict[str, Any]:
    """Return the gate of the last report."""
    found: dict[str, Any] = json.loads((folder / "r.json").read_text())["gate"]
    return found


def test_known_failures_do_not_gate_and_new_ones_do(tmp_path: Path) -> None:
    broken, good = document("broken", **LARGE), document("good", **LARGE, **CLUSTERED)
    assert evaluated(tmp_path, broken, good) == 1
    made = lakewarden("baseline", "create", "--report", "r.json", "-o", "known", cwd=tmp_path)
    assert "1 known violation of 1 table" in made.stderr
    known = ("--baseline", "known", "-o", "r.md", "-o", "r.html", "-o", "r.xml", "-o", "r.sarif")

    assert evaluated(tmp_path, broken, good, options=(*known, "--pack", "p.zip")) == 0
    ended = lakewarden("replay", "p.zip", "-o", "again.json", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    again = json.loads((tmp_path / "again.json").read_text())
    assert again["gate"] == gate(tmp_path)
    assert again["baseline"]["file"] == "p.zip: config/baseline.txt", (
        "no path of a folder that's gone"
    )
    assert gate(tmp_path)["known"] == 1
    assert "keeps 1 table" in (tmp_path / "r.md").read_text()
    assert "Baseline</h2>" in (tmp_path / "r.html").read_text()
    assert 'type="baseline"' in (tmp_path / "r.xml").read_text()
    assert "<failure" not in (tmp_path / "r.xml").read_text()
    results = json.loads((tmp_path / "r.sarif").read_text())["runs"][0]["results"]
    assert [each["suppressions"][0]["status"] for each in results if each["suppressions"]] == [
        "accepted"
    ]
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["summary"]["tables_by_status"]["non_compliant"] == 1, "it fails all the same"
    shown = lakewarden("report", "r.json", "--table", "main.sales.broken", cwd=tmp_path)
    assert "Known to the baseline since" in shown.stdout

    assert evaluated(tmp_path, broken, document("another", **LARGE), options=known) == 1
    assert gate(tmp_path)["reasons"] == [
        "1 mandatory decision failed beyond what the baseline knows"
    ]
    unsized = document("broken", size={})
    assert evaluated(tmp_path, unsized, options=known) == 3, "unknown is never hidden"


def test_a_renamed_table_stays_known_by_its_id_and_slack_is_printed(tmp_path: Path) -> None:
    old, other = document("old", table_id="id-1", **LARGE), document("other", **LARGE)
    assert evaluated(tmp_path, old, other) == 1
    lakewarden("baseline", "create", "--report", "r.json", "-o", "known", cwd=tmp_path)
    assert '"table_id":"id-1"' in (tmp_path / "known").read_text()

    new, fixed = document("new", table_id="id-1", **LARGE), document("other", **LARGE, **CLUSTERED)
    known = ("--baseline", "known", "-o", "r.md", "-q")
    write_lines(tmp_path / "lake.ndjson", new, fixed)
    ended = lakewarden(
        *("evaluate", "--inventory", "lake.ndjson", "--policy", "clustering.*", *known),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout
    assert "Baseline: 1 entry is over; remove with `lakewarden baseline shrink`" in ended.stdout
    text = (tmp_path / "r.md").read_text()
    assert "1 table known by id, since the name changed" in text
    assert "to fix by metadata alone: 1 violation of" in text


def test_accept_only_adds_and_shrink_only_removes(tmp_path: Path) -> None:
    broken, other = document("broken", **LARGE), document("other", **LARGE)
    assert evaluated(tmp_path, broken, other) == 1
    create = ("baseline", "create", "--report", "r.json", "--table", "*.broken", "-o", "known")
    lakewarden(*create, cwd=tmp_path)
    accept = ("baseline", "accept", "known", "--report", "r.json", "--reason")
    assert lakewarden(*accept, " ", cwd=tmp_path).returncode == 2
    ended = lakewarden(*accept, "Rebuilt in May", cwd=tmp_path)
    assert ended.stdout == "accepted: main.sales.other  clustering.strategy_required\n"
    assert (tmp_path / "known").read_text().count("Rebuilt in May") == 1
    shown = lakewarden("baseline", "show", "known", cwd=tmp_path).stdout
    assert "2 known violations of 2 tables, 1 of them accepted with a reason" in shown

    known = ("--baseline", "known")
    assert evaluated(tmp_path, document("other", **LARGE, **CLUSTERED), options=known) == 0
    found = json.loads((tmp_path / "r.json").read_text())["baseline"]
    assert [found[name] for name in ("failing", "over", "undecided")] == [0, 1, 1]
    ended = lakewarden("baseline", "shrink", "known", "--report", "r.json", cwd=tmp_path)
    assert ended.stdout == "over: main.sales.other  clustering.strategy_required\n"
    assert "main.sales.broken" in (tmp_path / "known").read_text(), "it wasn't decided"


def test_a_broken_baseline_costs_no_run(tmp_path: Path) -> None:
    (tmp_path / "known").write_text("{}\n")
    write_lines(tmp_path / "lake.ndjson", document("a"))
    arguments = ("--inventory", "lake.ndjson", "--baseline", "known")
    ended = lakewarden("evaluate", *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert "known:1: isn't an entry of a baseline" in ended.stderr
    ended = lakewarden("evaluate", *arguments, "-o", "json=known", cwd=tmp_path)
    assert (ended.returncode, "the baseline" in ended.stderr) == (2, True), "never written over"
