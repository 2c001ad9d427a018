"""Says in words what could not be judged and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from lakewarden.model.decision import Missing, Outcome
from lakewarden.renderers.words.wording import lack
from lakewarden_collector.counted import counted
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.table import Table, but_for_waivers

_SHOWN = 2
"""Reasons of each sort that are told."""


def none_such(tables: Tables, evidence: Collection[str]) -> str:
    """Say that no table is of that kind, and of how many nobody knows for want of evidence."""
    estate = tables.estate
    evaluated = estate.report.completeness.tables_evaluated
    if not evaluated:
        return f"nothing was evaluated: {unread(estate) or 'the estate has no tables'}"
    missing = lacking(estate.tables(), estate.policies, evidence) if evidence else ""
    summary = f"of {counted(evaluated, 'table')} none {tables.words}"
    return f"{summary}; {missing}" if missing else summary


def unread(estate: Estate) -> str:
    """Say what is known and could not be read; empty if there is nothing."""
    completeness = estate.report.completeness
    lost = [f"{each.what} ({each.reason})" for each in completeness.failures]
    parts = [f"could not be read: {_some(lost)}"] if lost else []
    return "; ".join([*parts, *completeness.reasons])


def lacking(
    tables: Iterable[Table], policies: Collection[str], evidence: Collection[str] | None = None
) -> str:
    """Say which evidence the policies lack about how many tables; empty if they lack none.

    `evidence` names the kinds that are meant; None means all.
    """
    sorts: dict[tuple[str, str], Counter[str]] = {}
    first: dict[tuple[str, str, str], str] = {}
    for table in tables:
        for each in {(one.kind, one.status): one for one in _missing(table, policies)}.values():
            if evidence is None or each.kind.partition(".")[0] in evidence:
                sorts.setdefault((each.kind, each.status), Counter())[each.reason] += 1
                first.setdefault((each.kind, each.status, each.reason), table.name)
    return "; ".join(
        f"{counted(reasons.total(), 'table')}: {lack(kind, status)} ("
        + _some(
            [
                _about(first[kind, status, reason], number, reason)
                for reason, number in reasons.most_common()
            ]
        )
        + ")"
        for (kind, status), reasons in sorted(sorts.items())
    )


def _about(name: str, number: int, reason: str) -> str:
    others = f" and {number - 1:,} more" if number > 1 else ""
    return f"{name}{others}: {reason}" if reason else f"{name}{others}"


def mine(estate: Estate, patterns: Collection[str]) -> tuple[str, ...]:
    """Return the policies of the run that match a pattern."""
    return tuple(
        each for each in estate.policies if any(fnmatchcase(each, one) for one in patterns)
    )


def _missing(table: Table, policies: Collection[str]) -> Iterable[Missing]:
    for policy in policies:
        decision = table.reported.decisions.get(policy)
        if decision and but_for_waivers(decision) is Outcome.UNKNOWN:
            yield from decision.missing


def _some(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
