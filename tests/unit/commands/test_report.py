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
        (("--output", "out.md"), "#"),
        (("--report", "junit=out.md"), "<?xml"),
        (("-o", "run=1.md", "--format", "json"), '{"schema_version"'),
    ],
)
def test_report_goes_by_the_name_of_its_output(
    arguments: tuple[str, ...], begin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    ended = CliRunner().invoke(app, ["report", "report.json", *arguments])
    assert ended.exit_code == 0, ended.output
    path = arguments[1].removeprefix("junit=")
    assert Path(path).read_text("utf-8").lstrip().startswith(begin)


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


def test_one_call_writes_any_number_of_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `evaluate` does; a path is printed where the summary would be."""
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    several = ("-o", "a.csv", "--report", "junit=b", "-o", "ndjson=c", "--output", "d.ndjson")
    ended = CliRunner().invoke(app, ["report", "report.json", *several])
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.split() == [
        str(tmp_path / name) for name in ("a.csv", "b", "c", "d.ndjson")
    ]
    for name, report_format in (("a.csv", "csv"), ("b", "junit"), ("c", "ndjson")):
        alone = CliRunner().invoke(app, ["report", "report.json", "--format", report_format])
        assert Path(name).read_bytes() == alone.stdout_bytes
    assert Path("c").read_bytes() == Path("d.ndjson").read_bytes()
    piped = CliRunner().invoke(app, ["report", "report.json", "-o", "e.csv", "-o", "json=-"])
    assert piped.stdout == Path("report.json").read_text("utf-8"), "a report is alone there"
    assert piped.stderr == f"{tmp_path / 'e.csv'}\n"
    summary = CliRunner().invoke(app, ["report", "report.json"]).stdout
    assert CliRunner().invoke(app, ["report", "report.json", "-o", "-"]).stdout == summary
    assert "lakewarden report report.json --table NAME" in summary


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("-o a.csv -o ndjson=a.csv", "two reports would both go to a.csv"),
        ("-o a.csv -o ./a.csv", "two reports would both go to"),
        ("-o - -o -", "two reports would both go to standard output"),
        ("-o json=- -o markdown=/dev/stdout", "two reports would both go to standard output"),
        ("-o a.csv -o b.csv --format csv", "Name each format before its path"),
        ("-o html=a.csv --format csv", "a format is named twice"),
        ("-o a.csv -o json=report.json", "would overwrite the report report.json"),
        ("-o a.csv -o absent/b.csv", "absent/b.csv: can't be written"),
        ("-o a.csv -o htlm=b", "Did you mean html?"),
        ("-o a.csv -o html=b --table t", "one table can't be written as csv"),
        ("-o a.csv -o b", "doesn't end in a report's format"),
        ("--output= --format csv", "no file is named"),
    ],
)
def test_what_several_reports_cannot_be_is_refused_before_any_is_written(
    arguments: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    before = Path("report.json").read_bytes()
    ended = CliRunner().invoke(app, ["report", "report.json", *arguments.split()])
    assert ended.exit_code == 2, ended.output
    assert words in ended.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert Path("report.json").read_bytes() == before


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
        (("-o", "-"), "--split writes several files"),
        (("-o", ""), "no folder is named"),
        (("-o", "x", "-o", "y"), "--split writes into one folder"),
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
    both = CliRunner().invoke(app, [*arguments, "-o", "console=one.txt", "-o", "json=-"])
    assert (both.stdout, Path("one.txt").read_text("utf-8")) == (encoded.stdout, text.stdout)


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
