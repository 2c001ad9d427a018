"""The whole job on real tables: Spark with Delta makes, fills, clusters and describes them.

Sizes, clustering and errors are Spark's own; nothing here is a figure that a test made up.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import StatementState

from tests.integration.databricks.workspace_commands import (
    Inventory,
    Json,
    decision,
    outcomes,
    read,
    run,
    variables,
)
from tests.support.commandline import in_checkout
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate
from tests.workspace.spark_system import make_system_tables, record_metrics
from tests.workspace.spark_words import quoted

pytestmark = [
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
]

THRESHOLD: Final = 100_000
"""Bytes; tables of this size are made in a second."""
SETTINGS: Final = f"size_threshold_bytes: {THRESHOLD}\n"
STRANGE: Final = "x'; drop table `orders`; --"
LARGE: Final = "SELECT id, uuid() AS text FROM range(20000)"
SMALL: Final = "SELECT id, uuid() AS text FROM range(10)"

MADE: Final = (
    "CREATE SCHEMA main.sales",
    f"CREATE TABLE main.sales.orders AS {LARGE}",
    f"CREATE TABLE main.sales.regions AS {SMALL}",
    "CREATE TABLE main.sales.empty (id bigint, text string)",
    "CREATE TABLE main.sales.keyed (id bigint, text string) CLUSTER BY (id)",
    f"INSERT INTO main.sales.keyed {LARGE}",
    f"CREATE TABLE main.sales.automatic CLUSTER BY AUTO AS {SMALL}",
    f"CREATE TABLE main.sales.unkeyed CLUSTER BY (id) AS {LARGE}",
    "ALTER TABLE main.sales.unkeyed CLUSTER BY NONE",
    f"CREATE TABLE main.sales.excluded TBLPROPERTIES (cluster_exclusion = 'true') AS {LARGE}",
    f"CREATE TABLE main.sales.files USING parquet AS {SMALL}",
    "CREATE VIEW main.sales.recent AS SELECT * FROM main.sales.orders",
    # Not in the history, which is written before them.
    "CREATE SCHEMA main.`new tables`",
    f"CREATE TABLE main.`new tables`.{quoted(STRANGE)} AS {LARGE}",
    f"CREATE TABLE main.`new tables`.`small.one` AS {SMALL}",
)
HISTORY_AT: Final = MADE.index("CREATE SCHEMA main.`new tables`")


@pytest.fixture(scope="module")
def estate(spark: Any) -> Iterator[SparkEstate]:  # noqa: ANN401 -- pyspark is untyped
    with SparkEstate(spark) as made:
        for sql in MADE[:HISTORY_AT]:
            made.execute(sql, {})
        make_system_tables(made)
        record_metrics(made, datetime.now(UTC))
        for sql in MADE[HISTORY_AT:]:
            made.execute(sql, {})
        yield made


@pytest.fixture(scope="module")
def workspace(estate: SparkEstate) -> Iterator[Workspace]:
    with Workspace(estate) as opened:
        yield opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "config").mkdir()
    (folder / "config" / "clustering_config.yaml").write_text(SETTINGS)
    return folder


@pytest.fixture(scope="module")
def evaluated(workspace: Workspace, home: Path) -> Json:
    """Evaluate once as the README says; `orders`, `unkeyed` and the strange one are at fault."""
    made = in_checkout(
        *("make", "--no-print-directory", "evaluate", "SOURCE=databricks"),
        f"REPORTS={home / 'reports'}",
        f"ARGS=--config {home / 'config'} --save-inventory {home / 'inventory.ndjson'}",
        home=home,
        timeout=300,
        **variables(workspace),
    )
    assert made.returncode == 2, made.stdout + made.stderr  # make's own, whatever failed
    assert "lakewarden exited 1: a mandatory policy failed" in made.stderr
    assert str(home / "reports" / "report.json") in made.stdout.splitlines()
    assert (home / "reports" / "report.html").stat().st_size
    return read(home / "reports" / "report.json")


def _size(estate: SparkEstate, table: Json) -> int:
    """Return what DESCRIBE DETAIL says of a table now."""
    name = quoted(table["catalog_name"], table["schema_name"], table["name"])
    answer = estate.execute(f"DESCRIBE DETAIL {name}", {})
    place = [column.name for column in answer.columns].index("sizeInBytes")
    return int(answer.rows[0][place] or -1)


def test_real_tables_are_decided_by_their_real_sizes(evaluated: Json) -> None:
    assert outcomes(evaluated) == {
        "orders": "fail",
        "regions": "exempt",
        "empty": "exempt",
        "keyed": "pass",
        "automatic": "pass",
        "unkeyed": "fail",
        "excluded": "exempt",
        "files": "not_applicable",
        "recent": "not_applicable",
        STRANGE: "fail",
        "small.one": "exempt",
    }
    facts = {each["name"]: each["facts"].get("clustering", {}) for each in evaluated["tables"]}
    assert facts["keyed"]["keys"] == ["id"]
    assert facts["automatic"]["strategy"] == "auto"
    assert facts["unkeyed"]["strategy"] == "none"


def test_sizes_are_sparks_own_each_by_the_way_it_came(
    evaluated: Json, estate: SparkEstate, home: Path
) -> None:
    """Of a table that is in the metrics history its figure, of the others their own detail."""
    sized = {
        each["name"]: each for each in evaluated["tables"] if each.get("size", {}).get("bytes")
    }
    for table in sized.values():
        assert table["size"]["bytes"] == _size(estate, table), table["name"]
    assert sized["orders"]["size"]["origin"] == "metrics_history"
    for name in (STRANGE, "small.one"):
        assert (sized[name]["size"]["origin"], sized[name]["size"]["exact"]) == (
            "describe_detail",
            True,
        )
    inventory = Inventory(home / "inventory.ndjson")
    assert inventory.failures == []
    assert inventory.end["spent"]["describe_detail"] == 2
    assert inventory.document(STRANGE)["detail"]["format"] == "delta"
    assert [c["type_text"] for c in inventory.document(STRANGE)["columns"]] == ["bigint", "string"]
    assert evaluated["completeness"]["complete"]


def test_what_the_report_advises_makes_the_next_run_pass(
    evaluated: Json, workspace: Workspace, home: Path
) -> None:
    """The remedy is real SQL: sent as it stands, it fixes the table it is about."""
    client = WorkspaceClient(host=workspace.url, token=workspace.token)
    for name in ("orders", "unkeyed", STRANGE):
        (violation,) = decision(evaluated, name)["violations"]
        (statement,) = next(
            fix["sql"] for fix in violation["fixes"] if "<key columns>" in fix["sql"][-1]
        )
        answer = client.statement_execution.execute_statement(
            statement.replace("<key columns>", "id"), workspace.warehouse_id, wait_timeout="50s"
        )
        assert answer.status is not None
        assert answer.status.state is StatementState.SUCCEEDED, answer.status.error
    described = len(workspace.log.described())
    ended = run(
        workspace,
        "evaluate",
        *("--config", home / "config", "--reuse", home / "inventory.ndjson"),
        *("--report", f"json={home / 'again.json'}"),
        cwd=home,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    again = outcomes(read(home / "again.json"))
    assert {again[name] for name in ("orders", "unkeyed", STRANGE)} == {"pass"}
    assert len(workspace.log.described()) == described, "sizes that are needed yet are reused"
