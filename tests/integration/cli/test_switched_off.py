"""A policy that a team switches off is not evaluated, and nobody can miss that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import NOW, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

_REQUIRED: Final = "clustering.strategy_required"
_LIMIT: Final = "clustering.key_limit"
_CLUSTERING: Final = ("--policy", _REQUIRED, "--policy", _LIMIT)


def _evaluated(
    home: Path, settings: str, *options: str, tables: int = 2
) -> tuple[int, str, dict[str, Any]]:
    """Return the exit code, what the screen says, and the report, about large bare tables."""
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "clustering_config.yaml").write_text(settings)
    write_lines(home / "lake.ndjson", *(document(f"t{number}") for number in range(tables)))
    ended = lakewarden(
        *("evaluate", "--inventory", "lake.ndjson", "--now", NOW, *(options or _CLUSTERING)),
        *("--report", "json=report.json", "--report", "html=report.html"),
        *("--report", "markdown=report.md"),
        cwd=home,
    )
    report: dict[str, Any] = json.loads((home / "report.json").read_text())
    return ended.returncode, ended.stdout, report


def _outcomes(report: dict[str, Any], policy: str) -> dict[str, str]:
    return {table["name"]: table["decisions"][policy]["outcome"] for table in report["tables"]}


def test_a_policy_that_is_off_has_no_decision_and_is_named_everywhere(tmp_path: Path) -> None:
    code, screen, report = _evaluated(tmp_path, "enforcement: {strategy_required: off}")
    assert code == 0  # both tables break it
    assert report["run"]["policies_off"] == [_REQUIRED]
    assert [policy["policy_id"] for policy in report["policies"]] == [_LIMIT]
    assert {*report["tables"][0]["decisions"]} == {_LIMIT}
    counts = report["completeness"]
    assert counts["decisions_expected"] == counts["decisions_made"] == 2
    pages = (screen, (tmp_path / "report.html").read_text(), (tmp_path / "report.md").read_text())
    for page in pages:
        assert "because the settings turn them off" in page
        assert "strategy" in page
    assert lakewarden("report", "report.json", cwd=tmp_path).returncode in (0, 1)


def test_it_is_listed_as_off(tmp_path: Path) -> None:
    _evaluated(tmp_path, "enforcement: {strategy_required: off}")
    listed = lakewarden("policies", "list", "--config", "config", cwd=tmp_path).stdout
    assert f"{_REQUIRED}\thigh\toff\t" in listed
    shown = lakewarden("policies", "show", _REQUIRED, "--config", "config", cwd=tmp_path)
    assert shown.returncode == 0
    assert "off" in shown.stdout


def test_off_for_some_tables_adds_up(tmp_path: Path) -> None:
    code, screen, report = _evaluated(
        tmp_path, "overrides: [{tables: '*.t0', enforcement: {strategy_required: off}}]"
    )
    assert code == 1
    assert _outcomes(report, _REQUIRED) == {"t0": "not_applicable", "t1": "fail"}
    decision = report["tables"][0]["decisions"][_REQUIRED]
    assert (decision["enforcement"], decision["override"]) == ("off", "*.t0")
    assert report["completeness"]["decisions_made"] == 4
    assert sum(report["summary"]["by_policy"][_REQUIRED]["outcomes"].values()) == 2
    assert f"turn {_REQUIRED} off for 1 table" in " ".join(screen.split())
    assert "policies_off" not in report["run"] or report["run"]["policies_off"] == []
    assert lakewarden("report", "report.json", cwd=tmp_path).stdout


def test_on_for_some_tables_alone_gates_for_them(tmp_path: Path) -> None:
    settings = (
        "enforcement: {strategy_required: off}\n"
        "overrides: [{tables: '*.t0', enforcement: {strategy_required: mandatory}}]"
    )
    code, _, report = _evaluated(tmp_path, settings)
    assert code == 1
    assert _outcomes(report, _REQUIRED) == {"t0": "fail", "t1": "not_applicable"}
    assert lakewarden("report", "report.json", cwd=tmp_path).stdout


def test_a_run_of_which_everything_is_off_has_shown_nothing(tmp_path: Path) -> None:
    """Exit code 0 would say that all is well."""
    code, screen, report = _evaluated(
        tmp_path, "enforcement: {strategy_required: off}", "--policy", _REQUIRED
    )
    assert code == 3
    assert "every policy is turned off" in " ".join(screen.split())
    assert report["policies"] == []
    allowed, _, _ = _evaluated(
        tmp_path,
        "enforcement: {strategy_required: off}",
        *_CLUSTERING,
        *("--allow", f"fail:{_REQUIRED}"),
    )
    assert allowed == 0  # to permit what is off isn't a mistake
