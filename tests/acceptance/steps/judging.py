"""Holds tables to what is demanded of them, and says what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import pytest

from lakewarden.renderers.wording import size
from lakewarden_collector.counted import counted
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.table import Table
from tests.acceptance.steps.unjudged import none_such

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
    number = held = wrong = 0
    named = []
    for table in tables:
        number += 1
        held += table.bytes or 0
        if why := fault(table):
            wrong += 1
            if wrong <= _NAMED:
                named.append(f"  {table.name}: {why}")
    if wrong:
        more = [f"  and {wrong - _NAMED:,} more"] if wrong > _NAMED else []
        said = [f"{wrong:,} of {counted(number, 'table')}:", *named, *more]
        pytest.fail("\n".join(said), pytrace=False)
    found(f"{counted(number, 'table')}, {size(held)}")


def exactly(
    tables: Iterable[Table], policy: str, broken: Callable[[Table], bool], found: Finding
) -> None:
    """Fail where the policy reports another table than those that are broken, or misses one."""
    reported = 0

    def fault(table: Table) -> str:
        nonlocal reported
        says, is_so = table.reported_by(policy), broken(table)
        reported += says
        return table.said(policy) if says != is_so else ""

    each(tables, fault, found)
    found(f"{reported:,} reported")


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
