"""What becomes of every resource in plans that the real provider (v1.70.0) made."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.document import TableDocument
from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.terraform import TerraformSource

PLANS = Path(__file__).parent / "plans"

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
}
FAILURES = [
    ("shop", "databricks_sql_table.secret_name", "sensitive"),
    ("shop", "databricks_sql_table.unknown_name", "known only after apply"),
    ("unknown_count", "databricks_sql_table.maybe", "may or may not exist"),
    ("unknown_count", "the plan", "planning ended with an error"),
]


def _read(path: Path) -> tuple[dict[str, TableDocument], dict[str, str], list[str]]:
    source = TerraformSource(str(path))
    items = list(source.tables())
    documents = {each.full_name: each for each in items if isinstance(each, TableDocument)}
    failures = {each.what: each.reason for each in items if isinstance(each, Failure)}
    return documents, failures, [each.what for each in source.left_out]


@pytest.mark.parametrize("plan", ["creates", "changes", "shop", "unknown_count"])
def test_every_resource_has_the_outcome_that_was_judged_by_hand(plan: str) -> None:
    documents, failures, _ = _read(PLANS / plan / "plan.json")
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
    assert all(reason in failures[name] for name, reason in expected)


def test_a_deleted_table_is_left_out_by_name() -> None:
    *_, left_out = _read(PLANS / "changes" / "plan.json")
    assert left_out == ["main.sales.gone (databricks_sql_table.gone)"]


def test_of_a_targeted_plan_what_is_missing_is_named() -> None:
    documents, failures, _ = _read(PLANS / "unknown_count" / "targeted.json")
    assert list(documents) == ["c.s.sure"]
    assert failures.keys() == {"the plan", "databricks_sql_table.maybe"}


def test_sensitive_values_are_nowhere() -> None:
    source = TerraformSource(str(PLANS / "shop" / "plan.json"))
    assert b"hidden-value" not in msgspec.json.encode([*source.tables(), *source.left_out])


def test_a_managed_table_is_delta_and_a_view_has_no_format() -> None:
    shop, *_ = _read(PLANS / "shop" / "plan.json")
    assert shop["shop.sales.customers"].data_source_format == "DELTA"
    assert shop["shop.sales.by_day"].data_source_format == "DELTA"
    assert shop["shop.sales.external_parquet"].data_source_format == "PARQUET"
    assert shop["shop.sales.recent"].data_source_format is msgspec.UNSET


def test_columns_have_types_identity_and_partitions() -> None:
    shop, *_ = _read(PLANS / "shop" / "plan.json")
    customer = shop["shop.sales.customers"].columns
    assert isinstance(customer, list)
    assert (customer[0].type_text, customer[0].nullable) == ("bigint", False)
    assert isinstance(customer[0].type_json, str)
    assert '"delta.identity.allowExplicitInsert":false' in customer[0].type_json
    evidence = shop["shop.sales.customers"].evidence
    assert evidence["columns.name.comment"].status == "known_after_apply"
    days = shop["shop.sales.by_day"].columns
    assert isinstance(days, list)
    assert [each.partition_index for each in days] == [msgspec.UNSET, 0]
    assert shop["shop.sales.by_day"].detail.partition_columns == ["day"]
    assert shop["shop.sales.dynamic_columns"].evidence["columns"].status == "known_after_apply"


def test_a_moved_table_is_decided_and_its_old_address_named(tmp_path: Path) -> None:
    plan = json.loads((PLANS / "changes" / "plan.json").read_text("utf-8"))
    same = next(each for each in plan["resource_changes"] if each["name"] == "same")
    same["previous_address"] = "databricks_sql_table.before"
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")
    documents, _, left_out = _read(tmp_path / "plan.json")
    assert documents["main.sales.same"].definition.line is msgspec.UNSET
    assert "databricks_sql_table.before (now databricks_sql_table.same)" in left_out


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b'resource "databricks_sql_table" "x" {\n}\n', "Terraform configuration"),
        (b'# A comment.\n\nlocals {\n  a = ["x"]\n}\n', "Terraform configuration"),
        (b"PK\x03\x04\x14\x00\x08\x00\x08\x00\xda9}]" + bytes(12) + b"\x06\x00tfplan", "binary"),
        (
            b'{"@level":"info","@message":"Terraform"}\n{"@level":"info"}\n',
            "`terraform plan -json`",
        ),
        (b'{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x"}', "state"),
        (b'{"format_version":"1.0","terraform_version":"1.11.4","values":{}}', "state"),
        (b'{"format_version":"1.0"}', "state"),
        (b'{"format_version":"2.0","resource_changes":[]}', "format version 2.0"),
        (b'{"format_version":"0.1","resource_changes":[]}', "format version 0.1"),
        (b'{"format_version":1.2,"resource_changes":[]}', "format version 1.2"),
        (b'{"format_version":"1.2","planned_values":{}}', "no `resource_changes`"),
        (b'{"resource_changes":[]}', "no `format_version`"),
        (b'{"format_version":"1.2","resource_changes":{}}', "aren't a list"),
        (b'{"format_version":"1.2","resource_changes":[', "isn't a whole Terraform plan"),
        (b"[1]", "JSON"),
    ],
)
def test_wrong_input_is_recognised_with_the_command_to_run(
    tmp_path: Path, content: bytes, what: str
) -> None:
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(WrongInputError) as caught:
        TerraformSource(str(tmp_path / "plan.json"))
    assert what in caught.value.what
    assert "terraform show -json" in caught.value.remedy


@pytest.mark.parametrize("location", ["", "*.nothing", "missing.json"])
def test_a_folder_or_a_missing_file_is_wrong_input(tmp_path: Path, location: str) -> None:
    with pytest.raises(WrongInputError, match=r"folder|no file matches|no such file"):
        TerraformSource(str(tmp_path / location))


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


@given(st.data())
def test_no_plan_crashes_and_no_change_is_lost(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    plan = copy.deepcopy(SHOP)
    for _ in range(data.draw(st.integers(1, 3))):
        _replace(plan, data)
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(plan), "utf-8")
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
