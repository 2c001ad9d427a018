"""`lakewarden doctor --source databricks`: what a workspace lacks, and what helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.databricks.workspace_commands import run
from tests.workspace.grants import Guarded
from tests.workspace.handmade import MIB, HandmadeEstate
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

TO = "TO `scanner@example.com`;"


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate()
    for catalog in ("main", "ca.ta`log"):
        orders = estate.catalog(catalog).schema("sales")
        orders.table("orders", bytes=MIB, metric_bytes=MIB, reads=["ann"], tags={"tier": "gold"})
    return estate


def _lines(stdout: str) -> dict[str, str]:
    """Return what was found missing or noted, each with the remedy below it."""
    lines = stdout.splitlines()
    return {
        line: following.strip()
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith(("missing", "note"))
    }


def _remedy(found: dict[str, str], words: str, state: str = "missing") -> str:
    (line,) = (line for line in found if words in line)
    assert line.startswith(state), line
    return found[line]


def test_0_where_all_is_well(tmp_path: Path) -> None:
    project = tmp_path / "lakewarden.toml"
    project.write_text('# ours\nmax-statements = 500\nreport = "r.html"\n', "utf-8")
    with Workspace(_estate()) as w:
        ended = run(w, "doctor", cwd=tmp_path)
        statements = w.log.texts()
    assert ended.returncode == 0, ended.stdout
    for words in (
        f"ok      signed in to {w.url} as scanner@example.com",
        "ok      2 catalogs (`ca.ta``log`, main) visible",
        "ok      SQL warehouse warehouse of the double (serverless): running",
        "ok      a statement runs",
        "ok      system.storage.table_metrics_history: 2 tables",
        "ok      system.access.table_lineage: events up to",
        "ok      tags in system.information_schema: 2 are visible",
        "ok      DESCRIBE DETAIL works",
        "ok      DESCRIBE TABLE EXTENDED … AS JSON works",
        f"ok      project file: {project}",
        f"  --source                {'databricks':32}command line\n",
        f"  --report                {'html=r.html':32}lakewarden.toml:3\n",
        f"  --max-statements        {'500':32}lakewarden.toml:2\n",
        f"  --evidence              {'on-demand':32}default\n",
    ):
        assert words in ended.stdout
    assert list(_lines(ended.stdout)) == []
    assert all(text.split()[0] in ("SELECT", "DESCRIBE") for text in statements)
    assert len(statements) <= 8, "a check must not cost what a run does"


def test_4_for_each_missing_grant_with_the_statement_that_gives_it(tmp_path: Path) -> None:
    """These are copied and pasted, so a name must be quoted as SQL needs it."""
    guarded = Guarded(_estate())
    guarded.deny_system("system.storage.table_metrics_history")
    guarded.deny_system("system.access.table_lineage")
    guarded.deny_system("system.information_schema.table_tags")
    guarded.revoke_catalog("ca.ta`log")
    guarded.revoke_select("main", "sales", "orders")
    with Workspace(guarded) as w:
        ended = run(w, "doctor", cwd=tmp_path)
    assert ended.returncode == 4
    found = _lines(ended.stdout)
    reading = "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG"
    assert _remedy(found, "catalog `ca.ta``log`") == f"{reading} `ca.ta``log` {TO}"
    assert _remedy(found, "describing main.sales.orders") == f"{reading} main {TO}"
    for table in ("storage.table_metrics_history", "access.table_lineage"):
        schema = table.partition(".")[0]
        assert _remedy(found, f"missing system.{table}") == (
            f"GRANT USE CATALOG ON CATALOG system {TO} "
            f"GRANT USE SCHEMA ON SCHEMA system.{schema} {TO} "
            f"GRANT SELECT ON TABLE system.{table} {TO}"
        )
    assert _remedy(found, "tags in system.information_schema") == (
        f"GRANT USE CATALOG ON CATALOG system {TO} "
        f"GRANT USE SCHEMA, SELECT ON SCHEMA system.information_schema {TO}"
    )


def test_what_is_not_enabled_is_told_apart_from_what_is_not_granted(tmp_path: Path) -> None:
    guarded = Guarded(_estate())
    guarded.disable_system("system.storage.table_metrics_history")
    guarded.browse("main", "sales", "orders")
    with Workspace(guarded) as w:
        ended = run(w, "doctor", "--include", "main.*", cwd=tmp_path)
    assert ended.returncode == 4
    found = _lines(ended.stdout)
    enable = f"databricks system-schemas enable {guarded.metastore_id} storage"
    assert enable in _remedy(found, "system.storage.table_metrics_history")
    assert "GRANT" in _remedy(found, "main.sales.orders grants only BROWSE")
    assert "ca.ta" not in ended.stdout, "it is out of scope"


def test_without_a_warehouse_it_says_how_to_name_one(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = run(w, "doctor", cwd=tmp_path, warehouse=False)
        other = run(w, "doctor", "--warehouse-id", "nowhere", cwd=tmp_path)
        assert w.log.statements == []
    assert ended.returncode == 4
    assert "--warehouse-id" in _remedy(_lines(ended.stdout), "no SQL warehouse is configured")
    assert other.returncode == 4
    assert "--warehouse-id" in _remedy(_lines(other.stdout), "SQL warehouse nowhere")


def test_4_where_one_cannot_sign_in(tmp_path: Path) -> None:
    with Workspace(_estate()) as w:
        ended = run(w, "doctor", cwd=tmp_path, DATABRICKS_TOKEN="wrong")  # noqa: S106 -- it opens nothing
    assert ended.returncode == 4
    assert "databricks auth login" in _remedy(_lines(ended.stdout), "recognise the credentials")
    assert "ok      15 policies" in ended.stdout, "the other things are looked at all the same"
