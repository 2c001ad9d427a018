"""Holds tables to what is demanded of them, and says what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import pytest

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount
from lakewarden.renderers.insight_words import amount
from lakewarden_collector.counted import counted
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.table import Table
from tests.acceptance.steps.unjudged import lacking, none_such

FOUND = "found"
"""The name of the property of a test that says what it found."""

_NAMED = 10
"""Tables that a failure names."""

Finding = Callable[[str], None]
"""Tells what a scenario found."""


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


def each(tables: Iterable[Table], fault: Callable[[Table], str], found: Finding) -> None:
    """Fail, naming the tables of which `fault` says something; else tell how many were judged."""
    wrong = 0
    judged = Amount()
    named = []
    for table in tables:
        judged.tables += 1
        judged.bytes += table.bytes or 0
        judged.unsized += table.bytes is None
        if why := fault(table):
            wrong += 1
            if wrong <= _NAMED:
                named.append(f"  {table.name}: {why}")
    if wrong:
        more = [f"  and {wrong - _NAMED:,} more"] if wrong > _NAMED else []
        said = [f"{wrong:,} of {counted(judged.tables, 'table')}:", *named, *more]
        pytest.fail("\n".join(said), pytrace=False)
    found(amount(judged))


def exactly(tables: Tables, policy: str, broken: Callable[[Table], bool], found: Finding) -> None:
    """Fail where the policy reports another table than those that are broken, or misses one.

    Tables that it could not decide about count for nothing; where there are no others, the
    scenario is skipped.
    """
    reported = decided = 0

    def fault(table: Table) -> str:
        nonlocal reported, decided
        says, is_so = table.reported_by(policy), broken(table)
        reported += says
        decided += table.would_be(policy) is not Outcome.UNKNOWN
        return table.said(policy) if says != is_so else ""

    each(tables, fault, lambda _: None)
    if not decided:
        pytest.skip(f"none could be judged: {lacking(tables, (policy,))}")
    found(f"{counted(decided, 'table')}, {reported:,} reported")


def agree(what: str, said: object, counted_anew: object) -> None:
    """Fail where a figure of the report is not what comes out if it is counted anew."""
    if said != counted_anew:
        pytest.fail(f"{what}: the report says {said}, counted anew {counted_anew}", pytrace=False)


def by_opinion(policy: str) -> tuple[str, Callable[[Table], bool]]:
    """Return the policy, and what says whether the oracle finds a table broken by it."""

    def broken(table: Table) -> bool:
        expected = table.opinion(policy)
        if expected is None:
            return False
        waived = expected.exemptions == {"waiver"}
        return (expected.would_be if waived else expected.outcome) == "fail"

    return policy, broken
