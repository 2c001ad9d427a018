"""`lakewarden report`: the name of the output tells the format."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakewarden.cli import app
from tests.support.agreeing_reports import agreeing


@pytest.mark.parametrize(
    ("arguments", "begin"),
    [
        (("-o", "out.html"), "<!doctype html>"),
        (("-o", "OUT.MD"), "#"),
        (("-o", "out.json"), '{"schema_version"'),
        (("-o", "out.html", "--format", "JSON"), '{"schema_version"'),
        (("-o", "out", "--format", "markdown"), "#"),
    ],
)
def test_report_goes_by_the_name_of_its_output(
    arguments: tuple[str, ...], begin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    ended = CliRunner().invoke(app, ["report", "report.json", *arguments])
    assert ended.exit_code == 0, ended.output
    assert Path(arguments[1]).read_text("utf-8").lstrip().startswith(begin)


def test_report_refuses_an_output_that_tells_no_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    ended = CliRunner().invoke(app, ["report", "report.json", "-o", "out.txt"])
    assert ended.exit_code == 2
    assert "doesn't end in a report's format" in ended.output
    assert not Path("out.txt").exists()
    assert CliRunner().invoke(app, ["report", "report.json"]).exit_code == 0


def test_a_quiet_report_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    ended = CliRunner().invoke(app, ["report", "report.json", "-q"])
    assert ended.exit_code == 0
    assert len(ended.stdout.splitlines()) == 1
    assert "break a mandatory policy." in ended.stdout
    assert "Gate: failed (exit 1)" in ended.stdout
