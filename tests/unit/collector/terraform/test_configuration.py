"""Tables that may or may not exist: none is lost, and none is named that surely doesn't."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.terraform.plans import PLANS, read

# By hand, from the code beside the plan.
EXISTING = {
    "c.one.per_letter_0",
    "c.one.per_letter_1",
    "c.one.per_letter_2",
    "c.one.t",
    "c.s.known_a",
    "c.s.known_b",
    "c.s.sure",
}
UNKNOWN = {
    "databricks_sql_table.unknown_keys",
    "module.unknown_layers.databricks_sql_table.per_letter",
    "module.unknown_layers.databricks_sql_table.t",
}
# Its count is the number of another's instances, which a plan with an error needn't have.
SILENT = {"databricks_sql_table.of_if_archived"}
# What the code beside the plan shows to be nothing.
NOTHING = {
    "databricks_sql_table.if_archived",
    "module.no_layers.databricks_sql_table.per_letter",
    "module.no_layers.databricks_sql_table.t",
}


def test_a_plan_with_an_error_names_what_it_does_not_know() -> None:
    documents, failures, _ = read(PLANS / "uncertain" / "plan.json")
    assert documents.keys() == EXISTING
    assert failures.keys() == UNKNOWN | SILENT | {"the plan"}
    assert all("is known only after apply" in failures[name].reason for name in UNKNOWN)
    assert all("says nothing about it" in failures[name].reason for name in SILENT)


def test_a_targeted_plan_names_what_it_leaves_out() -> None:
    documents, failures, _ = read(PLANS / "uncertain" / "targeted.json")
    assert documents.keys() == {name for name in EXISTING if "known" not in name}
    assert failures.keys() == UNKNOWN | SILENT | {"the plan", "databricks_sql_table.known_keys"}


def test_without_the_code_nothing_but_a_constant_is_taken_for_nothing(tmp_path: Path) -> None:
    shutil.copy(PLANS / "uncertain" / "plan.json", tmp_path)
    assert read(tmp_path / "plan.json").failures.keys() == (
        UNKNOWN | SILENT | NOTHING | {"the plan"}
    )


@pytest.mark.parametrize(
    ("count", "value", "is_nothing"),
    [
        ("var.archive ? 1 : 0", False, True),
        ("var.archive ? 0 : 1", False, False),
        ("var.archive ? 0 : 1", True, True),
        ("!var.archive ? 1 : 0", True, True),
        ("!var.archive ? 1 : 0", "true", True),
        ("var.archive ? 1 : 0", "false", True),
        ("var.archive ? 1 : 0", "x", False),
        ("var.archive", 0, True),
        ("var.archive", "0", True),
        ("var.archive", 2, False),
        ("var.archive + 1", 0, False),
        ("var.other", 0, False),
        ("length(var.archive)", [], False),
    ],
)
def test_what_a_variable_makes_of_a_count_is_read_in_the_code(
    tmp_path: Path, count: str, value: object, *, is_nothing: bool
) -> None:
    shutil.copytree(PLANS / "uncertain", tmp_path, dirs_exist_ok=True)
    code = (tmp_path / "main.tf").read_text().replace("var.archive ? 1 : 0", count)
    (tmp_path / "main.tf").write_text(code)
    plan = json.loads((tmp_path / "plan.json").read_text())
    plan["variables"]["archive"]["value"] = value
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    failures = read(tmp_path / "plan.json").failures
    assert ("databricks_sql_table.if_archived" not in failures) is is_nothing


def _old_plan(folder: Path, count: dict[str, Any], **code: object) -> set[str]:
    """Return what fails of a plan with one table, which it doesn't mention."""
    table = {"type": "databricks_sql_table", "name": "t", "mode": "managed", **count}
    plan = {
        "format_version": "1.2",
        "variables": {"on": {"value": False}},
        "resource_changes": [],
        "configuration": {"root_module": {"resources": [table]}},
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    (folder / "main.tf.json").write_text(json.dumps(code))
    return set(read(folder / "plan.json").failures)


@pytest.mark.parametrize(
    ("count", "locals_", "is_lost"),
    [
        (None, {}, True),
        ({"constant_value": 0}, {}, False),
        ({"constant_value": 1}, {}, True),
        ({"references": ["var.on"]}, {}, False),
        ({"references": ["local.on"]}, {}, True),
        ({"references": ["local.on"]}, {"on": "${var.on ? 1 : 0}"}, False),
        ({"references": ["local.on"]}, {"on": "${data.x.y.z ? 1 : 0}"}, True),
        ({"references": ["local.on"]}, {"on": "${local.on}"}, True),
        ({"references": ["local.on"]}, {"on": 0}, False),
        ({"references": ["data.databricks_schemas.all.ids"]}, {}, True),
    ],
)
def test_a_plan_that_does_not_say_whether_it_is_complete(
    tmp_path: Path, count: object, locals_: dict[str, object], *, is_lost: bool
) -> None:
    """Such are OpenTofu's, and Terraform's before 1.8."""
    declared = {"count_expression": count} if count else {}
    found = _old_plan(tmp_path, declared, locals=locals_)
    assert found == ({"databricks_sql_table.t"} if is_lost else set())


def test_a_deferred_table_may_or_may_not_exist(tmp_path: Path) -> None:
    plan = json.loads((PLANS / "creates" / "plan.json").read_text())
    change = plan["resource_changes"].pop(0)
    plan["deferred_changes"] = [
        {"reason": "instance_count_unknown", "resource_change": change},
        {"reason": "x", "resource_change": {"type": "databricks_schema", "address": "s"}},
    ]
    plan["complete"] = False
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    failures = read(tmp_path / "plan.json").failures
    assert failures.keys() == {"the plan", change["address"]}
    assert "instance_count_unknown" in failures[change["address"]].reason
