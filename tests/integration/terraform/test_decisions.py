"""Plans on the command line: the outcome of each resource by each policy, judged by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import lakewarden
from tests.support.terraform.plans import PLANS

pytestmark = pytest.mark.opa

_CLUSTERED: Final = {
    "clustering.key_limit",
    "clustering.keys_exist",
    "clustering.keys_have_statistics",
    "clustering.single_strategy",
    "clustering.strategy_required",
}
_UNCOMMENTED: Final = {"documentation.columns_commented", "documentation.table_commented"}
_OWNER: Final = {"documentation.owner_is_group"}

_AT_MERCY_OF_PROPERTIES: Final = {
    "fail": {"documentation.columns_commented"},
    "unknown": {
        "clustering.auto_optimize_complete",
        "clustering.exclusion_justified",
        "clustering.no_exclusion_conflict",
        "clustering.single_strategy",
        # It has no keys, but a property may exclude it from clustering.
        "clustering.strategy_required",
        "documentation.table_commented",
        *_OWNER,
    },
}
OUTCOMES: Final[dict[str, dict[str, set[str]]]] = {
    "databricks_sql_table.ok": {
        "pass": _CLUSTERED,
        # Half of auto-optimise; the comment is `c`.
        "fail": {"clustering.auto_optimize_complete", *_UNCOMMENTED},
        "unknown": _OWNER,
    },
    "databricks_sql_table.no_cluster": {
        # New, so it counts as large; only its size tells whether it may be partitioned.
        "fail": {"clustering.strategy_required", *_UNCOMMENTED},
        "unknown": {"clustering.partitioned_table", *_OWNER},
    },
    'databricks_sql_table.unknowns["a"]': _AT_MERCY_OF_PROPERTIES,
    'databricks_sql_table.unknowns["b"]': _AT_MERCY_OF_PROPERTIES,
    "databricks_sql_table.v": {
        "fail": {"documentation.table_commented"},
        "unknown": {"documentation.columns_commented", *_OWNER},
    },
    "databricks_sql_table.same": {"pass": {*_CLUSTERED, *_OWNER}, "fail": _UNCOMMENTED},
    "databricks_sql_table.upd": {
        # Its keys go, and a property excludes it.
        "pass": {"clustering.no_exclusion_conflict", *_OWNER},
        "fail": _UNCOMMENTED,
        "unknown": {"clustering.exclusion_justified"},
        "exempt": {"clustering.strategy_required"},
    },
    "databricks_sql_table.repl": {
        "pass": {"clustering.single_strategy", "clustering.strategy_required"},
        "fail": _UNCOMMENTED,
        "unknown": {"clustering.auto_possible", *_OWNER},
    },
}
"""By address: what each policy decides; a policy that isn't listed is not applicable."""


def test_each_resource_has_the_outcomes_that_were_judged_by_hand(tmp_path: Path) -> None:
    ended = lakewarden(
        *("evaluate", "--source", f"terraform:{PLANS}/c[rh]*/plan.json"),
        *("--report", "report.json"),
        cwd=tmp_path,
    )
    assert ended.returncode == 1, ended.stderr
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    assert report["completeness"]["complete"] is True
    found: dict[str, dict[str, set[str]]] = {}
    for table in report["tables"]:
        outcomes = found.setdefault(table["definition"]["address"], {})
        for policy, decision in table["decisions"].items():
            if decision["outcome"] != "not_applicable":
                outcomes.setdefault(decision["outcome"], set()).add(policy)
    assert found == OUTCOMES
