"""The traps of a plan: which table is in which, and what is right to say of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Right(StrEnum):
    """What a tool should say of a table."""

    FAIL = "fail"
    """It breaks the rule, and the plan shows it."""

    PASS = "pass"  # noqa: S105 -- an outcome
    """It doesn't break the rule: it meets it, is exempt, or isn't what the rule is about."""

    UNKNOWN = "unknown"
    """The plan doesn't show it, so neither pass nor fail is true."""


class Case(Struct, frozen=True, kw_only=True):
    """One trap: `addresses` are its tables in the plan file `plan`; `words` go on the page."""

    words: str
    right: Right
    addresses: tuple[str, ...]
    plan: str = "traps/plan.json"


_TESTS: Final = "../../tests/unit/collector/terraform/plans"
"""Plans that the tests of our source use."""


def _table(name: str) -> tuple[str, ...]:
    return (f"databricks_sql_table.{name}",)


CASES: Final = (
    Case(
        words="`cluster_keys` names a column", right=Right.PASS, addresses=_table('keys["names"]')
    ),
    Case(words='`["AUTO"]`', right=Right.PASS, addresses=_table('keys["auto"]')),
    Case(words="`cluster_keys` isn't written", right=Right.FAIL, addresses=_table("keys_absent")),
    Case(
        words="`[]`, and `properties` isn't written",
        right=Right.FAIL,
        addresses=_table("properties_absent"),
    ),
    Case(words="null, by `each.value`", right=Right.FAIL, addresses=_table('keys["null"]')),
    Case(words="`[]`", right=Right.FAIL, addresses=_table('keys["empty"]')),
    Case(words='`["NONE"]`', right=Right.FAIL, addresses=_table('keys["none"]')),
    Case(
        words="the list is known only after apply",
        right=Right.UNKNOWN,
        addresses=_table("keys_unknown"),
    ),
    Case(
        words="one key is known only after apply",
        right=Right.UNKNOWN,
        addresses=_table("one_key_unknown"),
    ),
    Case(
        words='no keys, `cluster_exclusion = "true"`',
        right=Right.PASS,
        addresses=_table('excluded["true"]'),
    ),
    Case(
        words='no keys, `cluster_exclusion = "false"`',
        right=Right.FAIL,
        addresses=_table('excluded["false"]'),
    ),
    Case(
        words="no keys, all properties known only after apply",
        right=Right.UNKNOWN,
        addresses=_table("properties_unknown"),
    ),
    Case(
        words="no keys, `cluster_exclusion` known only after apply",
        right=Right.UNKNOWN,
        addresses=_table("one_property_unknown"),
    ),
    Case(
        words="no keys, no `data_source_format`: Delta by default",
        right=Right.FAIL,
        addresses=_table("format_absent"),
    ),
    Case(words="a Parquet table", right=Right.PASS, addresses=_table("parquet")),
    Case(words="a view", right=Right.PASS, addresses=_table("view")),
    Case(
        words="no keys, in a module with `for_each`",
        right=Right.FAIL,
        addresses=tuple(
            f'module.sales["{region}"].databricks_sql_table.orders' for region in ("eu", "us")
        ),
    ),
    Case(
        words="no keys, in a module of that module",
        right=Right.FAIL,
        addresses=tuple(
            f'module.sales["{region}"].module.archive.databricks_sql_table.old_orders'
            for region in ("eu", "us")
        ),
    ),
    Case(
        words="no keys, `count = 2`",
        right=Right.FAIL,
        addresses=_table("counted[0]") + _table("counted[1]"),
    ),
    Case(words="an update removes the keys", right=Right.FAIL, addresses=_table("loses_its_keys")),
    Case(words="an update adds keys", right=Right.PASS, addresses=_table("gains_keys")),
    Case(words="no keys, replaced", right=Right.FAIL, addresses=_table("replaced")),
    Case(words="no keys, not changed", right=Right.FAIL, addresses=_table("unchanged")),
    Case(words="deleted", right=Right.PASS, addresses=_table("gone")),
    Case(
        words="`count` known only after apply",
        right=Right.UNKNOWN,
        addresses=_table("count_unknown"),
        plan="may_exist/plan.json",
    ),
    Case(
        words="`for_each` known only after apply",
        right=Right.UNKNOWN,
        addresses=_table("for_each_unknown"),
        plan="may_exist/plan.json",
    ),
    Case(
        words="the same, planned with `-target` as Terraform advises",
        right=Right.UNKNOWN,
        addresses=_table("count_unknown") + _table("for_each_unknown"),
        plan="may_exist/targeted.json",
    ),
    Case(
        words="creates/: clustered",
        right=Right.PASS,
        addresses=_table("ok"),
        plan=f"{_TESTS}/creates/plan.json",
    ),
    Case(
        words="creates/: external and partitioned, no keys",
        right=Right.FAIL,
        addresses=_table("no_cluster"),
        plan=f"{_TESTS}/creates/plan.json",
    ),
    Case(
        words="creates/: no keys, no format, one property known only after apply",
        right=Right.UNKNOWN,
        addresses=_table('unknowns["a"]') + _table('unknowns["b"]'),
        plan=f"{_TESTS}/creates/plan.json",
    ),
    Case(
        words="creates/: a view",
        right=Right.PASS,
        addresses=_table("v"),
        plan=f"{_TESTS}/creates/plan.json",
    ),
    Case(
        words="changes/: an update removes the keys, and excludes the table",
        right=Right.PASS,
        addresses=_table("upd"),
        plan=f"{_TESTS}/changes/plan.json",
    ),
    Case(
        words="changes/: clustered, not changed",
        right=Right.PASS,
        addresses=_table("same"),
        plan=f"{_TESTS}/changes/plan.json",
    ),
    Case(
        words="changes/: replaced, with AUTO",
        right=Right.PASS,
        addresses=_table("repl"),
        plan=f"{_TESTS}/changes/plan.json",
    ),
    Case(
        words="changes/: deleted",
        right=Right.PASS,
        addresses=_table("gone"),
        plan=f"{_TESTS}/changes/plan.json",
    ),
)
