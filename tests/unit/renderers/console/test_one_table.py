"""All that a report says about one table: nothing of it is left out."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Missing,
    Outcome,
    PastFailure,
    Severity,
    Violation,
)
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverState
from lakewarden.renderers.console.one_table import show_table
from lakewarden.renderers.words.wording import visible
from tests.support import fixable, reports


def shown(sample: reports.Sample, table: TableReport) -> str:
    out = io.StringIO()
    show_table(sample, table, out)
    return out.getvalue()


def test_every_decision_is_told_with_all_that_it_carries() -> None:
    name = "main.sales.orders"
    violation = Violation(
        message="It isn't clustered.",
        expected="a strategy",
        actual=["none"],
        fixes=(fixable.cluster(name), fixable.cluster(name, "AUTO", "Let Databricks choose")),
    )
    waiver = Exemption(
        kind="waiver",
        reason="Later.",
        owner="sales",
        approved_by="Head",
        ticket="T-1",
        expires="2027-03-31",
    )
    table = fixable.table(
        name,
        {
            "clustering.strategy_required": Decision(
                outcome=Outcome.FAIL,
                violations=(violation,),
                severity=Severity.CRITICAL,
                enforcement=Enforcement.ADVISORY,
                override="main.sales.*",
                history=(
                    PastFailure(
                        first_failed_at="2026-10-01T00:00:00Z",
                        failing_since="2026-11-01T00:00:00Z",
                        reopened=2,
                        contradicted=True,
                    ),
                ),
            ),
            "clustering.key_limit": Decision(
                outcome=Outcome.EXEMPT, exemptions=(waiver,), would_be=Outcome.FAIL
            ),
            "clustering.keys_exist": Decision(
                outcome=Outcome.UNKNOWN,
                missing=(Missing(kind="columns", status="denied", reason="403"),),
            ),
            "clustering.single_strategy": Decision(outcome=Outcome.ERROR, reasons=("Both.",)),
        },
    )
    sample = fixable.report([table])
    sample.waivers = (
        reports.waiver_status(WaiverState.EXPIRED, table="MAIN.sales.orders"),
        reports.waiver_status(
            WaiverState.ACTIVE, table=None, pattern="main.*", expires="2027-01-31"
        ),
        reports.waiver_status(WaiverState.ACTIVE, table="main.sales.other"),
    )
    assert shown(sample, table) == GOLDEN


GOLDEN = """\
main.sales.orders: undecided

  type          MANAGED, DELTA
  owner         team
  size          1.0 GiB (1,073,741,824 bytes), 3 files, from the delta log, as of 2026-11-23 05:09:58 UTC, exact
  settings for  main.sales.*

Facts
  Clustering: keys      (none)
  Clustering: strategy  none

Fail: 1 decision
  clustering.strategy_required  critical, advisory
    Large tables have a clustering strategy
    Settings for main.sales.* apply.
    It isn't clustered.
      Expected: a strategy
      Found: ["none"]
      Fix: Cluster by the columns of filters
        ALTER TABLE `main`.`sales`.`orders` CLUSTER BY (<key columns>);
        Needs: Databricks Runtime 15.4 or newer
        Effect: It changes metadata only.
        Undo:
          ALTER TABLE `main`.`sales`.`orders` CLUSTER BY NONE;
      Or: Let Databricks choose
        ALTER TABLE `main`.`sales`.`orders` CLUSTER BY AUTO;
        Needs: Databricks Runtime 15.4 or newer
        Effect: It changes metadata only.
        Undo:
          ALTER TABLE `main`.`sales`.`orders` CLUSTER BY NONE;
    Fails since 2026-11-01 00:00:00 UTC, first 2026-10-01 00:00:00 UTC
    Failed again 2 times
    It was reported fixed, and fails again.

Error: 1 decision
  clustering.single_strategy  low, advisory
    Tables have one clustering strategy
    Both.
    Fix: The policy has a bug. Ask its author to fix the rule.

Unknown: 1 decision
  clustering.keys_exist  high, mandatory
    Clustering keys are columns of the table
    access to columns was denied (403)
      Fix: Grant the collecting identity access to it, then evaluate again.

Exempt: 1 decision
  clustering.key_limit  medium, mandatory
    Tables have no more clustering keys than allowed
    Exempt by waiver: Later.
      owner sales, approved by Head, ticket T-1, expires 2027-03-31
    Without exemptions: fail

Pass: 1 decision
  clustering.no_exclusion_conflict  medium, mandatory
    No table is excluded and clustered
    It's fine.

Waivers for this table
  clustering.key_limit: expired on 2026-06-30
    The keys are being measured.
    risk accepted, owner sales-analytics, approved by Head of Data, ticket DATA-7
  clustering.key_limit: active until 2027-01-31, for main.*
    The keys are being measured.
    risk accepted, owner sales-analytics, approved by Head of Data, ticket DATA-7

Decided 2026-11-23 05:10:00 UTC by opa 1.22.2, from demo: every table of the demo lakehouse
"""  # noqa: E501 -- as it's printed


def test_a_policy_without_fixes_advises_and_a_planned_table_names_its_definition() -> None:
    table = fixable.table("main.sales.a", {fixable.STRATEGY: fixable.failing("x")})
    sample = fixable.report([table])
    assert "      Fix: ALTER TABLE <table> CLUSTER BY AUTO;\n" in shown(sample, table)
    planned = structs.replace(table, definition=reports.definition(3, "a"))
    text = shown(sample, planned)
    place = "databricks_sql_table.a in modules/sales/main.tf:4"
    assert f"  declared  {place} (create)\n" in text
    assert f"      Fix: Change the definition: {place}.\n" in text


def test_what_is_not_known_is_said() -> None:
    plain = fixable.table("main.sales.a", {}, owner=None)
    table = structs.replace(plain, size={}, table_type=None, data_source_format=None)
    text = shown(fixable.report([table]), table)
    for label in ("type ", "owner", "size "):
        assert f"\n  {label}  not known\n" in text


@settings(max_examples=25)
@given(st.data())
def test_no_text_is_lost_or_does_anything(data: st.DataObject) -> None:
    """Drawn reports of any text: all of a table is there, on lines of ours."""
    sample = data.draw(reports.reports().filter(lambda each: each.rows))
    table = sample.rows[0]
    text = shown(sample, table)
    assert "\x1b" not in text
    assert visible(table.full_name).strip() in text

    def texts(decision: Decision) -> list[Any]:
        return [
            *decision.reasons,
            *(each.message for each in decision.violations),
            *(each.reason for each in decision.exemptions),
            *(each.reason for each in decision.missing),
        ]

    for decision in table.decisions.values():
        for each in texts(decision):
            assert visible(each).strip() in text


@pytest.mark.parametrize("name", ["x\x1b[2J", "x\u202ey", "x\n::error::y"])
def test_a_hostile_name_stays_text(name: str) -> None:
    sample = fixable.hostile([name])
    text = shown(sample, sample.rows[0])
    assert visible(name) in text
    assert not any(line.startswith("::") for line in text.splitlines())
