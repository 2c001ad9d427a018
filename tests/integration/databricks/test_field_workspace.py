"""Workspaces as others have met them: recorded objects and refusals, replayed to the real SDK.

Variants of the recorded workspaces are made here: neighbours of each case.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.integration.databricks.recorded_workspaces import (
    NOON,
    collected,
    recorded,
    replayed,
    want_everything,
)
from tests.integration.databricks.workspace_commands import Json, outcomes, read, run
from tests.workspace.collecting import Collected, Heard, collect

NOW: Final = "2026-11-28T12:00:00Z"
BACKING: Final = (
    "c.gold.__materialization_mat_80449004_f45a_4b32_8215_f68fdf6acfd9_daily_revenue_1",
    "c.gold.event_log_80449004_f45a_4b32_8215_f68fdf6acfd9",
)


def names(found: Collected) -> set[str]:
    return {each.full_name for each in found.documents}


def left_out(found: Collected) -> dict[str, str]:
    """Return the tables that were left out one by one, with the reason."""
    return {each.what: each.reason for each in found.left_out if each.tables == 1}


@pytest.mark.opa
def test_a_view_s_backing_tables_are_left_out_and_the_view_passes(tmp_path: Path) -> None:
    """They failed for what nobody can give them: the view's own pipeline writes them."""
    report = tmp_path / "r.json"
    with replayed(recorded("pipeline_twins"), tmp_path) as replay:
        arguments = ("--report", f"json={report}", "--now", NOW)
        done = run(replay, "evaluate", *arguments, cwd=tmp_path)
    assert outcomes(read(report)) == {"daily_revenue": "pass"}, done.stderr
    completeness = read(report)["completeness"]
    omitted = {each["what"]: each["reason"] for each in completeness["left_out"]}
    for name in BACKING:
        assert "it belongs to c.gold.daily_revenue: " in omitted[name]
    assert completeness["tables_known"] == completeness["tables_evaluated"] == 1
    assert not completeness["failures"]


def _move(table: Json, schema: str) -> None:
    table["schema_name"] = schema
    table["full_name"] = f"c.{schema}.{table['name']}"


def _rename(table: Json, name: str) -> None:
    table["name"] = name
    table["full_name"] = f"c.{table['schema_name']}.{name}"


def _other_schema(workspace: Json) -> None:
    workspace["schemas"]["c"].insert(0, {"name": "aaa"})
    for table in workspace["tables"][1:]:
        _move(table, "aaa")


def _by_property(workspace: Json) -> None:
    del workspace["tables"][0]["pipeline_id"]


def _by_field(workspace: Json) -> None:
    workspace["tables"][0]["properties"].pop("pipelines.pipelineId")


def _upper(workspace: Json) -> None:
    workspace["tables"][0]["pipeline_id"] = workspace["tables"][0]["pipeline_id"].upper()
    workspace["tables"][0]["properties"].pop("pipelines.pipelineId")


def _streaming(workspace: Json) -> None:
    workspace["tables"][0]["table_type"] = "STREAMING_TABLE"


def _own_pipeline_id(workspace: Json) -> None:
    for table in workspace["tables"][1:]:
        table["pipeline_id"] = workspace["tables"][0]["pipeline_id"]


def _legacy_schema(workspace: Json) -> None:
    schema = "__dlt_materialization_schema_80449004_f45a_4b32_8215_f68fdf6acfd9"
    workspace["schemas"]["c"].append({"name": schema})
    _rename(workspace["tables"][2], "__materialization_mat_daily_revenue_1")
    _move(workspace["tables"][2], schema)


@pytest.mark.parametrize(
    "change",
    [
        _other_schema,
        _by_property,
        _by_field,
        _upper,
        _streaming,
        _own_pipeline_id,
        _legacy_schema,
    ],
)
def test_backing_tables_are_known_however_the_pipeline_is_told(
    change: Callable[[Json], None], tmp_path: Path
) -> None:
    workspace = recorded("pipeline_twins")
    change(workspace)
    found = collected(workspace, tmp_path)
    assert names(found) == {"c.gold.daily_revenue"}
    assert left_out(found).keys() == {each["full_name"] for each in workspace["tables"][1:]}
    assert not found.failures


def _unknown_pipeline(workspace: Json) -> None:
    for table in workspace["tables"][1:]:
        name = table["name"].replace("80449004", "80449005")
        _rename(table, name)


def _somebody_s_name(workspace: Json) -> None:
    _rename(workspace["tables"][1], workspace["tables"][1]["name"] + "_backup")
    _rename(workspace["tables"][2], workspace["tables"][2]["name"].removesuffix("_1"))


def _other_kinds(workspace: Json) -> None:
    workspace["tables"][1]["table_type"] = "VIEW"
    workspace["tables"][2]["table_type"] = "EXTERNAL"


def _property_of_a_table(workspace: Json) -> None:
    workspace["tables"][0]["table_type"] = "MANAGED"
    del workspace["tables"][0]["pipeline_id"]


def _no_owner(workspace: Json) -> None:
    for key in ("pipeline_id", "properties"):
        del workspace["tables"][0][key]


@pytest.mark.parametrize(
    "change", [_unknown_pipeline, _somebody_s_name, _other_kinds, _property_of_a_table, _no_owner]
)
def test_any_other_table_of_such_a_name_is_decided(
    change: Callable[[Json], None], tmp_path: Path
) -> None:
    """A name that anybody can give must not let a table off."""
    workspace = recorded("pipeline_twins")
    change(workspace)
    found = collected(workspace, tmp_path)
    assert names(found) == {each["full_name"] for each in workspace["tables"]}
    assert not left_out(found)


def test_who_names_a_backing_table_gets_it(tmp_path: Path) -> None:
    found = collected(recorded("pipeline_twins"), tmp_path, include=(BACKING[1],))
    assert names(found) == {BACKING[1]}


def test_a_view_that_is_left_out_still_tells_of_its_backing_tables(tmp_path: Path) -> None:
    found = collected(recorded("pipeline_twins"), tmp_path, exclude=("c.gold.daily_revenue",))
    assert not found.documents
    assert left_out(found).keys() >= {*BACKING}


def test_backing_tables_that_only_others_know_are_not_lost(tmp_path: Path) -> None:
    """Nobody but the pipeline's owner may read them, so a listing often lacks them."""
    workspace = recorded("pipeline_twins")
    view, *hidden = workspace["tables"]
    workspace["tables"] = [view]
    workspace["summaries"] = {"c": [hidden[0]["full_name"], view["full_name"]]}
    known = [
        [each["table_id"], "c", "gold", each["name"], "5", "1", "2026-11-27"] for each in hidden
    ]
    template = recorded("links_refused")["sql"]
    template[0][1]["rows"] = [["c", "3", "3", "2026-11-27"]]
    template[1][1]["rows"] = known
    found = collected(workspace | {"sql": template}, tmp_path)
    assert not found.failures
    assert names(found) == {"c.gold.daily_revenue"}
    assert left_out(found).keys() == {*BACKING}


@pytest.mark.opa
def test_a_chunk_that_only_a_count_tells_of_is_read(tmp_path: Path) -> None:
    """The second chunk holds the approval."""
    config, report = tmp_path / "config", tmp_path / "r.json"
    config.mkdir()
    (config / "clustering_config.yaml").write_text("exclusion_approval_tag: ok-by-board\n")
    with replayed(recorded("chunk2_lost"), tmp_path) as replay:
        arguments = ("--config", config, "--report", f"json={report}", "--now", NOW)
        done = run(replay, "evaluate", *arguments, cwd=tmp_path)
    found = outcomes(read(report), "clustering.exclusion_justified")
    assert found["approved"] == "pass", done.stderr


def test_everything_works_without_query_tags(tmp_path: Path) -> None:
    found = collected(recorded("tags_refused"), tmp_path)
    assert [each.size.bytes for each in found.documents] == [5, 5]
    assert found.spent["resent"] == 1


@pytest.mark.parametrize("large", [False, True])
def test_an_answer_whose_link_is_refused_comes_inline_at_once(
    large: bool,  # noqa: FBT001 -- pytest names parameters
    tmp_path: Path,
) -> None:
    """It took seven executions and 88 seconds; and nothing here is large enough for a link."""
    workspace = recorded("links_refused")
    if large:
        workspace["sql"][0][1]["rows"] = [["c", "60000", "60000", "2026-11-27"]]
    heard, begun = Heard(), time.monotonic()
    found = collected(workspace, tmp_path, watcher=heard)
    assert time.monotonic() - begun < 30
    assert [each.size.bytes for each in found.documents] == [5, 5]
    assert found.spent.get("resent", 0) == large
    assert len([each for each in heard.notes if "come inline" in each]) == large


def test_a_wrong_warehouse_is_asked_once_and_the_remedy_named(tmp_path: Path) -> None:
    heard = Heard()
    with replayed(recorded("bad_warehouse_400"), tmp_path) as replay:
        found = collect(replay, adviser=want_everything, now=NOON, watcher=heard)
        assert replay.statements == 1
    assert len(found.documents) == len(recorded("bad_warehouse_400")["tables"])
    [note] = [each for each in heard.notes if "warehouse" in each]
    assert "--warehouse-id" in note
    assert "lakewarden doctor" in note


def test_the_doctor_says_which_warehouses_there_are(tmp_path: Path) -> None:
    workspace = recorded("bad_warehouse_400")
    listed = {"warehouses": [{"id": "0123abcd", "name": "Starter", "state": "STOPPED"}]}
    workspace["http"]["/api/2.0/sql/warehouses"] = [200, listed]
    with replayed(workspace, tmp_path) as replay:
        done = run(replay, "doctor", cwd=tmp_path, DATABRICKS_WAREHOUSE_ID="w")
    assert "0123abcd (Starter, stopped)" in done.stdout + done.stderr


def test_a_federated_hive_metastore_is_listed(tmp_path: Path) -> None:
    """Its files are in storage that is one's own; those of another system are not."""
    workspace = recorded("links_refused")
    del workspace["links"]
    kinds: dict[str, Json] = {
        "hive": {"connection_name": "hms"},
        "glue": {"connection_name": "aws glue"},
        "paths": {"options": {"authorized_paths": "s3://a"}},
        "pg": {"connection_name": "pg"},
        "hidden": {"connection_name": "no grant"},
        "odd": {"connection_name": "odd", "options": 7},
    }
    foreign = {"catalog_type": "FOREIGN_CATALOG"}
    workspace["catalogs"] = [{"name": name, **foreign, **kind} for name, kind in kinds.items()]
    workspace["schemas"] = {name: [{"name": "s"}] for name in kinds}
    of_hive = {
        "table_type": "FOREIGN",
        "securable_kind": "TABLE_FOREIGN_HIVE_METASTORE_EXTERNAL",
    }
    workspace["tables"] = [
        workspace["tables"][0]
        | of_hive
        | {"catalog_name": name, "full_name": f"{name}.s.t0", "table_id": name}
        for name in kinds
    ]
    connections = "/api/2.1/unity-catalog/connections/"
    workspace["http"] = {
        f"{connections}hms": [200, {"connection_type": "HIVE_METASTORE"}],
        f"{connections}aws glue": [200, {"connection_type": "GLUE"}],
        f"{connections}pg": [200, {"connection_type": "POSTGRESQL"}],
        f"{connections}odd": [200, {"connection_type": ["POSTGRESQL"]}],
        f"{connections}no grant": [403, {"error_code": "PERMISSION_DENIED", "message": "may not"}],
    }
    found = collected(workspace, tmp_path)
    types = {each.catalog_name: each.table_type for each in found.documents}
    assert types == dict.fromkeys(("glue", "hive", "paths"), "EXTERNAL")
    omitted = {each.what: each.reason for each in found.left_out}
    assert "another system" in omitted["catalog pg"]
    assert "another system" in omitted["catalog odd"]
    assert "connection no grant can't be read" in omitted["catalog hidden"]
