"""Then: what must hold of the report as a whole."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
import pytest
from pytest_bdd import then

from lakewarden import Report
from lakewarden.model.decision import Decision, Outcome
from lakewarden_collector.inventory import Failure, InventoryReader
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.judging import Finding, agree, each, errors
from tests.acceptance.steps.table import Table
from tests.acceptance.steps.unjudged import lacking, mine, unread
from tests.scenarios.scenario_list import scenarios
from tests.support.agreement import outline

_KINDS: Final = {"rule", "flag", "waiver"}


@then("every policy has decided about each of them, by one of six outcomes")
def decided(tables: Tables, found: Finding) -> None:
    policies = set(tables.estate.policies)

    def fault(table: Table) -> str:
        decisions = table.reported.decisions
        if decisions.keys() != policies:
            return f"not decided by {', '.join(sorted(policies ^ decisions.keys()))}"
        return errors(table, table.policies)

    found(each(tables, fault))
    completeness = tables.estate.report.completeness
    expected = completeness.tables_evaluated * len(policies)
    agree("decisions made", completeness.decisions_made, expected)
    agree("decisions expected", completeness.decisions_expected, expected)
    found(f"{expected:,} decisions")


@then("each exemption says who or what grants it, and why")
def exemptions_explained(tables: Tables, found: Finding) -> None:
    number = 0

    def fault(table: Table) -> str:
        nonlocal number
        wrong = []
        for policy, decision in table.reported.decisions.items():
            if decision.outcome is Outcome.EXEMPT:
                number += 1
                wrong += [] if _explained(decision) else [table.summary(policy)]
        return "; ".join(wrong)

    each(tables, fault)
    if not number:
        pytest.skip("no table is exempt from anything")
    found(f"{number:,} exemptions")


@then("each decision carries its proof, and what is unknown names what is missing")
def proven(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        return "; ".join(
            table.summary(policy)
            for policy, decision in table.reported.decisions.items()
            if not _proven(decision)
        )

    found(each(tables, fault))


@then("everything that was found is in the report, or named with the reason why not")
def nothing_left_out(estate: Estate, found: Finding) -> None:
    completeness = estate.report.completeness
    evaluated = {table.full_name for table in estate.report.tables()}
    named = " ".join(f"{each.what} {each.where} {each.reason}" for each in completeness.failures)
    lost = []
    with estate.written.inventory.open("rb") as stream:
        for item in InventoryReader(stream, estate.written.inventory.name):
            if isinstance(item, Failure):
                if item not in completeness.failures:
                    lost.append(item.what)
            elif item.full_name not in evaluated and item.full_name not in named:
                lost.append(item.full_name)
    if len(lost) > completeness.tables_left_out:  # those that --table leaves out are counted
        pytest.fail(f"neither in the report nor named: {', '.join(lost[:10])}", pytrace=False)
    for failure in completeness.failures:
        if not (failure.what and failure.reason and failure.remedy):
            pytest.fail(f"{failure} lacks the reason or the remedy", pytrace=False)
    found(f"{len(evaluated):,} tables in the report, {len(completeness.failures):,} named")


@then("the figures of the report agree with each other")
def figures_agree(estate: Estate, found: Finding) -> None:
    report = estate.report
    completeness, summary = report.completeness, report.summary
    tables = size = unsized = 0
    outcomes: Counter[str] = Counter()
    by_policy: Counter[tuple[str, str]] = Counter()
    for table in report.tables():
        tables += 1
        size += table.size.get("bytes", 0)
        unsized += "bytes" not in table.size
        for policy, decision in table.decisions.items():
            outcomes[decision.outcome] += 1
            by_policy[policy, decision.outcome] += 1
    total, decisions = summary.total, sum(outcomes.values())
    agree(
        "tables, bytes, unsized",
        (total.tables, total.bytes, total.unsized),
        (tables, size, unsized),
    )
    agree("outcomes", total.outcomes, {each.value: outcomes[each] for each in Outcome})
    agree("decisions made", completeness.decisions_made, decisions)
    agree("tables evaluated", completeness.tables_evaluated, tables)
    others = completeness.tables_failed + completeness.tables_left_out
    agree("tables known", completeness.tables_known, tables + others)
    agree("tables by status", sum(summary.tables_by_status.values()), tables)
    for policy, counts in summary.by_policy.items():
        agree(policy, counts.outcomes, {each.value: by_policy[policy, each] for each in Outcome})
    for name in ("by_catalog", "by_schema", "by_owner"):
        groups = getattr(summary, name).values()
        agree(f"tables {name}", sum(group.tables for group in groups), tables)
        agree(f"bytes {name}", sum(group.bytes for group in groups), size)
    insight_agrees(report, by_policy)
    gate = report.gate
    agree("exit code", 0 if gate.gate_disabled else gate.exit_code, estate.written.exit_code)
    found(f"{tables:,} tables, {decisions:,} decisions")


@then("a second opinion comes to the same outcome and the same kinds of proof")
def second_opinion(tables: Tables, found: Finding) -> None:
    compared = 0

    def fault(table: Table) -> str:
        nonlocal compared
        wrong = []
        for policy, decision in table.reported.decisions.items():
            expected = table.opinion(policy)
            if expected is None:
                continue
            compared += 1
            if outline(_plain(decision), expected) != expected:
                wrong.append(f"{table.summary(policy)}, the second opinion {expected}")
        return "; ".join(wrong)

    each(tables, fault)
    if not compared:
        pytest.skip("there is no second opinion on the policies of this run")
    found(f"{compared:,} decisions compared")


@then("all of it could be read, and every table judged")
def all_judged(estate: Estate, found: Finding) -> None:
    each(estate.tables(), lambda table: errors(table, estate.policies))
    parts = (unread(estate), lacking(estate.tables(), estate.policies))
    if missing := "; ".join(filter(None, parts)):
        pytest.skip(f"not all could be judged: {missing}")
    found(f"{estate.report.completeness.tables_evaluated:,} tables, nothing is missing")


@then("nothing is missing that this rule has to know of them")
def nothing_missing(tables: Tables, request: pytest.FixtureRequest, found: Finding) -> None:
    marks = {mark.name for mark in request.node.iter_markers()}
    patterns = [each for one in scenarios() if one.marker in marks for each in one.policies]
    policies = mine(tables.estate, patterns)
    if not policies:
        pytest.skip(f"the run leaves out {', '.join(patterns)}")
    judged = each(tables, lambda table: errors(table, policies))
    if missing := lacking(tables, policies):
        pytest.skip(f"not all could be judged: {missing}")
    found(judged)


def insight_agrees(report: Report, by_policy: Counter[tuple[str, str]]) -> None:
    """Fail where the insight is lacking, or has other figures than are counted again."""
    if report.insight is None:
        pytest.fail("the report does not say what it means: it has no insight", pytrace=False)
    parts = report.insight.governance
    groups = (parts.governed, parts.undecided, parts.outside)
    agree("governance", sum(group.tables for group in groups), report.summary.total.tables)
    agree("unread tables", parts.unread, report.completeness.tables_failed)
    for exempted in report.insight.exempted:
        exempt = by_policy[exempted.policy_id, Outcome.EXEMPT]
        agree(f"exempt from {exempted.policy_id}", exempted.total.tables, exempt)


def _explained(decision: Decision) -> bool:
    return bool(decision.exemptions) and all(
        exemption.kind in _KINDS
        and exemption.reason.strip()
        and (
            exemption.kind != "waiver"
            or (exemption.owner and exemption.approved_by and exemption.expires)
        )
        for exemption in decision.exemptions
    )


def _proven(decision: Decision) -> bool:
    match decision.outcome:
        case Outcome.FAIL:
            return bool(decision.violations) and all(each.message for each in decision.violations)
        case Outcome.EXEMPT:
            return bool(decision.exemptions) and decision.would_be is not None
        case Outcome.UNKNOWN:
            return bool(decision.missing) and all(
                each.kind and each.status for each in decision.missing
            )
        case _:
            return bool(decision.reasons) and all(decision.reasons)


def _plain(decision: Decision) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(decision)
    return plain
