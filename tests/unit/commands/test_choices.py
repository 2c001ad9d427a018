"""Where a report goes and in which format: `--report` of evaluate, `-o` of report."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakewarden.cli import app
from lakewarden.commands import evaluate
from lakewarden.model.errors import ConfigurationError
from tests.support.agreeing_reports import agreeing

_target = evaluate._target  # noqa: SLF001 -- what an option means, without a run


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ("report.html", "html", "report.html"),
        ("out/Report.HTM", "html", "out/Report.HTM"),
        ("report.JSON", "json", "report.JSON"),
        ("report.md", "markdown", "report.md"),
        ("a.html.markdown", "markdown", "a.html.markdown"),
        ("html=report.md", "html", "report.md"),
        ("HTML=report", "html", "report"),
        ("json=a=b.html", "json", "a=b.html"),
        ("console=summary", "console", "summary"),
        ("run=1/report.html", "html", "run=1/report.html"),
        ("out/html=1/report.json", "json", "out/html=1/report.json"),
        ("./json=report.html", "html", "./json=report.html"),
        ("a=b.html", "html", "a=b.html"),
        ("report.html=2026-11.json", "json", "report.html=2026-11.json"),
    ],
)
def test_a_name_or_a_word_before_it_tells_the_format(text: str, kind: str, path: str) -> None:
    target = _target(text)
    assert (target.format, target.path) == (kind, Path(path))


@pytest.mark.parametrize(
    "text",
    [
        *("report", "report.pdf", "report.html.gz", "-", "", ".html", "reports/", "html"),
        *("html=", "=report.html", "pdf=report.html", "md=report.md", "HMTL=report.html"),
        *("markdwon=x.md", "xml=report", "out/", "."),
    ],
)
def test_a_name_that_tells_no_format_is_refused_with_both_forms(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _target(text)
    for word in ("FORMAT=PATH", "html=report.html", ".md", "console", "markdown", "json"):
        assert word in caught.value.remedy


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
    assert "does not tell a report's format" in ended.output
    assert not Path("out.txt").exists()
    assert CliRunner().invoke(app, ["report", "report.json"]).exit_code == 0
