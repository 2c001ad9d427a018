"""`lakewarden evaluate --source databricks` from end to end: reports, exit codes, remedies."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.integration.databricks.workspace_commands import decision, outcomes, read, run
from tests.support.commandline import lakewarden
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, MIB, HandmadeEstate
from tests.workspace.log import Log
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

_WAIVERS: Final = """waivers:
  - policy: clustering.strategy_required
    table: main.sales.waived
    reason: rewritten next quarter
    owner: sales
    approved_by: platform
    ticket: L-1
    expires: 2099-01-31
  - policy: clustering.strategy_required
    table: main.sales.small_after_all
    reason: was large once
    owner: sales
    approved_by: platform
    ticket: L-2
    expires: 2099-01-31
"""


class Ran(NamedTuple):
    """One run: how it ended, where its files are, what the double was asked."""

    code: int
    out: str
    home: Path
    log: Log


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("clustered", bytes=5 * GIB, clustering=[["id"]])
    sales.table("small", bytes=MIB, metric_bytes=MIB)
    sales.table("large", bytes=9 * GIB, metric_bytes=8 * GIB)
    sales.table("close", bytes=GIB - 1, metric_bytes=GIB)
    sales.table("threshold", bytes=GIB, table_type="EXTERNAL")
    sales.table("waived", bytes=7 * GIB)
    sales.table("small_after_all", bytes=2 * MIB)
    sales.table("view", table_type="VIEW", format="VIEW")
    estate.catalog("system", "SYSTEM_CATALOG").schema("storage").table("table_metrics_history")
    return estate


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run once, with every report; two tables fail."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "waivers.yaml").write_text(_WAIVERS)
    with Workspace(_estate()) as w:
        ended = run(
            w,
            "evaluate",
            *("--config", "config", "--save-inventory", "inventory.ndjson"),
            *("--report", "json=report.json", "--report", "html=report.html"),
            cwd=home,
        )
    assert ended.returncode == 1, ended.stderr
    return Ran(ended.returncode, ended.stdout, home, w.log)


def test_every_table_is_decided_by_the_cheapest_evidence_that_decides_it(failing: Ran) -> None:
    """A table that is decided wrongly here is decided wrongly on a workspace."""
    report = read(failing.home / "report.json")
    assert outcomes(report) == {
        "clustered": "pass",
        "small": "exempt",
        "large": "fail",
        "close": "exempt",
        "threshold": "fail",
        "waived": "exempt",
        "small_after_all": "exempt",
        "view": "not_applicable",
    }
    sizes = {each["name"]: each.get("size", {}).get("origin") for each in report["tables"]}
    assert sizes["large"] == sizes["small"] == "metrics_history"
    assert sizes["close"] == sizes["threshold"] == "describe_detail"
    assert sizes["clustered"] is sizes["view"] is None


def test_the_reports_and_the_summary_are_there_and_agree(failing: Ran) -> None:
    report = read(failing.home / "report.json")
    page = (failing.home / "report.html").read_text()
    for name in outcomes(report):
        assert f"main.sales.{name}" in page
    assert "2 of 8 tables break a mandatory policy." in failing.out
    assert "Gate: failed (exit 1): 2 mandatory decisions failed" in failing.out
    lines = failing.out.splitlines()
    assert str(failing.home / "report.json") in lines
    assert str(failing.home / "report.html") in lines


def test_what_was_asked_and_what_was_left_out_is_told(failing: Ran) -> None:
    """The one who pays for the warehouse reads it here, as does anyone who misses a catalog."""
    report = read(failing.home / "report.json")
    spent, requests = report["run"]["spent"], failing.log.requests
    assert spent["describe_detail"] == len(failing.log.described()) == 4
    assert spent["list_tables"] == requests["list_tables"]
    assert sum(spent[kind] for kind in ("describe_detail", "metrics_history")) == len(
        failing.log.statements
    )
    assert "4 describe detail" in failing.out
    assert report["run"]["workspace"].startswith("http://127.0.0.1:")
    left_out = {each["what"]: each for each in report["completeness"]["left_out"]}
    assert "catalog system" in left_out
    assert "Databricks' own tables" in failing.out
    assert all(tag["lakewarden"] for tag in (each.tags for each in failing.log.statements))


def test_the_evidence_of_a_waived_table_is_collected_all_the_same(failing: Ran) -> None:
    """Else nobody learns that a waiver is not needed any more."""
    report = read(failing.home / "report.json")
    waived = decision(report, "waived")
    assert waived["exemptions"][0]["kind"] == "waiver"
    assert waived["would_be"] == "fail"
    assert decision(report, "small_after_all")["exemptions"][0]["kind"] == "rule"
    excuses = {each["table"]: each["excuses"] for each in report["waivers"]}
    assert excuses == {"main.sales.waived": 1, "main.sales.small_after_all": 0}


def test_the_kept_inventory_decides_the_same_without_the_workspace(failing: Ran) -> None:
    """Each step replays from files; nothing but the inventory is left of the collection."""
    assert [each.name for each in failing.home.glob("inventory.ndjson*")] == ["inventory.ndjson"]
    first = read(failing.home / "report.json")
    ended = lakewarden(
        "evaluate",
        *("--inventory", "inventory.ndjson", "--config", "config"),
        *("--now", first["run"]["clock"], "--report", "json=again.json"),
        cwd=failing.home,
    )
    assert ended.returncode == 1
    again = read(failing.home / "again.json")
    for part in ("tables", "summary", "completeness", "waivers"):
        assert again[part] == first[part], part
    assert again["run"]["spent"] == first["run"]["spent"]


def test_0_where_all_is_well(tmp_path: Path) -> None:
    estate = HandmadeEstate()
    estate.catalog("main").schema("sales").table("clustered", clustering=[["id"]])
    with Workspace(estate) as w:
        ended = run(w, "evaluate", cwd=tmp_path)
        assert w.log.statements == [], "a table that is clustered needs no size"
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "No table breaks a mandatory policy: 1 table evaluated." in ended.stdout


def test_3_where_a_grant_was_revoked_naming_it(tmp_path: Path) -> None:
    """An estate of which a part is dark must not look like one that is well."""
    estate = HandmadeEstate()
    schemas = estate.catalog("main")
    schemas.schema("sales").table("clustered", clustering=[["id"]])
    schemas.schema("dark").table("unseen")
    schemas.schema("sales").table("undescribed", bytes=5 * GIB)
    guarded = Guarded(estate)
    guarded.revoke_schema("main", "dark")
    guarded.revoke_select("main", "sales", "undescribed")
    with Workspace(guarded) as w:
        ended = run(
            w,
            "evaluate",
            *("--report", "json=report.json", "--report", "html=report.html"),
            cwd=tmp_path,
        )
    report = read(tmp_path / "report.json")
    assert ended.returncode == 3, ended.stdout + ended.stderr
    grant = "GRANT USE SCHEMA, SELECT ON SCHEMA main.dark TO `scanner@example.com`;"
    assert "schema main.dark" in ended.stdout
    assert grant in ended.stdout
    assert grant in html.unescape((tmp_path / "report.html").read_text())
    (missing,) = decision(report, "undescribed")["missing"]
    assert (missing["kind"], missing["status"]) == ("size", "denied")
    assert "SELECT" in missing["reason"]
    assert "INSUFFICIENT_PERMISSIONS" in missing["reason"]
    failures = report["completeness"]["failures"]
    assert [each["what"] for each in failures] == ["schema main.dark"]


def test_3_without_a_warehouse_saying_how_to_name_one(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = run(w, "evaluate", "--report", "json=report.json", cwd=tmp_path, warehouse=False)
        assert w.log.statements == []
    assert ended.returncode == 3, ended.stdout + ended.stderr
    report = read(tmp_path / "report.json")
    decided = outcomes(report)
    assert (decided["clustered"], decided["view"]) == ("pass", "not_applicable")
    assert {decided[name] for name in ("small", "large", "close", "waived")} == {"unknown"}
    (missing,) = decision(report, "large")["missing"]
    assert missing["status"] == "not_requested"
    for way in ("--warehouse-id", "DATABRICKS_WAREHOUSE_ID", "warehouse_id in the profile"):
        assert way in missing["reason"]
        assert way in ended.stdout, "who only sees the console must read it, too"


def test_4_for_a_wrong_token_saying_how_to_sign_in(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = run(
            w,
            "evaluate",
            *("--save-inventory", "inventory.ndjson", "--report", "json=report.json"),
            cwd=tmp_path,
            DATABRICKS_TOKEN="wrong",  # noqa: S106 -- it opens nothing
        )
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert (
        f"error: the environment, {w.url}: the workspace doesn't recognise the credentials"
        in ended.stderr
    )
    assert "remedy: Sign in again with `databricks auth login" in ended.stderr
    assert list(tmp_path.glob("*.json*")) == list(tmp_path.glob("*.ndjson*")) == []


def test_4_where_nothing_says_which_workspace(tmp_path: Path) -> None:
    ended = lakewarden("collect", "--source", "databricks", cwd=tmp_path)
    assert ended.returncode == 4
    assert "remedy: Sign in with `databricks auth login --host URL --profile NAME`" in ended.stderr
