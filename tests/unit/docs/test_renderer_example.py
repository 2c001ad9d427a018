"""The examples of a plug-in and of a template work, and the page shows them as they are."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Final

import pytest
from msgspec import structs
from typer.testing import CliRunner

from lakewarden.cli import app
from lakewarden.renderers import renderer
from tests.support import plug_ins
from tests.support.agreeing_reports import agreeing
from tests.support.commandline import REPOSITORY
from tests.support.golden import showcase

EXAMPLE: Final = REPOSITORY / "docs" / "examples" / "renderer"
PAGE: Final = (REPOSITORY / "docs" / "formats.md").read_text("utf-8")


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the example as its project file would install it."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    (module,) = EXAMPLE.glob("*.py")
    assert project["name"].replace("-", "_") == module.stem
    entry_points = project["entry-points"]["lakewarden.renderers"]
    site = tmp_path / "site-packages"
    plug_ins.install(site, module.stem, entry_points, module.read_text("utf-8"))
    monkeypatch.syspath_prepend(str(site))


def test_the_page_shows_the_example() -> None:
    assert (EXAMPLE / "lakewarden_owners.py").read_text("utf-8") in PAGE
    assert (EXAMPLE / "owners.txt.j2").read_text("utf-8") in PAGE
    toml = (EXAMPLE / "pyproject.toml").read_text("utf-8")
    assert PAGE.partition("```toml\n")[2].partition("```")[0] in toml


@pytest.mark.usefixtures("_installed")
def test_the_plug_in_renders_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = showcase()
    sample.rows = [structs.replace(row, owner="a\tb\nc\\") for row in sample.rows]
    out = io.StringIO()
    renderer("owners").render(sample, out)
    assert out.getvalue().splitlines()[0] == (
        "a\\tb\\nc\\\\\tmain.sales.orders\tclustering.single_strategy"
    )
    monkeypatch.chdir(tmp_path)
    agreeing().write(tmp_path / "report.json")
    arguments = ["report", "report.json", "--format", "owners", "-o", "owners.tsv"]
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 0, ended.output
    lines = (tmp_path / "owners.tsv").read_text("utf-8").splitlines()
    assert lines
    assert all(line.count("\t") == 2 for line in lines)


def test_the_template_renders() -> None:
    out = io.StringIO()
    renderer(f"template:{EXAMPLE / 'owners.txt.j2'}").render(showcase(), out)
    assert out.getvalue().splitlines() == [
        "3 tables of every table of the demo lakehouse, 2026-11-23 05:10:00 UTC",
        "sales-analytics: main.sales.orders, 5.0 GiB, clustering.single_strategy",
        "sales-analytics: main.sales.orders, 5.0 GiB, clustering.strategy_required",
        "-: main.sales.late, 0 B, clustering.keys_exist",
    ]
