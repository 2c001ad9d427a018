"""A recorded workspace in which predictive optimization decides, and its neighbours."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.databricks.recorded_workspaces import recorded, replayed
from tests.integration.databricks.workspace_commands import Json, decision, outcomes, read, run

pytestmark = pytest.mark.opa

RECORDING: Final = "predictive_optimization"
FLAG: Final = "effective_predictive_optimization_flag"
STATISTICS: Final = "clustering.keys_have_statistics"
POSSIBLE: Final = "clustering.auto_possible"
_SHOWN: Final = "^DESCRIBE TABLE EXTENDED `c`.`s`.`%s` AS JSON$"


def evaluated(workspace: Mapping[str, Any], folder: Path) -> tuple[Json, list[str]]:
    """Return the report about a workspace, and the tables that were described as JSON."""
    report = folder / "r.json"
    with replayed(workspace, folder) as replay:
        arguments = ("--report", f"json={report}", "--no-gate")
        done = run(replay, "evaluate", *arguments, cwd=folder)
        lines = [line for line in replay.asked if " AS JSON" in line]
    assert done.returncode == 0, done.stderr
    return read(report), sorted(line.split("`")[5] for line in lines)


def table(workspace: Json, name: str) -> Json:
    """Return one of its tables."""
    (found,) = (each for each in workspace["tables"] if each["name"] == name)
    known: Json = found
    return known


def test_the_recorded_workspace_is_decided_as_databricks_maintains_it(tmp_path: Path) -> None:
    """A key behind column 32 failed, and a table that nobody clusters passed."""
    report, asked = evaluated(recorded(RECORDING), tmp_path)
    assert asked == []
    assert outcomes(report, STATISTICS) == {
        "po_key40": "pass",
        "auto_po_on_key40": "pass",
        "auto_po_off": "not_applicable",
    }
    assert outcomes(report, POSSIBLE) == {
        "po_key40": "not_applicable",
        "auto_po_on_key40": "pass",
        "auto_po_off": "fail",
    }
    facts = {each["name"]: each["facts"]["clustering"]["strategy"] for each in report["tables"]}
    assert facts == {"po_key40": "liquid", "auto_po_on_key40": "auto", "auto_po_off": "none"}
    required = outcomes(report)
    assert required["po_key40"] == required["auto_po_on_key40"] == "pass"
    assert required["auto_po_off"] == "unknown", "its size cannot be had here, and it would decide"
    assert "inherited from CATALOG c" in str(decision(report, "auto_po_off", POSSIBLE))


def test_without_the_flag_the_table_is_asked_for_and_no_other(tmp_path: Path) -> None:
    """Most tables are decided without it; those that are not cost one statement each."""
    workspace = recorded(RECORDING)
    near = copy.deepcopy(table(workspace, "po_key40"))
    near |= {"name": "near", "full_name": "c.s.near", "table_id": "idnear"}
    near["properties"] = {"clusteringColumns": '[["c7"]]'}
    workspace["tables"].append(near)
    for each in workspace["tables"]:
        del each[FLAG]
    off = {"predictive_optimization": "DISABLE (inherited from CATALOG c)"}
    on = {"predictive_optimization": "ENABLE"}
    workspace["sql"] = [
        [_SHOWN % name, {"columns": ["json_metadata"], "rows": [[json.dumps(output)]]}]
        for name, output in (("po_key40", off), ("auto_po_on_key40", on), ("auto_po_off", off))
    ]
    report, asked = evaluated(workspace, tmp_path)
    assert asked == ["auto_po_off", "auto_po_on_key40", "po_key40"]
    assert outcomes(report, STATISTICS) == {
        "po_key40": "fail",
        "auto_po_on_key40": "pass",
        "auto_po_off": "not_applicable",
        "near": "pass",
    }
    assert outcomes(report, POSSIBLE)["auto_po_off"] == "fail"


def test_a_warehouse_that_does_not_know_the_statement_is_named_and_not_fatal(
    tmp_path: Path,
) -> None:
    workspace = recorded(RECORDING)
    for each in workspace["tables"]:
        del each[FLAG]
    refused = "[PARSE_SYNTAX_ERROR] Syntax error at or near 'AS'. SQLSTATE: 42601"
    workspace["sql"] = [["AS JSON", {"error": refused, "state": "42601"}]]
    report, _ = evaluated(workspace, tmp_path)
    missing = decision(report, "po_key40", STATISTICS)["missing"]
    assert [each["kind"] for each in missing] == ["predictive_optimization"]
    assert missing[0]["status"] == "unsupported"
    assert "does not know DESCRIBE TABLE EXTENDED" in missing[0]["reason"]
    assert not report["completeness"]["failures"]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"table_type": "EXTERNAL"}, "fail"),
        ({FLAG: {"value": "DISABLE"}}, "fail"),
        ({FLAG: {"value": "DISABLE"}, "table_type": "STREAMING_TABLE"}, "fail"),
        ({"table_type": "MATERIALIZED_VIEW", "data_source_format": None}, "pass"),
        ({"securable_kind": "TABLE_DELTA_ICEBERG_MANAGED"}, "not_applicable"),
    ],
)
def test_its_neighbours_are_decided_by_what_they_are(
    tmp_path: Path, change: Json, outcome: str
) -> None:
    workspace = recorded(RECORDING)
    changed = table(workspace, "po_key40")
    changed |= change
    report, asked = evaluated(workspace, tmp_path)
    assert outcomes(report, STATISTICS)["po_key40"] == outcome
    assert asked == []


@pytest.mark.parametrize(
    ("properties", "outcome"),
    [
        ({"delta.dataSkippingNumIndexedCols": "32"}, "fail"),
        ({"delta.dataSkippingNumIndexedCols": "45"}, "pass"),
        ({"delta.dataSkippingStatsColumns": "c1,c2"}, "fail"),
        ({"delta.dataSkippingStatsColumns": "c40"}, "pass"),
    ],
)
def test_the_table_s_own_properties_say_which_columns_have_statistics(
    tmp_path: Path, properties: Mapping[str, str], outcome: str
) -> None:
    workspace = recorded(RECORDING)
    table(workspace, "po_key40")["properties"] |= properties
    report, _ = evaluated(workspace, tmp_path)
    assert outcomes(report, STATISTICS)["po_key40"] == outcome
