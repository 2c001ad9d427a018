"""Where a report goes and in which format; what share of an estate is enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.options.reports import parse_format, parse_share, parse_target
from lakewarden.renderers import Format


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
        ("template:My.j2=out.html", "template:My.j2", "out.html"),
        ("Template:a/b.txt=x=y", "template:a/b.txt", "x=y"),
    ],
)
def test_a_name_or_a_word_before_it_tells_the_format(text: str, kind: str, path: str) -> None:
    target = parse_target(text)
    assert (target.format, target.path) == (kind, Path(path))


def test_a_template_may_lie_in_a_folder_whose_name_has_an_equals_sign(tmp_path: Path) -> None:
    """As the folders of partitions do; a project file names its templates by whole paths."""
    folder = tmp_path / "run=1"
    folder.mkdir()
    (folder / "a.j2").touch()
    target = parse_target(f"template:{folder}/a.j2={folder}/out=1.txt")
    assert target.format == f"template:{folder}/a.j2"
    assert target.path == folder / "out=1.txt"


@pytest.mark.parametrize(
    "text",
    [
        *("report", "report.pdf", "report.html.gz", "-", "", ".html", "reports/", "html"),
        *("html=", "=report.html", "pdf=report.html", "md=report.md", "HMTL=report.html"),
        *("markdwon=x.md", "xml=report", "out/", "."),
        *("template:=out.txt", "template=out.txt", "template:mine.j2", "template:mine.html"),
        *("template:mine.j2=", "tempalte:mine.j2=out.txt"),
    ],
)
def test_a_name_that_tells_no_format_is_refused_with_both_forms(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_target(text)
    for word in ("FORMAT=PATH", "html=report.html", ".md", "console", "markdown", "json"):
        assert word in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.95", 0.95), ("95%", 0.95), (" 95 % ", 0.95), ("1", 1), ("0", 0), ("100%", 1), (".5", 0.5)],
)
def test_a_share_is_a_number_or_a_percentage(text: str, value: float) -> None:
    assert parse_share(text) == value


@pytest.mark.parametrize(
    "text", ["95", "101%", "-1%", "1.01", "half", "", "%", "nan", "inf", "1%%"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    """`95` is most likely meant as a percentage; taken as 9500 % it would never be met."""
    with pytest.raises(ConfigurationError, match="isn't a share of the tables") as caught:
        parse_share(text)
    assert caught.value.where == "--min-coverage"
    assert "95%" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("htlm", "html"),
        ("xml", "junit"),
        ("md", "markdown"),
        ("jsno", "json"),
        ("MARKDWON", "markdown"),
    ],
)
def test_a_mistyped_format_suggests_the_nearest(text: str, near: str) -> None:
    for read in (parse_format, lambda text: parse_target(f"{text}=out")):
        with pytest.raises(ConfigurationError, match="unknown report format") as caught:
            read(text)
        assert f"Did you mean {near}?" in caught.value.remedy


def test_a_format_has_one_name_in_any_case() -> None:
    assert parse_format("HTML") == "html"
    with pytest.raises(ConfigurationError, match="unknown report format 'pdf'") as caught:
        parse_format("pdf")
    assert caught.value.remedy == f"The formats are {', '.join(Format)}."
