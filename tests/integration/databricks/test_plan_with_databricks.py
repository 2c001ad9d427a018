"""`--source sql:… --with databricks`: a plan beside the workspace that it changes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.integration.databricks.workspace_commands import Inventory, outcomes, read, variables
from tests.support.commandline import lakewarden
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, MIB, HandmadeEstate
from tests.workspace.server import Address, Workspace

pytestmark = pytest.mark.opa

_PLAN: Final = """
ALTER TABLE main.sales.large CLUSTER BY (id);
ALTER TABLE main.sales.clustered CLUSTER BY NONE;
ALTER TABLE main.sales.tiny CLUSTER BY NONE;
CREATE OR REPLACE TABLE main.sales.replaced (id BIGINT COMMENT 'key') CLUSTER BY (id);
CREATE TABLE main.sales.new (id BIGINT) CLUSTER BY (id);
CREATE TABLE main.made.by_the_plan (id BIGINT) CLUSTER BY (id);
"""


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("large", bytes=9 * GIB)
    sales.table("clustered", bytes=5 * GIB, clustering=[["id"]], tags={"tier": "gold"})
    sales.table("tiny", bytes=MIB, clustering=[["id"]])
    sales.table("replaced", bytes=9 * GIB)
    sales.table("untouched", bytes=9 * GIB)
    return estate


def _run(
    workspace: Address, command: str, *arguments: str, cwd: Path
) -> subprocess.CompletedProcess[str]:
    (cwd / "V1.sql").write_text(_PLAN)
    plan = ("--source", "sql:V1.sql", "--with", "databricks")
    return lakewarden(command, *plan, *arguments, cwd=cwd, **variables(workspace))


def test_existing_tables_have_their_size_and_what_the_plan_changes_is_told(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = _run(w, "evaluate", "--report", "r.json", cwd=tmp_path)
        described = {each.rpartition(".")[2] for each in w.log.described()}
    assert ended.returncode == 1, ended.stdout + ended.stderr

    report = read(tmp_path / "r.json")
    assert outcomes(report) == {
        "large": "pass",
        "clustered": "fail",
        "tiny": "exempt",
        "replaced": "pass",
        "new": "pass",
        "by_the_plan": "pass",
    }
    assert "untouched" not in described
    change = report["insight"]["change"]
    assert change["broken_examples"] == ["main.sales.clustered"]
    assert change["fixed_examples"] == ["main.sales.large", "main.sales.replaced"]
    assert change["added_examples"] == ["main.made.by_the_plan", "main.sales.new"]
    assert change["removed"]["tables"] == 0
    assert "The plan breaks 1 table and fixes 2, compared with Databricks of " in ended.stdout


def test_a_replaced_table_keeps_nothing_that_goes_with_the_old_one(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = _run(w, "collect", "-o", "i.ndjson", "--evidence", "all", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    inventory = Inventory(tmp_path / "i.ndjson")
    assert not inventory.failures

    kept = inventory.document("clustered")
    assert kept["size"]["bytes"] == 5 * GIB
    assert kept["table_id"]
    assert kept["tags"] == {"tier": "gold"}
    replaced = inventory.document("replaced")
    assert replaced["size"] == replaced["access"] == {}
    assert not {"table_id", "tags"} & set(replaced)
    new = inventory.document("new")
    assert new["evidence"]["size"] == {
        "status": "known_after_apply",
        "reason": "The table is new: Databricks has none of this name.",
    }


def test_3_where_the_workspace_may_hide_what_the_plan_changes(tmp_path: Path) -> None:
    """A schema that can't be listed may hold a table that the plan believes to be new."""
    estate = Guarded(_estate())
    estate.revoke_schema("main", "sales")
    with Workspace(estate) as w:
        ended = _run(w, "evaluate", "--report", "r.json", cwd=tmp_path)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    report = read(tmp_path / "r.json")
    lost = {each["what"] for each in report["completeness"]["failures"]}
    assert {"schema main.sales", "main.sales.large", "main.sales.clustered"} <= lost
    assert outcomes(report)["by_the_plan"] == "pass"
