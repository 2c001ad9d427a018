"""What the document of a planned table says, part by part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lakewarden_collector.document import TableDocument
from tests.support.terraform.plans import PLANS, read


def test_a_managed_table_is_delta_and_a_view_has_no_format() -> None:
    shop, *_ = read(PLANS / "shop" / "plan.json")
    assert shop["shop.sales.customers"].data_source_format == "DELTA"
    assert shop["shop.sales.by_day"].data_source_format == "DELTA"
    assert shop["shop.sales.external_parquet"].data_source_format == "PARQUET"
    assert shop["shop.sales.recent"].data_source_format is msgspec.UNSET


def test_columns_have_types_identity_and_partitions() -> None:
    shop, *_ = read(PLANS / "shop" / "plan.json")
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


def _planned(tmp_path: Path, **after: object) -> TableDocument:
    """Return a new table of which the plan says this; None is what it doesn't know yet."""
    plan: dict[str, Any] = json.loads((PLANS / "kinds" / "plan.json").read_text())
    change = next(each for each in plan["resource_changes"] if each["name"] == "table")
    for name, value in after.items():
        if value is None:
            change["change"]["after"].pop(name, None)
            change["change"]["after_unknown"][name] = True
        else:
            change["change"]["after"][name] = value
            change["change"]["after_unknown"].pop(name, None)
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    return read(tmp_path / "plan.json").documents["kinds.s.table"]


@pytest.mark.parametrize(
    ("keys", "properties"),
    [
        (["AUTO"], {"clusterByAuto": "true"}),
        (["auto"], {"clusterByAuto": "true"}),
        (["NONE"], {}),
        (["none"], {}),
        ([], {}),
        (["id", "auto"], {"clusteringColumns": '[["id"],["auto"]]'}),
    ],
)
def test_cluster_keys_are_read_as_the_provider_writes_them(
    tmp_path: Path, keys: list[str], properties: dict[str, str]
) -> None:
    assert _planned(tmp_path, cluster_keys=keys, properties={}).properties == properties


def test_partitions_that_nobody_wrote_are_none_of_a_managed_table(tmp_path: Path) -> None:
    """Since v1.82.0 the provider plans them as unknown."""
    table = _planned(tmp_path, partitions=None)
    assert table.detail.partition_columns == []
    assert isinstance(table.columns, list)
    external = _planned(tmp_path, partitions=None, table_type="EXTERNAL")
    assert external.evidence["detail.partition_columns"].status == "known_after_apply"


def test_an_option_is_a_property_and_a_sensitive_one_is_hidden() -> None:
    external = read(PLANS / "kinds" / "plan.json").documents["kinds.s.external"]
    assert external.properties == {"spark.sql.dataSourceOptions.header": "true"}
    place = "properties.spark.sql.dataSourceOptions.password"
    assert external.evidence[place].status == "unsupported"
    assert external.evidence["storage_location"].status == "known_after_apply"


def test_types_are_named_as_unity_catalog_names_them() -> None:
    kinds = read(PLANS / "kinds" / "plan.json").documents
    columns = kinds["kinds.s.on_cluster"].columns
    assert isinstance(columns, list)
    assert [each.type_text for each in columns] == ["bigint", "date", "decimal(10,0)"]
    nested = kinds["kinds.s.external"].columns
    assert isinstance(nested, list)
    assert nested[0].type_text == "struct<a:int,b:array<long>>"
