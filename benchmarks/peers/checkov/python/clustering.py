"""The same rule by somebody who knows Checkov, in Python.

Checkov shows a check what is known only after apply where EVAL_TF_PLAN_AFTER_UNKNOWN is set, and
lets it answer UNKNOWN.
"""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.util.consts import TRUE_AFTER_UNKNOWN
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


# Checkov isn't installed beside mypy, which knows no class of it.
class TablesHaveClusteringKeys(BaseResourceCheck):  # type: ignore[misc]
    """Each Delta table has clustering keys, or the property cluster_exclusion = "true"."""

    def __init__(self) -> None:
        super().__init__(
            name="Tables have clustering keys",
            id="CKV_LAKEHOUSE_1",
            categories=[CheckCategories.CONVENTION],
            supported_resources=["databricks_sql_table"],
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Decide about one table. Checkov wraps each attribute of it in a list."""
        table = {
            name: value[0] for name, value in conf.items() if isinstance(value, list) and value
        }
        form = table.get("data_source_format") or "DELTA"
        if table.get("table_type") == "VIEW" or form.upper() != "DELTA":
            return CheckResult.PASSED
        keys, properties = table.get("cluster_keys"), table.get("properties") or {}
        if TRUE_AFTER_UNKNOWN in str(keys) or TRUE_AFTER_UNKNOWN in str(properties):
            return CheckResult.UNKNOWN
        # Checkov makes a boolean of the text "true".
        excluded = properties.get("cluster_exclusion") == [True]
        clustered = bool(keys) and keys != ["NONE"]
        return CheckResult.PASSED if clustered or excluded else CheckResult.FAILED


check = TablesHaveClusteringKeys()
