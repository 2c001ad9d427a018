"""Exit codes of whole runs in which several things are true at once, and options that change them.

What ends a run early (2, 4) has its rows in docs/errors.md, signals are in `test_ended_by_signals`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import CLUSTERED, document, environment, lakewarden, write_lines

_LARGE: Final = {"size": {"bytes": 5 << 30, "origin": "describe_detail", "exact": True}}
_TABLES: Final[dict[str, dict[str, Any]]] = {
    "passes": document("good", **_LARGE, **CLUSTERED),
    "fails": document("broken", **_LARGE),
    "fails too": document("another", **_LARGE),
    "fails an advisory policy": document(
        "wordy",
        **_LARGE,
        columns=CLUSTERED["columns"],
        properties={**CLUSTERED["properties"], "delta.autoOptimize.autoCompact": "true"},
    ),
    "undecided": document("unsized", size={}),
    "unreadable": document("refused", size={"bytes": -1}),
}
_KNOWN: Final = ("--baseline", "known")
"""A baseline that knows of `fails`, and of nothing else."""
_ALLOWED: Final = ("--allow", "fail", "--allow", "unknown")

CASES: Final[Sequence[tuple[int, str, tuple[str, ...]]]] = (
    (0, "passes, fails an advisory policy", ()),
    (1, "fails an advisory policy", ("--fail-on", "low", *_KNOWN)),
    (0, "fails an advisory policy", ("--fail-on", "high")),
    (0, "fails an advisory policy", ("--fail-on", "low", "--allow", "fail")),
    (0, "passes, fails", _KNOWN),
    (1, "fails, fails too", _KNOWN),
    (0, "fails, fails too", (*_KNOWN, "--no-gate")),
    (0, "fails, fails too", (*_KNOWN, "--allow", "fail")),
    (1, "fails, undecided, unreadable", ()),
    (3, "fails, undecided, unreadable", _KNOWN),
    (3, "fails, undecided", ("--allow", "fail", "--fail-on", "low")),
    (0, "fails, undecided", (*_KNOWN, "--allow", "unknown")),
    (0, "fails, unreadable", (*_KNOWN, "--min-coverage", "50%")),
    (3, "passes, unreadable", (*_ALLOWED, "--min-coverage", "51%")),
    (3, "unreadable", ("--min-coverage", "0%", *_ALLOWED)),
    (0, "", ("--no-gate",)),
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a baseline, as the command made it."""
    folder = tmp_path_factory.mktemp("baseline")
    _evaluate(folder, "fails", ())
    lakewarden("baseline", "create", "--report", "r.json", "-o", "known", cwd=folder)
    return (folder / "known").read_text()


@pytest.mark.parametrize(("code", "tables", "options"), CASES)
def test_a_run_ends_with(
    code: int, tables: str, options: tuple[str, ...], known: str, tmp_path: Path
) -> None:
    (tmp_path / "known").write_text(known)
    ended, gate = _evaluate(tmp_path, tables, options)
    assert ended == code
    assert gate["softened"] == (code == 0 and gate["exit_code"] > 0)
    assert bool(gate["reasons"]) == (gate["exit_code"] > 0)


@pytest.mark.opa
def test_nothing_permits_an_engine_that_fails_or_a_wrong_option(tmp_path: Path) -> None:
    opa = tmp_path / "opa"
    real = environment(tmp_path)["LAKEWARDEN_OPA"]
    opa.write_text(f'#!/bin/sh\n[ "$1" = run ] && exit 7\nexec {real} "$@"\n')
    opa.chmod(0o755)
    options = ("--no-gate", *_ALLOWED, "--min-coverage", "0%", "--engine", "opa")
    assert _evaluate(tmp_path, "fails", options, LAKEWARDEN_OPA=str(opa))[0] == 4
    code, _ = _evaluate(tmp_path, "fails", (*options, *_KNOWN), LAKEWARDEN_OPA=str(opa))
    assert code == 2, "the baseline isn't there"


def _evaluate(
    folder: Path, tables: str, options: tuple[str, ...], **changes: str
) -> tuple[int, dict[str, Any]]:
    """Evaluate tables by the domain that gates; return the exit code and the report's gate."""
    chosen = [_TABLES[name] for name in tables.split(", ") if name]
    write_lines(folder / "lake.ndjson", *chosen)
    engine = () if "--engine" in options else ("--engine", "embedded")
    arguments = ("--inventory", "lake.ndjson", "--policy", "clustering.*", "-o", "r.json")
    ended = lakewarden("evaluate", *arguments, *engine, *options, cwd=folder, **changes)
    report = folder / "r.json"
    gate = json.loads(report.read_text())["gate"] if report.is_file() else {}
    return ended.returncode, gate
