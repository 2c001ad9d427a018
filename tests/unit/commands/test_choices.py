"""Options that several commands share: where a report goes, and whose policies decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakewarden.cli import app
from lakewarden.commands import choices, evaluate
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.model.errors import ConfigurationError
from lakewarden.resources import shipped_policies
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


def _policy(root: Path, package: str = "lakewarden.tables.naming.short") -> Path:
    file = root / package.replace(".", "/") / "short.rego"
    file.parent.mkdir(parents=True)
    file.write_text(f"package {package}\n", "utf-8")
    return file


def test_the_folder_policies_is_found_and_a_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert choices.policy_dirs(None) == (shipped_policies(),)
    (tmp_path / "policies/terraform").mkdir(parents=True)
    (tmp_path / "policies/terraform/main.rego").write_text("package main\n", "utf-8")
    assert choices.policy_dirs(None) == (shipped_policies(),), "policies of another tool"
    assert not capsys.readouterr().err
    _policy(tmp_path / "policies")
    assert choices.policy_dirs(None) == (shipped_policies(), Path("policies"))
    assert "./policies" in capsys.readouterr().err
    _policy(tmp_path / "more")
    assert choices.policy_dirs([Path("more")])[1:] == (Path("more"), Path("policies"))


def test_a_folder_counts_once_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    _policy(tmp_path / "policies")
    named = tmp_path / "more/../policies"
    (tmp_path / "more").mkdir()
    assert choices.policy_dirs([named, shipped_policies()]) == (shipped_policies(), named)
    assert not capsys.readouterr().err


def test_a_checkout_of_the_product_is_not_taken_for_policies_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another version's policies would be there twice."""
    monkeypatch.chdir(tmp_path)
    _policy(tmp_path / "policies", "lakewarden.main")
    assert choices.policy_dirs(None) == (shipped_policies(),)
    assert "Not using ./policies" in capsys.readouterr().err


def test_a_package_that_is_there_twice_is_refused_with_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _policy(tmp_path / "policies")
    _policy(tmp_path / "more")
    with pytest.raises(ConfigurationError) as caught:
        read_policies(choices.policy_dirs([Path("more")]))
    for folder in ("more", "policies"):
        assert f"{folder}/lakewarden/tables/naming/short/short.rego" in str(caught.value)
