"""A policy that ended in an error has judged nothing: no scenario that goes by it may pass."""

from __future__ import annotations

from collections import Counter
from typing import cast

import pytest

from lakewarden.model.decision import Decision, Missing, Outcome
from lakewarden.model.report import TableReport
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.judging import errors, exactly
from tests.acceptance.steps.table import Table
from tests.acceptance.steps.unjudged import lacking
from tests.acceptance.steps.whole_estate import insight_agrees
from tests.support.insights import with_insight
from tests.support.reports import sample

POLICY = "clustering.key_limit"
OTHER = "clustering.keys_exist"
BROKEN = Decision(outcome=Outcome.ERROR, reasons=("the engine gave no decision",))
PASSED = Decision(outcome=Outcome.PASS, reasons=("It is well.",))
OPEN = Decision(outcome=Outcome.UNKNOWN, missing=(Missing(kind="size", status="denied"),))


class Few:
    """An estate of which the steps ask nothing but its tables."""

    def __init__(self, *decisions: Decision) -> None:
        self._decisions = decisions

    def tables(self) -> list[Table]:
        return [table(each) for each in self._decisions]


def table(decision: Decision) -> Table:
    reported = TableReport(
        full_name="main.sales.orders",
        catalog_name="main",
        schema_name="sales",
        name="orders",
        decisions={POLICY: decision, OTHER: PASSED},
    )
    return Table(reported, {"size": {}}, {}, [], "2026-11-23T00:00:00Z", (POLICY, OTHER))


def _tables(*decisions: Decision) -> Tables:
    return Tables(cast("Estate", Few(*decisions)), "is there", lambda _: True)


def test_an_error_is_not_taken_for_a_table_that_is_rightly_not_reported() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"orders: .*the engine gave no decision"):
        exactly(_tables(PASSED, BROKEN), POLICY, lambda _: False)


def test_without_an_error_the_same_tables_are_judged() -> None:
    assert exactly(_tables(PASSED, OPEN), POLICY, lambda _: False) == "1 table, 0 reported"


def test_an_error_is_named_with_its_policy() -> None:
    assert errors(table(BROKEN), (POLICY, OTHER)) == (
        "clustering.key_limit says error (the engine gave no decision)"
    )
    assert errors(table(OPEN), (POLICY, OTHER)) == ""


def test_what_is_lacking_can_be_told_beside_an_error() -> None:
    """Else a scenario about something else would fail when it says why it was not judged."""
    assert "size" in lacking([table(BROKEN), table(OPEN)], (POLICY, OTHER))


def test_a_report_without_its_insight_does_not_agree() -> None:
    report = sample(failures=0)
    with pytest.raises(pytest.fail.Exception, match="it has no insight"):
        insight_agrees(report, Counter())
    exempt: Counter[tuple[str, str]] = Counter(
        (policy, decision.outcome)
        for table in report.rows
        for policy, decision in table.decisions.items()
    )
    insight_agrees(with_insight(report), exempt)
