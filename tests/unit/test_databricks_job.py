"""A task of a Databricks job: what it runs, where its reports go, and when it fails.

A stand-in for the command is found in its place, since the task's process hands on what it imports.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lakewarden import databricks_job
from lakewarden.databricks_job import RunFailedError

_STAND_IN = """
import json, os, pathlib, sys
pathlib.Path("report.json").write_text(json.dumps({
    "arguments": sys.argv[1:],
    "previous": [each.read_text() for each in pathlib.Path("previous").glob("*")],
    "variables": {key: value for key, value in os.environ.items() if "DATABRICKS" in key},
}))
print("::error::a name from a table")
print("to stderr", file=sys.stderr)
sys.exit(int(os.environ["STAND_IN_EXITS_WITH"]))
"""


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "imported" / "lakewarden"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(_STAND_IN)
    monkeypatch.setattr(sys, "path", [str(package.parent), *sys.path])
    for name in [name for name in os.environ if "DATABRICKS" in name]:
        monkeypatch.delenv(name)
    return tmp_path / "volume"


def _run(
    monkeypatch: pytest.MonkeyPatch, reports: Path, *arguments: str, exits_with: int = 0
) -> None:
    monkeypatch.setenv("STAND_IN_EXITS_WITH", str(exits_with))
    monkeypatch.setattr(sys, "argv", ["task", "--reports", str(reports), *arguments])
    databricks_job.main()


def _latest(reports: Path) -> dict[str, object]:
    report: dict[str, object] = json.loads((reports / "latest" / "report.json").read_text())
    return report


def test_it_evaluates_with_its_parameters_and_keeps_the_reports_of_each_run(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, reports, "--source", "databricks")
    assert _latest(reports)["arguments"] == [
        *("evaluate", "--source", "databricks"),
        *("--report", "report.json", "--report", "report.html"),
    ]
    kept = [each for each in reports.iterdir() if each.name != "latest"]
    assert [each.name for each in kept[0].iterdir()] == ["report.json"]
    out = capsys.readouterr().out
    assert "to stderr" in out
    assert str(reports / "latest") in out
    assert "\n::error::" not in f"\n{out}", "a table's name commands no log"


def test_the_next_run_compares_with_the_latest_report(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, reports, exits_with=0)
    assert "previous report" not in capsys.readouterr().out
    first = (reports / "latest" / "report.json").read_text()
    _run(monkeypatch, reports, exits_with=0)
    assert f"previous report: {reports}/latest/report.json" in capsys.readouterr().out
    second = _latest(reports)
    assert second["previous"] == [first]
    assert second["arguments"][-2:] == ["--previous", "previous/report.json"]  # type: ignore[index]


@pytest.mark.parametrize("code", [1, 3])
def test_a_run_that_fails_fails_the_task_and_leaves_its_reports(
    reports: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    with pytest.raises(RunFailedError, match=f"exited with {code}"):
        _run(monkeypatch, reports, exits_with=code)
    assert _latest(reports)


def test_on_databricks_the_command_signs_in_as_the_task(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Task:
        host = "https://dbc-a1b2c3d4-e5f6.cloud.databricks.com"

        def authenticate(self) -> dict[str, str]:
            return {"Authorization": "Bearer of-the-task"}

    monkeypatch.setattr(databricks_job, "Config", Task)
    _run(monkeypatch, reports)
    assert _latest(reports)["variables"] == {}, "elsewhere it signs in as the command does"
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "client.4.0")
    _run(monkeypatch, reports)
    variables = _latest(reports)["variables"]
    assert isinstance(variables, dict)
    assert variables.pop("DATABRICKS_RUNTIME_VERSION")
    assert variables == {
        "DATABRICKS_HOST": Task.host,
        "DATABRICKS_TOKEN": "of-the-task",
        "DATABRICKS_AUTH_TYPE": "pat",
    }


@pytest.mark.parametrize("given", [[], ["--reports"], ["--reports", ""], ["--source", "demo"]])
def test_a_task_without_a_folder_for_its_reports_says_so(
    given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["task", *given])
    with pytest.raises(ValueError, match="--reports FOLDER comes first"):
        databricks_job.main()
