"""Every kind of table that a workspace has comes out as the policies promise, with its reason."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.integration.databricks.workspace_commands import (
    Inventory,
    Json,
    decision,
    outcomes,
    read,
    run,
)
from tests.workspace.estate import SqlError
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, MIB, HandmadeEstate
from tests.workspace.log import Log
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa

COLUMNS = (("id", "bigint"), ("at", "timestamp"), ("address", "struct<city:string>"))


class Ran(NamedTuple):
    """One run over one table of each kind."""

    report: Json
    inventory: Inventory
    log: Log
    out: str


def _estate() -> HandmadeEstate:
    estate = HandmadeEstate()
    kinds = estate.catalog("main").schema("kinds")
    kinds.table("view", table_type="VIEW", format="VIEW")
    kinds.table("metric_view", table_type="METRIC_VIEW", format="METRIC_VIEW")
    kinds.table("foreign", table_type="FOREIGN", format="POSTGRESQL_FORMAT")
    kinds.table("clone", table_type="MANAGED_SHALLOW_CLONE", bytes=5 * GIB)
    kinds.table("parquet", table_type="EXTERNAL", format="PARQUET", bytes=None)
    kinds.table("streaming", table_type="STREAMING_TABLE", bytes=5 * GIB)
    kinds.table("materialized", table_type="MATERIALIZED_VIEW", bytes=MIB)
    kinds.table("iceberg", format="ICEBERG")
    kinds.table("auto", properties={"clusterByAuto": "true", "clusteringColumns": "[]"})
    kinds.table("keyless", bytes=5 * GIB, properties={"clusteringColumns": "[]"})
    kinds.table("nested", clustering=[["address", "city"], ["id"]], columns=COLUMNS)
    kinds.table("lost_key", clustering=[["region"]], columns=COLUMNS)
    kinds.table("partitioned", bytes=5 * GIB, partitions=["region"])
    kinds.table("type_of_tomorrow", table_type="HOLOGRAM")
    kinds.table("format_of_tomorrow", format="GRANITE")
    kinds.table("typeless", info={"table_type": None})
    kinds.table("ownerless", clustering=[["id"]], info={"owner": None})
    kinds.table("columnless", clustering=[["id"]], info={"columns": None})
    kinds.table("no_figure", bytes=3 * GIB, metric_days=0)
    kinds.table("old_figure", bytes=3 * GIB, metric_days=40, metric_bytes=MIB)
    kinds.table("dropped", bytes=5 * GIB)
    kinds.table("browsed", bytes=5 * GIB)
    kinds.table("unreadable", bytes=5 * GIB)
    failed = SqlError("XXKUC", "UC_COMMAND_NOT_SUPPORTED", "not on this kind of table")
    kinds.table("unsupported", bytes=5 * GIB, error=failed)
    kinds.table("misshapen", info={"properties": {"a": 1}})
    return estate


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    home = tmp_path_factory.mktemp("home")
    guarded = Guarded(_estate())
    guarded.drop("main", "kinds", "dropped")
    guarded.browse("main", "kinds", "browsed")
    guarded.revoke_select("main", "kinds", "unreadable")
    with Workspace(guarded) as w:
        ended = run(
            w,
            "evaluate",
            *("--save-inventory", "inventory.ndjson", "--report", "json=report.json"),
            cwd=home,
        )
    assert ended.returncode == 1, ended.stderr
    report, inventory = read(home / "report.json"), Inventory(home / "inventory.ndjson")
    return Ran(report, inventory, w.log, ended.stdout)


def test_each_kind_is_decided_as_its_clustering_policy_says(ran: Ran) -> None:
    assert outcomes(ran.report) == {
        "view": "not_applicable",
        "metric_view": "not_applicable",
        "foreign": "not_applicable",
        "clone": "not_applicable",
        "parquet": "not_applicable",
        "streaming": "fail",
        "materialized": "exempt",
        "iceberg": "unknown",
        "auto": "pass",
        "keyless": "fail",
        "nested": "pass",
        "lost_key": "pass",
        "partitioned": "fail",
        "type_of_tomorrow": "unknown",
        "format_of_tomorrow": "unknown",
        "typeless": "unknown",
        "ownerless": "pass",
        "columnless": "pass",
        "no_figure": "fail",
        "old_figure": "fail",
        "dropped": "unknown",
        "browsed": "unknown",
        "unreadable": "unknown",
        "unsupported": "unknown",
    }


@pytest.mark.parametrize(
    ("name", "kind", "status", "words"),
    [
        ("iceberg", "size", "unsupported", "NULL"),
        ("dropped", "size", "failed", "it was dropped since it was listed"),
        ("unreadable", "size", "denied", "USE CATALOG, USE SCHEMA, SELECT"),
        ("unsupported", "size", "unsupported", "UC_COMMAND_NOT_SUPPORTED"),
        ("browsed", "data_source_format", "denied", "only browsed"),
        ("type_of_tomorrow", "table_type", "inconclusive", "HOLOGRAM isn't a recognised value"),
        (
            "format_of_tomorrow",
            "data_source_format",
            "inconclusive",
            "GRANITE isn't a recognised value",
        ),
        ("typeless", "table_type", "unsupported", "Unity Catalog lists none for this table"),
    ],
)
def test_what_cannot_be_decided_says_what_is_missing_and_why(
    ran: Ran, name: str, kind: str, status: str, words: str
) -> None:
    missing = {each["kind"]: each for each in decision(ran.report, name)["missing"]}
    assert missing[kind].get("status") == status
    assert words in missing[kind].get("reason", "")
    assert words in ran.out, "the console says it, too"


def test_no_statement_is_spent_on_what_no_size_can_decide(ran: Ran) -> None:
    described = {text.split("`")[-2] for text in ran.log.described()}
    assert described == {
        *("streaming", "materialized", "iceberg", "keyless", "partitioned"),
        *("no_figure", "old_figure", "dropped", "unreadable", "unsupported"),
    }


def test_columns_reach_the_policies_that_look_at_them(ran: Ran) -> None:
    exist = outcomes(ran.report, "clustering.keys_exist")
    assert (exist["nested"], exist["lost_key"], exist["columnless"]) == ("pass", "fail", "unknown")
    (missing,) = decision(ran.report, "columnless", "clustering.keys_exist")["missing"]
    assert (missing["kind"], missing["status"]) == ("columns", "unsupported")
    # The property says partitioning by columns[].partition_index; 5 GiB is not 1 TiB.
    assert outcomes(ran.report, "clustering.partitioned_table")["partitioned"] == "fail"
    columns = ran.inventory.document("nested")["columns"]
    assert [each["type_text"] for each in columns] == [kind for _, kind in COLUMNS]
    owned = outcomes(ran.report, "documentation.owner_is_group")
    assert (owned["ownerless"], owned["nested"]) == ("unknown", "pass")


def test_words_that_nobody_knows_keep_their_text(ran: Ran) -> None:
    """The typed SDK turns them into None, and a new kind of table would look like none."""
    assert ran.inventory.document("type_of_tomorrow")["table_type"] == "HOLOGRAM"
    assert ran.inventory.document("format_of_tomorrow")["data_source_format"] == "GRANITE"
    assert "table_type" not in ran.inventory.document("typeless")


def test_a_row_that_is_not_a_table_is_a_failure_and_costs_no_other(ran: Ran) -> None:
    (failure,) = ran.report["completeness"]["failures"]
    assert failure["what"] == "table main.kinds.misshapen"
    assert "the row isn't a table as Unity Catalog describes one" in failure["reason"]
    completeness = ran.report["completeness"]
    assert completeness["tables_known"] == completeness["tables_evaluated"] + 1 == 25


def test_a_size_that_is_null_is_unknown_and_never_small(ran: Ran) -> None:
    assert ran.inventory.document("no_figure")["size"]["bytes"] == 3 * GIB
    assert "bytes" not in ran.inventory.document("iceberg")["size"]
