"""The kinds of tables that the policies know, beside the Databricks SDK that names them."""

from __future__ import annotations

import json
from enum import Enum

import pytest
from databricks.sdk.service.catalog import DataSourceFormat, TableType

from tests.data import rego

regorus = pytest.importorskip("regorus")


@pytest.mark.parametrize(("rule", "kinds"), [("types", TableType), ("formats", DataSourceFormat)])
def test_policies_know_what_the_sdk_knows(rule: str, kinds: type[Enum]) -> None:
    """A kind that the SDK gains is unknown to the policies until somebody decides about it."""
    file = rego.POLICIES / "lakewarden" / "lib" / "kind" / "kind.rego"
    engine = regorus.Engine()
    engine.add_policy(file.name, file.read_text(encoding="utf-8"))
    listed = json.loads(engine.eval_rule_as_json(f"data.lakewarden.lib.kind.{rule}"))
    assert sorted(listed) == sorted(kind.value for kind in kinds)
