"""The kinds of tables that the policies know, beside the Databricks SDK that names them."""

from __future__ import annotations

import json
from enum import Enum

import pytest
from databricks.sdk.service.catalog import DataSourceFormat, TableType

from tests.support import rego

pytestmark = pytest.mark.opa

KIND = rego.POLICIES / "lakewarden" / "lib" / "table_type" / "table_type.rego"


@pytest.mark.parametrize(("rule", "kinds"), [("types", TableType), ("formats", DataSourceFormat)])
def test_policies_know_what_the_sdk_knows(rule: str, kinds: type[Enum]) -> None:
    """A kind that the SDK gains is unknown to the policies until somebody decides about it."""
    query = f"data.lakewarden.lib.table_type.{rule}"
    ended = rego.run_opa("eval", "--fail", "--format", "raw", "--data", KIND, query)
    assert ended.returncode == 0, ended.stderr
    assert sorted(json.loads(ended.stdout)) == sorted(kind.value for kind in kinds)
