"""What became of a violation, told from all that runs ever decided about it.

Written from the definitions in docs/history.md, not from the product: it looks at the whole past at
once, where the product goes from run to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

FAIL = "fail"
_STATES = {"pass": "fixed", "exempt": "exempt", "not_applicable": "not_applicable"}


@dataclass(frozen=True)
class Seen:
    """One run's decision about one violation's key: unknown and error are left out."""

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
    starts = [n for n in fails if n - 1 not in fails]
    again = [n for n in starts[1:] if seen[n - 1].rules == seen[n].rules]
    last = fails[-1]
    settled = seen[last + 1] if last + 1 < len(seen) else None
    state, settled_at, days = FAIL + "ing", None, None
    if settled is not None:
        fixing = _fixing(seen, last, len(seen))
        state = "fixed" if fixing else _unfixed(seen, last)
        settled_at = (fixing or settled).clock
        days = _days(seen[starts[-1]].clock, settled_at) if fixing else None
    relapse = starts[-1] in again and len(starts) > 1
    return Past(
        state=state,
        first_failed_at=seen[fails[0]].clock,
        failing_since=seen[starts[-1]].clock,
        last_failed_at=seen[last].clock,
        settled_at=settled_at,
        reopened=len(again),
        contradicted=relapse
        and _fixing(seen, max(n for n in fails if n < starts[-1]), starts[-1]) is not None,
        days_to_fix=days,
    )


def _fixing(seen: Sequence[Seen], last: int, end: int) -> Seen | None:
    """Return the first pass after a fail that the same rules, without a break, have proved."""
    for each in seen[last + 1 : end]:
        if each.rules != seen[last].rules:
            return None
        if each.outcome == "pass":
            return each
    return None


def _unfixed(seen: Sequence[Seen], last: int) -> str:
    after = seen[last + 1 :]
    if any(each.rules != seen[last].rules for each in after):
        return "other_rules"
    return _STATES[after[-1].outcome]


def _days(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds() / 86_400
