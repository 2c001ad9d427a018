"""What becomes of every resource in plans that the real provider (v1.70.0) made."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.terraform import TerraformSource
from tests.support.terraform.plans import PLANS, read

ID = '[["id"]]'
NONE: dict[str, str] = {}
HIDDEN_KEYS = {"properties.clusteringColumns", "properties.clusterByAuto"}

# By hand: plan, name, action, properties, evidence of properties, line of the declaration.
DOCUMENTS = [
    ("creates", "main.sales.orders", "create", 11, set()),
    ("creates", "main.sales.plain", "create", 31, set()),
    ("creates", "main.sales.t_a", "create", 45, {"properties.*"}),
    ("creates", "main.sales.t_b", "create", 45, {"properties.*"}),
    ("creates", "main.sales.v", "create", 59, set()),
    ("changes", "main.sales.same", "no-op", 23, set()),
    ("changes", "main.sales.upd", "update", 10, set()),
    ("changes", "main.sales2.repl", "replace", 36, set()),
    ("shop", "shop.sales.by_day", "create", 140, set()),
    ("shop", "shop.sales.customers", "create", 45, {"properties.*"}),
    ("shop", "shop.sales.dynamic_columns", "create", 187, set()),
    ("shop", "shop.sales.external_parquet", "create", 159, set()),
    ("shop", "shop.sales.key_after_apply", "create", 67, HIDDEN_KEYS),
    ("shop", "shop.sales.keys_after_apply", "create", 81, HIDDEN_KEYS),
    ("shop", "shop.sales.not_clustered_empty", "create", 94, set()),
    ("shop", "shop.sales.not_clustered_none", "create", 94, set()),
    ("shop", "shop.sales.not_clustered_null", "create", 94, set()),
    ("shop", "shop.sales.orders_eu", "create", 12, set()),
    ("shop", "shop.sales.orders_us", "create", 12, set()),
    ("shop", "shop.sales.recent", "create", 203, set()),
    ("shop", "shop.sales.secret_property", "create", 108, {"properties.token"}),
    ("unknown_count", "c.s.sure", "create", 19, set()),
    ("lifecycle", "main.life.each_stays", "no-op", 145, set()),
    ("lifecycle", "main.life.kept", "no-op", 14, set()),
    ("lifecycle", "main.life.moved", "no-op", 108, set()),
    ("lifecycle", "main.life.unclustered", "update", 48, set()),
    ("lifecycle", "main.life.updated", "update", 28, set()),
    ("lifecycle", "main.life2.moved_and_replaced", "replace", 127, set()),
    ("lifecycle", "main.life2.replaced", "replace", 61, set()),
    ("lifecycle", "main.life2.replaced_later", "replace", 74, set()),
    ("lifecycle", "renewed.life.of_renewed", "replace", 96, set()),
    ("imported", "main.life.as_it_is", "no-op", 30, set()),
    ("imported", "main.life.drifted", "update", 46, set()),
    ("imported", "main.life.dropped", "create", 61, set()),
    ("imported", "main.life.imported", "update", 10, set()),
    ("kinds", "kinds.s.auto_in_lower_case", "create", 106, set()),
    (
        *("kinds", "kinds.s.external", "create", 80),
        {"properties.spark.sql.dataSourceOptions.password"},
    ),
    ("kinds", "kinds.s.on_cluster", "create", 55, set()),
    ("kinds", "kinds.s.table", "create", 41, {"properties.*"}),
    ("kinds", "kinds.s.view", "create", 96, set()),
]
PROPERTIES = {
    "main.sales.orders": {
        "cluster_exclusion": "false",
        "delta.autoOptimize.optimizeWrite": "true",
        "spark.sql.dataSourceOptions.k": "v",
        "clusteringColumns": '[["region"],["ts"]]',
    },
    "main.sales.plain": NONE,
    "main.sales.t_a": {"clusteringColumns": "[]", "clusterByAuto": "false"},
    "main.sales.same": {"clusteringColumns": ID},
    "main.sales.upd": {"cluster_exclusion": "true"},
    "main.sales2.repl": {"clusterByAuto": "true"},
    "shop.sales.customers": {"clusteringColumns": "[]", "clusterByAuto": "true"},
    "shop.sales.key_after_apply": {"team": "crm"},
    "shop.sales.keys_after_apply": NONE,
    "shop.sales.not_clustered_empty": NONE,
    "shop.sales.not_clustered_none": NONE,
    "shop.sales.not_clustered_null": NONE,
    "shop.sales.orders_eu": {"clusteringColumns": '[["ordered_on"]]'},
    "shop.sales.secret_property": {"team": "crm", "clusteringColumns": ID},
    "main.life.each_stays": {"clusteringColumns": ID},
    "main.life.kept": {"clusteringColumns": ID},
    "main.life.moved": {"clusteringColumns": ID},
    "main.life.unclustered": NONE,
    # The provider doesn't unset what isn't written any more.
    "main.life.updated": {
        "delta.minReaderVersion": "1",
        "old": "1",
        "team": "crm",
        "clusteringColumns": ID,
    },
    "main.life2.replaced": NONE,
    "main.life2.replaced_later": {"clusteringColumns": ID},
    "renewed.life.of_renewed": NONE,
    "main.life.as_it_is": {"clusteringColumns": ID},
    "main.life.drifted": {"delta.appendOnly": "true", "team": "crm"},
    "main.life.dropped": {"clusteringColumns": ID},
    "main.life.imported": {"clusterByAuto": "true", "clusteringColumns": ID},
    "kinds.s.on_cluster": NONE,
    "kinds.s.table": {"clusteringColumns": ID, "clusterByAuto": "false"},
    "kinds.s.view": NONE,
}
LEFT_OUT = {
    "creates": [],
    "changes": [
        "main.sales.gone (databricks_sql_table.gone)",
        "main.sales.repl (databricks_sql_table.repl)",
    ],
    "lifecycle": [
        "databricks_sql_table.old_address (now databricks_sql_table.new_address)",
        "databricks_sql_table.old_home (now databricks_sql_table.new_home)",
        "main.life.deleted (databricks_sql_table.deleted)",
        'main.life.each_goes (databricks_sql_table.each["goes"])',
        "main.life.forgotten (databricks_sql_table.forgotten)",
        "main.life.moved_and_replaced (databricks_sql_table.new_home)",
        "main.life.replaced (databricks_sql_table.replaced)",
        "main.life.replaced_later (databricks_sql_table.replaced_later)",
    ],
    "kinds": [
        "databricks_online_table.online",
        "databricks_pipeline.pipeline",
        "databricks_quality_monitor.monitor",
        "databricks_table.deprecated",
        "databricks_vector_search_index.index",
    ],
}
FAILURES = [
    ("shop", "databricks_sql_table.secret_name", "sensitive"),
    ("shop", "databricks_sql_table.unknown_name", "known only after apply"),
    ("unknown_count", "databricks_sql_table.maybe", "may or may not exist"),
    ("unknown_count", "the plan", "planning ended with an error"),
]


@pytest.mark.parametrize("plan", sorted({each[0] for each in DOCUMENTS}))
def test_every_resource_has_the_outcome_that_was_judged_by_hand(plan: str) -> None:
    documents, failures, left_out = read(PLANS / plan / "plan.json")
    found = [
        (
            plan,
            name,
            table.definition.action,
            table.definition.line,
            {key for key in table.evidence if key.startswith("properties")},
        )
        for name, table in documents.items()
    ]
    assert found == [each for each in DOCUMENTS if each[0] == plan]
    for name in documents.keys() & PROPERTIES.keys():
        assert documents[name].properties == PROPERTIES[name], name
    expected = [each[1:] for each in FAILURES if each[0] == plan]
    assert failures.keys() == {name for name, _ in expected}
    assert all(reason in failures[name].reason for name, reason in expected)
    assert sorted(left_out) == LEFT_OUT.get(plan, [])


def test_of_a_targeted_plan_what_is_missing_is_named() -> None:
    documents, failures, _ = read(PLANS / "unknown_count" / "targeted.json")
    assert list(documents) == ["c.s.sure"]
    assert failures.keys() == {"the plan", "databricks_sql_table.maybe"}


@pytest.mark.parametrize("plan", ["shop", "kinds"])
def test_sensitive_values_are_nowhere(plan: str) -> None:
    source = TerraformSource(str(PLANS / plan / "plan.json"))
    assert b"hidden-" not in msgspec.json.encode([*source.tables(), *source.left_out])


def test_what_an_earlier_run_left_behind_is_left_out(tmp_path: Path) -> None:
    plan = json.loads((PLANS / "changes" / "plan.json").read_text("utf-8"))
    gone = next(each for each in plan["resource_changes"] if each["name"] == "gone")
    gone |= {"address": "databricks_sql_table.same", "name": "same", "deposed": "a1b2c3d4"}
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")
    documents, failures, left_out = read(tmp_path / "plan.json")
    assert "main.sales.same" in documents
    assert not failures
    assert "main.sales.gone (databricks_sql_table.same)" in left_out


def test_a_plan_of_opentofu_is_read_like_one_of_terraform(tmp_path: Path) -> None:
    text = (PLANS / "kinds" / "plan.json").read_text("utf-8")
    (tmp_path / "plan.json").write_text(
        text.replace("registry.terraform.io", "registry.opentofu.org"), "utf-8"
    )
    documents, failures, left_out = read(tmp_path / "plan.json")
    assert sorted(documents) == [each[1] for each in DOCUMENTS if each[0] == "kinds"]
    assert not failures
    assert sorted(left_out) == LEFT_OUT["kinds"]


def test_a_glob_reads_several_plans_and_a_table_of_two_is_a_failure(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes((PLANS / "changes" / "plan.json").read_bytes())
    items = list(TerraformSource(str(tmp_path / "*.json")).tables())
    assert [type(each) for each in items] == [Failure] * 3


# Any JSON in the shape of a plan: junk anywhere within real changes, and counts that nobody knows.
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
SHOP = json.loads((PLANS / "shop" / "plan.json").read_text("utf-8"))
# Its references in the JSON form, which is read fast.
CATALOG, SCHEMA = "${databricks_catalog.shop.id}", "${databricks_schema.sales.name}"
CODE = {
    "resource": {
        "databricks_sql_table": {"customers": {"catalog_name": CATALOG, "schema_name": SCHEMA}},
        "databricks_schema": {"sales": {"catalog_name": CATALOG}},
    },
    "module": {"sales": {"catalog": CATALOG, "schema": SCHEMA}},
}
MODULE = {"resource": {"databricks_sql_table": {"orders": {"catalog_name": "${var.catalog}"}}}}


@settings(max_examples=50)
@given(st.data())
def test_no_plan_crashes_and_no_change_is_lost(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    plan = copy.deepcopy(SHOP)
    for _ in range(data.draw(st.integers(1, 3))):
        _replace(plan, data)
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(plan), "utf-8")
    module = path.parent / "modules" / "sales"
    module.mkdir(parents=True)
    for folder, code in ((path.parent, CODE), (module, MODULE)):
        (folder / "main.tf.json").write_text(json.dumps(code), "utf-8")
    try:
        source = TerraformSource(str(path))
    except WrongInputError:
        return
    items = list(source.tables())
    whats = [each.what for each in items if isinstance(each, Failure)]
    addresses = [each.definition.address for each in items if isinstance(each, TableDocument)]
    left = " ".join(each.what for each in source.left_out)
    wheres = " ".join(each.where for each in items if isinstance(each, Failure))
    for place, change in enumerate(plan["resource_changes"]):
        if not isinstance(change, dict) or change.get("type") != "databricks_sql_table":
            continue
        if change.get("mode") == "data":
            continue
        written = change.get("address")
        address = written if isinstance(written, str) and written else f"resource_changes[{place}]"
        assert address in addresses or address in whats or address in left or address in wheres


def _replace(plan: dict[str, Any], data: st.DataObject) -> None:
    """Put junk somewhere into the changes or the configuration."""
    value: Any = plan
    key: Any = data.draw(st.sampled_from(["resource_changes", "configuration", "variables"]))
    for _ in range(data.draw(st.integers(0, 6))):
        inner = value[key]
        if not isinstance(inner, (dict, list)) or not inner:
            break
        keys = sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))
        value, key = inner, data.draw(st.sampled_from(keys))
    value[key] = data.draw(JUNK)
