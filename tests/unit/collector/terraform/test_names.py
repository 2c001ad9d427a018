"""Names that are another resource's: followed where a reference stands alone, and never guessed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.terraform.plans import PLANS, Reading, read

# By hand, from the code beside the plan.
NAMES = {
    "databricks_sql_table.bare": "one.s.bare",
    "databricks_sql_table.template": "one.s.template",
    "databricks_sql_table.parentheses": "one.s.parentheses",
    "databricks_sql_table.by_local": "one.s.by_local",
    'databricks_sql_table.each["gold"]': "layer_gold.s_gold.each",
    'databricks_sql_table.each["raw"]': "layer_raw.s_raw.each",
    "databricks_sql_table.indexed[0]": "counted_0.s.indexed",
    "databricks_sql_table.indexed[1]": "counted_1.s.indexed",
    "databricks_sql_table.fixed_index": "layer_gold.s.fixed_index",
    'databricks_sql_table.chained["gold"]': "layer_gold.s_gold.chained",
    'databricks_sql_table.chained["raw"]': "layer_raw.s_raw.chained",
    "databricks_sql_table.of_output": "one.s.of_output",
    'databricks_sql_table.of_each_output["gold"]': "layer_gold.s.of_each_output",
    'databricks_sql_table.of_each_output["raw"]': "layer_raw.s.of_each_output",
    "module.plain.databricks_sql_table.this": "one.s_plain.outer",
    "module.plain.module.inner.databricks_sql_table.this": "one.s_plain.inner",
    'module.each["gold"].databricks_sql_table.this': "layer_gold.s_each.outer",
    'module.each["gold"].module.inner.databricks_sql_table.this': "layer_gold.s_each.inner",
    'module.each["raw"].databricks_sql_table.this': "layer_raw.s_each.outer",
    'module.each["raw"].module.inner.databricks_sql_table.this': "layer_raw.s_each.inner",
}
NAMELESS = {
    "databricks_sql_table.plus_text": 82,
    "databricks_sql_table.in_function": 90,
    "databricks_sql_table.in_condition": 98,
    "databricks_sql_table.schema_of_joined": 106,
    "databricks_sql_table.schema_id": 115,
    "databricks_sql_table.of_joined_output": 207,
    "module.joined.databricks_sql_table.this": 15,
    "module.joined.module.inner.databricks_sql_table.this": 9,
}
IN_OBJECTS = {
    "databricks_sql_table.of_local": "one.s.of_local",
    "databricks_sql_table.quoted": "two.s.quoted",
    "databricks_sql_table.deep": "two.s.deep",
    'databricks_sql_table.each["first"]': "one.s.first",
    'databricks_sql_table.each["second"]': "two.s.second",
    'module.table["s1"].databricks_sql_table.this': "one.s1.this",
    'module.table["s2"].databricks_sql_table.this': "two.s2.this",
}
NOT_IN_OBJECTS = {
    "databricks_sql_table.joined",
    "databricks_sql_table.computed",
    'databricks_sql_table.merged["a"]',
}
BOTH = ["both.s_both.inner", "both.s_both.outer"]


def _names(reading: Reading) -> dict[object, str]:
    return {each.definition.address: name for name, each in reading.documents.items()}


def test_a_reference_alone_is_followed_and_nothing_else() -> None:
    reading = read(PLANS / "names" / "plan.json")
    assert _names(reading) == NAMES
    assert reading.failures.keys() == {*NAMELESS, *BOTH}
    for address, line in NAMELESS.items():
        failure = reading.failures[address]
        assert "is known only after apply, so the table can't be named" in failure.reason
        assert failure.where.endswith(f"main.tf:{line}")
        assert "folder" not in failure.remedy


def test_a_reference_is_followed_into_an_object_whose_keys_are_words() -> None:
    reading = read(PLANS / "objects" / "plan.json")
    names = _names(reading)
    assert names.pop('databricks_sql_table.merged["b"]') == "b.s.merged_b"
    assert names == IN_OBJECTS
    assert reading.failures.keys() == NOT_IN_OBJECTS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("catalog = each.value", "catalog = databricks_catalog.one.id"),
        ("catalog = each.value", "catalog = each.value\n    catalog = each.value"),
        ("catalog = each.value", "(local.word) = each.value"),
        ("config = {", "config = {{"),
    ],
)
def test_an_object_that_is_not_the_one_of_the_plan_names_nothing(
    tmp_path: Path, old: str, new: str
) -> None:
    shutil.copytree(PLANS / "objects", tmp_path, dirs_exist_ok=True)
    head, mark, rest = (tmp_path / "main.tf").read_text().partition('module "table" {')
    (tmp_path / "main.tf").write_text(head + (mark + rest).replace(old, new, 1))
    failures = read(tmp_path / "plan.json").failures
    assert 'module.table["s1"].databricks_sql_table.this' in failures


def test_tables_of_one_name_in_two_workspaces_are_said_to_be_that() -> None:
    failures = read(PLANS / "names" / "plan.json").failures
    for name in BOTH:
        assert "databricks of " in failures[name].reason
        assert "databricks.other of " in failures[name].reason
        assert "run of its own" in failures[name].remedy


def test_without_the_code_no_name_is_guessed(tmp_path: Path) -> None:
    shutil.copy(PLANS / "names" / "plan.json", tmp_path)
    reading = read(tmp_path / "plan.json")
    assert not reading.documents
    assert reading.failures.keys() == {*NAMES, *NAMELESS, *BOTH}
    assert "folder of its `.tf` files" in reading.failures["databricks_sql_table.bare"].remedy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The code has changed since the plan was made, so it says nothing about the plan.
        (
            "catalog_name = databricks_catalog.one.id",
            'catalog_name = databricks_catalog.layer["a"]',
        ),
        ("catalog_name = databricks_catalog.one.id", "catalog_name = var.one"),
        ("catalog_name = databricks_catalog.one.id", 'catalog_name = "databricks_catalog.one.id"'),
        ("catalog_name = databricks_catalog.one.id", 'catalog_name = "one"'),
        ("catalog_name = databricks_catalog.one.id", "catalog_name = databricks_catalog.on.id"),
        # Not one reference, though it begins and ends like one.
        (
            "catalog_name = databricks_catalog.one.id",
            'catalog_name = "${databricks_catalog.one.id}${databricks_catalog.one.id}"',
        ),
        (
            "catalog_name = databricks_catalog.one.id",
            "catalog_name = (databricks_catalog.one.id) == (databricks_catalog.one.id)",
        ),
        ("catalog_name = databricks_catalog.one.id", "catalog_name = databricks_catalog.one[*].id"),
        ('resource "databricks_sql_table" "bare" {', "resource {"),
    ],
)
def test_an_expression_that_is_not_the_reference_of_the_plan_names_nothing(
    tmp_path: Path, old: str, new: str
) -> None:
    shutil.copytree(PLANS / "names", tmp_path, dirs_exist_ok=True)
    code = (tmp_path / "main.tf").read_text()
    head, mark, rest = code.partition('resource "databricks_sql_table" "bare" {')
    (tmp_path / "main.tf").write_text(head + (mark + rest).replace(old, new, 1))
    assert "databricks_sql_table.bare" in read(tmp_path / "plan.json").failures


def test_a_sensitive_name_of_another_resource_is_not_shown(tmp_path: Path) -> None:
    shutil.copytree(PLANS / "names", tmp_path, dirs_exist_ok=True)
    plan = json.loads((tmp_path / "plan.json").read_text())
    for change in plan["resource_changes"]:
        if change["address"] == "databricks_catalog.one":
            change["change"]["after_sensitive"] = {"name": True}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    names = _names(read(tmp_path / "plan.json"))
    assert names == {key: name for key, name in NAMES.items() if not name.startswith("one.")}


def test_an_unknown_name_that_the_table_marks_as_sensitive_is_not_looked_for(
    tmp_path: Path,
) -> None:
    shutil.copytree(PLANS / "names", tmp_path, dirs_exist_ok=True)
    plan = json.loads((tmp_path / "plan.json").read_text())
    for change in plan["resource_changes"]:
        if change["address"] == "databricks_sql_table.bare":
            change["change"]["after_sensitive"] = {"catalog_name": True}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    failure = read(tmp_path / "plan.json").failures["databricks_sql_table.bare"]
    assert "its catalog_name is sensitive" in failure.reason


def test_an_override_decides_what_an_expression_is(tmp_path: Path) -> None:
    shutil.copytree(PLANS / "names", tmp_path, dirs_exist_ok=True)
    (tmp_path / "main_override.tf").write_text(
        'resource "databricks_sql_table" "bare" {\n'
        '  catalog_name = "${databricks_catalog.one.id}_raw"\n}\n'
    )
    reading = read(tmp_path / "plan.json")
    assert "databricks_sql_table.bare" in reading.failures
    assert reading.failures["databricks_sql_table.bare"].where.endswith("main.tf:51")
