"""What a plan leaves unknown, from the pull request to the first run on the estate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

POLICY = "documentation.owner_is_group"
UNKNOWN = {"owner": {"status": "known_after_apply", "reason": "Its group is new."}}


def declared(name: str, line: int) -> dict[str, Any]:
    """Return a planned table of which only applying tells the owner."""
    place = {"tool": "terraform", "address": f"databricks_sql_table.{name}", "file": "main.tf"}
    definition = place | {"line": line, "action": "create"}
    return document(name, **CLUSTERED, evidence=UNKNOWN, definition=definition)


def evaluated(folder: Path, inventory: str, *options: str, code: int = 0) -> tuple[str, Any]:
    """Return the console's words and the JSON report of a run that keeps promises."""
    arguments = ("--inventory", inventory, "--promises", "promises.ndjson", *options)
    ended = lakewarden("evaluate", *arguments, "-o", "r.json", "-o", "r.md", cwd=folder)
    assert ended.returncode == code, ended.stderr
    return ended.stdout, json.loads((folder / "r.json").read_text())


def test_promises_of_a_plan_are_settled_by_the_estate(tmp_path: Path) -> None:
    """Two tables turn out as the policy wants or not, and one isn't there yet."""
    names = ("kept", "broken", "late")
    write_lines(
        tmp_path / "plan.ndjson", *(declared(*each) for each in zip(names, (1, 5, 9), strict=True))
    )
    console, report = evaluated(tmp_path, "plan.ndjson", "--policy", POLICY)
    assert "3 promised, 0 settled, 0 broken, 3 open" in console
    assert (
        "3 tables: the owner can't be known until the plan is applied (Its group is new.)"
        in console
    )
    assert report["tables"][1]["definition"]["line"] == 5

    write_lines(
        tmp_path / "estate.ndjson",
        document("broken", **CLUSTERED, owner="jo@example.com"),
        document("kept", **CLUSTERED, owner="sales"),
    )
    console, _ = evaluated(
        tmp_path, "estate.ndjson", "--table", "*.kept", "--policy", "clustering.*"
    )
    assert "3 promised, 0 settled, 0 broken, 3 open" in console, "another policy settles none"
    console, report = evaluated(tmp_path, "estate.ndjson")
    assert "3 promised, 1 settled, 1 broken, 1 open" in console
    assert f"broken: main.sales.broken  {POLICY}" in console
    assert "declared: databricks_sql_table.broken in main.tf:5" in console
    assert "1 settled, 1 broken, 1 open." in (tmp_path / "r.md").read_text()
    promises = report["promises"]
    assert [promises[each] for each in ("promised", "settled", "broken", "open")] == [3, 1, 1, 1]
    assert [(each["full_name"], each["status"]) for each in promises["unkept"]] == [
        ("main.sales.broken", "broken"),
        ("main.sales.late", "open"),
    ]
    assert report["gate"]["exit_code"] == 0, "an advisory policy doesn't gate, nor does its promise"

    kept = (tmp_path / "promises.ndjson").read_bytes()
    evaluated(tmp_path, "estate.ndjson")
    assert (tmp_path / "promises.ndjson").read_bytes() == kept, "the same run changes nothing"


def test_the_file_of_promises_is_neither_another_output_nor_an_input(tmp_path: Path) -> None:
    write_lines(tmp_path / "plan.ndjson", declared("a", 1))
    before = (tmp_path / "plan.ndjson").read_bytes()
    for options in (
        ("--promises", "plan.ndjson"),
        ("--promises", "r.json", "--report", "r.json"),
    ):
        ended = lakewarden("evaluate", "--inventory", "plan.ndjson", *options, cwd=tmp_path)
        assert ended.returncode == 2
        assert "error: --promises: " in ended.stderr
        assert "the file of promises would " in ended.stderr
    assert (tmp_path / "plan.ndjson").read_bytes() == before


def test_a_file_of_something_else_is_refused_with_its_line(tmp_path: Path) -> None:
    write_lines(tmp_path / "plan.ndjson", declared("a", 1))
    (tmp_path / "p").write_text("hello\n")
    ended = lakewarden("evaluate", "--inventory", "plan.ndjson", "--promises", "p", cwd=tmp_path)
    assert ended.returncode == 2
    assert "p:1: isn't a file of promises" in ended.stderr
