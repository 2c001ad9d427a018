"""Holds tables to what is demanded of them, and says what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import pytest
from msgspec import Struct

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount
from lakewarden.renderers.words.insight import amount
from lakewarden_collector.counted import counted
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.table import Table
from tests.acceptance.steps.unjudged import lacking, none_such

FOUND = "found"
"""The name of the property of a test that says what it found."""

_NAMED = 10
"""Tables that a failure names."""

Finding = Callable[[object], None]
"""Tells, as text, what a scenario found."""


def chosen(
    estate: Estate,
    words: str,
    holds: Callable[[Table], bool],
    *,
    lacks: Collection[str] = (),
) -> Tables:
    """Return the tables of which it holds; skip the scenario, saying why, if there are none.

    `lacks` are the kinds of evidence without which nobody knows of which tables it holds.
    """
    tables = Tables(estate, words, holds)
    if next(iter(tables), None) is None:
        pytest.skip(none_such(tables, lacks))
    return tables


class Judged(Struct, kw_only=True):
    """How many tables were judged, and of how many something is to be told."""

    all: Amount
    noted: Amount

    def __str__(self) -> str:
        return amount(self.all)


def each(
    tables: Iterable[Table],
    fault: Callable[[Table], str],
    noting: Callable[[Table], bool] = lambda _: False,
) -> Judged:
    """Fail, naming the tables of which `fault` says something; else count them."""
    wrong = 0
    named = []
    judged = Judged(all=Amount(), noted=Amount())
    for table in tables:
        for group in (judged.all, *((judged.noted,) if noting(table) else ())):
            group.tables += 1
            group.bytes += table.bytes or 0
            group.unsized += table.bytes is None
        if why := fault(table):
            wrong += 1
            if wrong <= _NAMED:
                named.append(f"  {table.name}: {why}")
    if wrong:
        more = [f"  and {wrong - _NAMED:,} more"] if wrong > _NAMED else []
        summary = [f"{wrong:,} of {counted(judged.all.tables, 'table')}:", *named, *more]
        pytest.fail("\n".join(summary), pytrace=False)
    return judged


def exactly(tables: Tables, policy: str, broken: Callable[[Table], bool]) -> str:
    """Fail where the policy reports another table than those that are broken, or misses one.

    Tables that it could not decide about count for nothing; where there are no others, the
    scenario is skipped. Returns how many it decided about and reported.
    """
    reported = 0

    def fault(table: Table) -> str:
        nonlocal reported
        says, is_so = table.reported_by(policy), broken(table)
        reported += says
        return table.summary(policy) if says != is_so else ""

    def is_decided(table: Table) -> bool:
        return table.would_be(policy) is not Outcome.UNKNOWN

    judged = each(tables, fault, is_decided)
    if not judged.noted.tables:
        pytest.skip(f"none could be judged: {lacking(tables, (policy,))}")
    return f"{counted(judged.noted.tables, 'table')}, {reported:,} reported"


def fails(table: Table) -> bool:
    """Whether it lacks a clustering strategy and nothing exempts it."""
    return table.decision().outcome is Outcome.FAIL


def errors(table: Table, policies: Collection[str]) -> str:
    """Say which of the policies ended in an error about a table; empty if none did."""
    decisions = table.reported.decisions
    return "; ".join(
        table.summary(each) for each in policies if decisions[each].outcome is Outcome.ERROR
    )


def agree(what: str, summary: object, counted_again: object) -> None:
    """Fail where a figure of the report is not what comes out if it is counted again."""
    if summary != counted_again:
        pytest.fail(
            f"{what}: the report says {summary}, counted again {counted_again}", pytrace=False
        )


def by_opinion(policy: str) -> tuple[str, Callable[[Table], bool]]:
    """Return the policy, and what says whether the oracle finds a table broken by it."""

    def broken(table: Table) -> bool:
        expected = table.opinion(policy)
        if expected is None:
            return False
        waived = expected.exemptions == {"waiver"}
        return (expected.would_be if waived else expected.outcome) == "fail"

    return policy, broken
