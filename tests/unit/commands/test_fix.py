"""`lakewarden fix`: what goes to standard output, to a file and to standard error."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from tests.support import fixable
from tests.support.fixable import STRATEGY, cluster, failing, table


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "main.sales.big"
    rows = [
        table(name, {STRATEGY: failing("x", cluster(name))}),
        table("main.sales.fine", {}, owner="others"),
    ]
    fixable.report(rows).write(tmp_path / "report.json")


def fix(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["fix", "--report", "report.json", *arguments])


def test_the_sql_goes_to_standard_output_and_the_rest_elsewhere() -> None:
    for ended in (fix(), fix("-o", "-")):
        assert ended.exit_code == 0, ended.output
        assert ended.stdout.startswith("-- Fixes for what Lakewarden found")
        assert "\nALTER TABLE `main`.`sales`.`big` CLUSTER BY (<key columns>);\n" in ended.stdout
        assert ended.stderr == "1 violation of 1 table: 1 statement, 1 with something to fill in\n"


def test_a_file_has_the_same_bytes_and_its_path_alone_on_a_line() -> None:
    ended = fix("-o", "fixes.sql")
    path = Path("fixes.sql")
    assert ended.stdout == f"{path.absolute()}\n"
    assert path.read_text("utf-8") == fix().stdout


def test_nothing_to_fix_is_said_and_no_error() -> None:
    ended = fix("--owner", "others")
    assert (ended.exit_code, ended.stderr) == (0, "There is nothing to fix.\n")
    assert "-- There is nothing to fix.\n" in ended.stdout


@pytest.mark.parametrize("option", ["--owner", "--policy", "--table"])
def test_what_matches_nothing_is_refused_and_nothing_is_written(option: str) -> None:
    ended = fix(option, "gone", "-o", "fixes.sql")
    assert ended.exit_code == 2
    assert option in ended.stderr
    assert not Path("fixes.sql").exists()


def test_the_report_is_never_overwritten() -> None:
    before = Path("report.json").read_bytes()
    ended = fix("-o", "report.json")
    assert ended.exit_code == 2
    assert Path("report.json").read_bytes() == before


def test_what_a_project_file_narrows_runs_by_does_not_narrow_fixes() -> None:
    Path("lakewarden.toml").write_text('table = "gone.*"\npolicy = "gone.*"\nreport = "r.html"\n')
    assert fix("-q").exit_code == 0
