"""`lakewarden policies diff`: what it says of two folders, as text and for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lakewarden.cli import app
from tests.support import scratch_policies
from tests.support.scratch_policies import POLICY


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.move(scratch_policies.write(tmp_path / "made"), "old")
    shutil.copytree("old", "new")
    Path("config").mkdir()


def _edit(old: str, new: str) -> None:
    file = Path("new", POLICY)
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


def diff(*arguments: str) -> Result:
    chosen = ("--engine", "embedded", "--documents", "500", "--config", "config")
    return CliRunner().invoke(app, ["policies", "diff", "old", "new", *chosen, *arguments])


def test_a_disagreement_is_shown_with_both_decisions_and_its_document() -> None:
    _edit("count(name) > limit", "count(name) >= limit")
    _edit("severity: low", "severity: medium")
    ended = diff()
    assert ended.exit_code == 0, ended.output
    lines = ended.stdout.splitlines()
    assert (
        lines[0] == "The two versions disagree about 1 of 1 policy whose code or settings differ."
    )
    assert "naming.short_columns" in lines
    assert "  its code differs" in lines
    assert "  severity: low → medium" in lines
    assert "  old: pass, No name has more than 20 characters." in lines
    assert any(line.startswith("  new: fail, main.sales.orders has the column ") for line in lines)
    document = json.loads(lines[-1])
    assert document.keys() == {
        *("full_name", "catalog_name", "schema_name", "name", "table_type", "columns")
    }


def test_programs_get_all_of_it() -> None:
    shutil.copytree(
        "new/lakewarden/tables/naming/short_columns", "new/lakewarden/tables/naming/more_columns"
    )
    folder = Path("new/lakewarden/tables/naming/more_columns")
    for file in folder.glob("*.rego"):
        text = file.read_text("utf-8").replace("short_columns", "more_columns")
        file.rename(file.with_name(file.name.replace("short", "more")))
        file.with_name(file.name.replace("short", "more")).write_text(text, "utf-8")
    ended = diff("--format", "json")
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)
    assert found["added"] == ["naming.more_columns"]
    assert found["policies"] == []


def test_the_same_policies_do_not_differ() -> None:
    assert diff().stdout == "The policies don't differ.\n"


def test_what_does_not_compile_is_named() -> None:
    _edit("package", "package of")
    ended = diff()
    assert ended.exit_code == 2, ended.output
    assert "short_columns.rego" in ended.output
