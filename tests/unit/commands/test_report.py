"""`lakewarden report`: the name of the output tells the format."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from lakewarden.cli import app
from lakewarden.model.report import TableReport
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


def test_report_is_split_by_owner_and_says_where_and_what_it_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    arguments = ["report", "report.json", "--split", "owner", "-o", "owners"]
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == f"{tmp_path / 'owners' / 'owners.csv'}\n"
    assert "A page and a text for each of" in ended.stderr
    names = [path.stem for path in (tmp_path / "owners").glob("*.html")]
    assert len(names) > 1
    listed = tmp_path / "owners" / "owners.csv"
    rows = listed.read_text()
    of_one = next(row for row in rows.splitlines(keepends=True) if f"{names[0]}." in row)
    listed.write_text(rows + of_one.replace(f"{names[0]}.", "gone."))
    for name in ("gone.html", "gone.md"):
        (tmp_path / "owners" / name).write_text("")
    again = CliRunner().invoke(app, arguments)
    assert "no tables any more: gone.html, gone.md" in again.stderr
    assert not (tmp_path / "owners" / "gone.md").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--split writes several files"),
        (("-o", "x", "--format", "html"), "--split has formats of its own"),
        (("-o", "report.json"), "isn't a folder"),
    ],
)
def test_a_split_needs_a_folder_and_nothing_else(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    before = (tmp_path / "report.json").read_bytes()
    ended = CliRunner().invoke(app, ["report", "report.json", "--split", "owner", *arguments])
    assert ended.exit_code == 2
    assert words in ended.output
    assert (tmp_path / "report.json").read_bytes() == before


def test_one_table_comes_as_text_as_its_object_and_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sample = agreeing()
    sample.write(tmp_path / "report.json")
    table = sample.rows[0]
    arguments = ("report", "report.json", "--table", table.full_name.upper())
    text = CliRunner().invoke(app, arguments)
    assert text.exit_code == 0, text.output
    assert text.stdout.startswith(f"{table.full_name}: ")
    assert CliRunner().invoke(app, [*arguments, "-q"]).stdout == text.stdout
    encoded = CliRunner().invoke(app, [*arguments, "--format", "json"])
    assert msgspec.json.decode(encoded.stdout, type=TableReport) == table
    written = CliRunner().invoke(app, [*arguments, "-o", "one.json"])
    assert written.stdout == f"{tmp_path / 'one.json'}\n"
    assert Path("one.json").read_text("utf-8") == encoded.stdout


def test_one_table_is_refused_as_a_page_and_where_it_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    for arguments in (("--table", "gone"), ("--table", "gone", "-o", "one.html")):
        ended = CliRunner().invoke(app, ["report", "report.json", *arguments])
        assert ended.exit_code == 2
        assert "--table" in ended.stderr
        assert not Path("one.html").exists()
