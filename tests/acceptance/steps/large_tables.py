"""Then: what must hold of exclusions, of large tables and of those that are read often."""

from __future__ import annotations

import pytest
from pytest_bdd import then

from lakewarden.model.decision import Outcome
from lakewarden.renderers.words.insight import amount
from tests.acceptance.steps.changing import FREQUENTLY
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.judging import Finding, by_opinion, each, exactly, fails
from tests.acceptance.steps.table import Table
from tests.acceptance.steps.unjudged import lacking


@then("each of them is exempt, with the exclusion on record as the reason")
def exclusion_on_record(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        name = table.case.settings["exclusion_property"]
        decision = table.decision()
        noted = any(e.kind == "flag" and name in e.reason for e in decision.exemptions)
        return "" if decision.outcome is Outcome.EXEMPT and noted else table.summary()

    found(each(tables, fault))


@then("none of them is exempt because of it")
def exclusion_exempts_nothing(tables: Tables, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        return table.summary() if "flag" in table.exemption_kinds() else ""

    judged = each(tables.again_in(changed), fault, fails)
    found(f"{judged}; would fail: {amount(judged.noted)}")


@then("those so large that somebody else has to agree have that on record, or are reported")
def agreed(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.exclusion_justified")))


@then("each of them fails, or has the reason why not on record")
def fails_or_exempt(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        decision = table.decision()
        reasons = [exemption.reason.strip() for exemption in decision.exemptions]
        on_record = decision.outcome is Outcome.EXEMPT and bool(reasons) and all(reasons)
        fine = decision.outcome is Outcome.FAIL or (
            on_record and "rule" not in table.exemption_kinds()
        )
        return "" if fine else table.summary()

    judged = each(tables, fault, fails)
    found(f"{judged}; fail: {amount(judged.noted)}")


@then("those that are not among the very largest, or are clustered too, are reported")
def partitions(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.partitioned_table")))


@then("those read often and without liquid clustering are reported, and no others")
def frequently_read(changed: Estate, found: Finding) -> None:
    counted_reads = Tables(changed, "", lambda table: table.noted and _reads(table) is not None)
    if next(iter(counted_reads), None) is None:
        missing = lacking(changed.tables(), (FREQUENTLY,), ("access",))
        pytest.skip(f"nobody knows how often any table is read: {missing or 'no reason given'}")
    found(exactly(counted_reads, *by_opinion(FREQUENTLY)))


@then("those whose reads nobody counted are undecided, and say so")
def reads_unknown(tables: Tables, changed: Estate, found: Finding) -> None:
    unknown = Tables(changed, "", lambda table: tables.holds(table) and _reads(table) is None)
    if next(iter(unknown), None) is None:
        pytest.skip("the reads of every table are counted")

    def fault(table: Table) -> str:
        named = {missing.kind for missing in table.decision(FREQUENTLY).missing}
        fine = table.would_be(FREQUENTLY) is Outcome.UNKNOWN and (
            "access" in named or bool(table.exemption_kinds(FREQUENTLY))
        )
        return "" if fine else table.summary(FREQUENTLY)

    found(each(unknown, fault))


@then("none of them is reported for being read often")
def not_asked(tables: Tables, found: Finding) -> None:
    found(exactly(tables, FREQUENTLY, lambda _: False))


def _reads(table: Table) -> int | None:
    found: int | None = table.document["access"].get("reads")
    return found
