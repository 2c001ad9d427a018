"""What became of a violation, told from all that runs ever decided about it.

Written from the definitions in docs/history.md, not from the product: it looks at the whole past at
once, where the product goes from run to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

FAIL = "fail"
PASS = "pass"  # noqa: S105 -- an outcome
NOT_APPLICABLE = "not_applicable"
EXEMPT = "exempt"
EXCUSED = "excused"
"""Exempt, and would fail without the exemption."""
UNDECIDED = "undecided"
GONE = "gone"
"""A complete run no longer had the table."""

_CLEAR = {PASS, NOT_APPLICABLE}


@dataclass(frozen=True)
class Seen:
    """What one run said of one violation's key."""

    clock: str
    rules: str
    outcome: str


@dataclass(frozen=True)
class Past:
    """What a history has to say of it."""

    state: str
    first_failed_at: str
    failing_since: str
    last_failed_at: str
    settled_at: str | None
    reopened: int
    contradicted: bool
    days_to_fix: float | None


def past_of(seen: Sequence[Seen]) -> Past | None:
    """Return the past of a violation; None if no run found it. `seen` is by rising clock."""
    fails = [number for number, each in enumerate(seen) if each.outcome == FAIL]
    if not fails:
        return None
    since, reopened, contradicted = seen[fails[0]].clock, 0, False
    for before, again in pairwise(fails):
        clear = _clear(seen[before:again])
        how = _how_it_ended(seen[before:again])
        same = bool(clear) and clear[-1].rules == seen[again].rules
        if how is None or (how == "other_rules" and not same):
            continue
        since, reopened = seen[again].clock, reopened + same
        contradicted = same and how == "fixed"
    rest = seen[fails[-1] :]
    state, settled_at = _now(rest)
    return Past(
        state=state,
        first_failed_at=seen[fails[0]].clock,
        failing_since=since,
        last_failed_at=rest[0].clock,
        settled_at=settled_at,
        reopened=reopened,
        contradicted=contradicted,
        days_to_fix=_days(since, settled_at) if state == "fixed" and settled_at else None,
    )


def _clear(stretch: Sequence[Seen]) -> list[Seen]:
    return [each for each in stretch if each.outcome in _CLEAR]


def _breaking(stretch: Sequence[Seen]) -> str:
    """Return the rules that last found it broken before it was first clear."""
    rules = stretch[0].rules
    for each in stretch:
        if each.outcome in _CLEAR:
            break
        rules = each.rules if each.outcome == EXCUSED else rules
    return rules


def _fixing(stretch: Sequence[Seen]) -> Seen | None:
    """Return the first pass by the rules that found it broken, before any others decided."""
    for each in _clear(stretch):
        if each.rules != _breaking(stretch):
            return None
        if each.outcome == PASS:
            return each
    return None


def _how_it_ended(stretch: Sequence[Seen]) -> str | None:
    """Return how a fail ended that the first of the stretch found; None if it didn't."""
    clear = _clear(stretch)
    if not clear:
        return None
    if _fixing(stretch):
        return "fixed"
    same = all(each.rules == _breaking(stretch) for each in clear)
    return "not_applicable" if same else "other_rules"


def _now(stretch: Sequence[Seen]) -> tuple[str, str | None]:
    """Return state and time of what no run has found failing after the first of the stretch."""
    after: list[Seen] = []
    for each in reversed(stretch[1:]):
        back = after[:1] and after[0].outcome == UNDECIDED
        if not (each.outcome == GONE and back):
            after.insert(0, each)
    ended = [each for each in after if each.outcome != UNDECIDED]
    if not ended:
        return "failing", None
    if fixing := _fixing(stretch):
        return "fixed", fixing.clock
    how = _how_it_ended(stretch)
    if how is None:
        excused = any(each.outcome in {EXEMPT, EXCUSED} for each in ended)
        how = "exempt" if excused else "gone"
    return how, ended[0].clock


def _days(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds() / 86_400
