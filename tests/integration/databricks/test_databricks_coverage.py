"""What is in scope, and how much of it must be evaluated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.databricks.small_estate import six_tables
from tests.integration.databricks.workspace_commands import read, run
from tests.workspace.grants import Guarded
from tests.workspace.handmade import MIB, HandmadeEstate
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa


def _hiding() -> Guarded:
    """Return the estate with one table that is not listed, and that the metrics history knows."""
    estate = six_tables()
    estate.catalog("main").schema("sales").table("hidden", metric_bytes=MIB)
    guarded = Guarded(estate)
    guarded.hide("main", "sales", "hidden")
    return guarded


@pytest.mark.parametrize(
    ("share", "code", "words"),
    [
        ("0.8", 0, "Gate: passed (exit 0)"),
        (
            "90%",
            3,
            "1 table couldn't be read or decided; 90% are required, but only 85.7% were evaluated",
        ),
    ],
)
def test_enough_coverage_is_enough_and_less_is_said(
    tmp_path: Path, share: str, code: int, words: str
) -> None:
    with Workspace(_hiding()) as w:
        ended = run(w, "evaluate", "--min-coverage", share, "--allow", "fail", cwd=tmp_path)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert words in ended.stdout
    assert "INCOMPLETE: 6 of 7 tables evaluated, 1 couldn't be read" in ended.stdout
    assert "main.sales.hidden: known to the metrics history and not listed" in ended.stdout


def test_coverage_that_nobody_can_measure_is_not_met(tmp_path: Path) -> None:
    """Of the dark schema nobody knows how many tables it has: they may be the greater part."""
    estate = HandmadeEstate()
    estate.catalog("main").schema("sales").table("clustered", clustering=[["id"]])
    estate.catalog("main").schema("dark").table("unseen")
    guarded = Guarded(estate)
    guarded.revoke_schema("main", "dark")
    with Workspace(guarded) as w:
        ended = run(w, "evaluate", "--min-coverage", "1%", cwd=tmp_path)
    assert ended.returncode == 3
    assert "1% are required, but the total is unknown" in ended.stdout
    with Workspace(guarded) as w:
        without = run(
            w, "evaluate", "--min-coverage", "100%", "--exclude", "main.dark.*", cwd=tmp_path
        )
    assert without.returncode == 0, without.stdout


def test_only_what_is_included_and_not_excluded_is_listed(tmp_path: Path) -> None:
    estate = six_tables()
    for schema in ("tmp", "hr"):
        estate.catalog("main").schema(schema).table("t", clustering=[["id"]])
    estate.catalog("dev").schema("sales").table("t")
    with Workspace(estate) as w:
        ended = run(
            w,
            "evaluate",
            *("--include", "main.*", "--exclude", "*.tmp.*", "--exclude", "main.sales.s*"),
            *("--report", "json=r.json"),
            cwd=tmp_path,
        )
        listed = [call.query["schema_name"] for call in w.log.calls if call.kind == "list_tables"]
        assert sorted(listed) == ["hr", "sales"]
    assert ended.returncode == 1, ended.stderr
    report = read(tmp_path / "r.json")
    names = {each["full_name"].removeprefix("main.") for each in report["tables"]}
    assert names == {
        "hr.t",
        *(f"sales.{n}" for n in ("clustered", "large", "close", "external", "read")),
    }
    left_out = {each["what"]: each.get("tables") for each in report["completeness"]["left_out"]}
    assert {"catalog dev", "schema main.tmp"} < left_out.keys()
    assert left_out["tables of schema main.sales"] == 1
    assert report["run"]["scope"].startswith("Databricks, main.*, without *.tmp.*")
