"""The words for what a baseline hides, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lakewarden.model.baseline import (
    BacklogPart,
    Baseline,
    BaselineEntry,
    BaselineOrigin,
    FixCost,
    Ratchet,
)
from lakewarden.model.decision import KnownViolation
from lakewarden.renderers.words import insight
from lakewarden.renderers.words.wording import violation_name
from lakewarden_collector.counted import counted

_COSTS: Final = {
    FixCost.METADATA: "by metadata alone",
    FixCost.REWRITE: "by reading or writing data",
    FixCost.DEFINITION: "by hand",
    FixCost.UNKNOWN: "nobody knows how",
}
_ORIGINS: Final = {
    BaselineOrigin.FILE: "{}",
    BaselineOrigin.REPORT: "what failed in {} is accepted: it",
    BaselineOrigin.INVENTORY: "what these policies and settings find in {} is accepted: it",
    BaselineOrigin.GIT: "what the policies and settings of {} find in these tables is accepted: it",
}
_PARTS: Final = 5
_NAMES: Final = 3


def lines(found: Baseline) -> Iterator[str]:
    """Yield what a reader must know of a baseline, a clause each."""
    name = _ORIGINS[found.origin].format(found.file)
    yield (
        f"{name} knows {counted(found.entries, 'violation')}: {found.failing:,} still "
        f"there{_since(found)}, {found.over:,} over, {found.undecided:,} not decided by this run"
    )
    if found.hidden.tables:
        yield f"it keeps {insight.amount(found.hidden)} from failing the gate"
    yield from _backlog(found.backlog)
    yield from _renames(found)
    if found.ratchet is not None:
        yield from _ratchet(found.ratchet)
    if found.over and found.origin is BaselineOrigin.FILE:
        yield "remove what is over: lakewarden baseline shrink"


def slack_line(found: Baseline | None) -> str:
    """Say on one line that a baseline knows what is over, so that it can come back unnoticed."""
    if found is None or not found.over:
        return ""
    verb = "is" if found.over == 1 else "are"
    entries = counted(found.over, "entry")
    if found.origin is not BaselineOrigin.FILE:
        return f"Baseline: {entries} {verb} over."
    return f"Baseline: {entries} {verb} over; remove with `lakewarden baseline shrink`."


def _since(found: Baseline) -> str:
    if found.oldest is None or found.oldest_days is None or found.origin is BaselineOrigin.GIT:
        return ""  # a reference doesn't say since when
    days = f"{counted(found.oldest_days, 'day')}, the median {found.median_days:,}"
    return f", the oldest since {found.oldest} ({days})"


def _backlog(parts: Sequence[BacklogPart]) -> Iterator[str]:
    for part in parts[:_PARTS]:
        violations = counted(part.violations, "violation")
        amount = insight.amount(part)
        yield f"to fix {_COSTS[part.cost]}: {violations} of {part.policy_id}, {amount}"
    if len(parts) > _PARTS:
        left = sum(each.violations for each in parts[_PARTS:])
        yield f"and {counted(left, 'more violation')} that cost more"


def _renames(found: Baseline) -> Iterator[str]:
    if not found.renamed:
        return
    names = ", ".join(f"{each.known_as} is {each.full_name}" for each in found.renames[:_NAMES])
    more = f", and {found.renamed - _NAMES:,} more" if found.renamed > _NAMES else ""
    yield f"{counted(found.renamed, 'table')} known by id, since the name changed: {names}{more}"


def _ratchet(found: Ratchet) -> Iterator[str]:
    if found.holds:
        less = f", and {found.removed:,} fewer" if found.removed else ""
        yield f"it has no entry that it didn't have at {found.against}{less}"
        return
    for swap in found.swaps:
        yield f"swapped since {found.against}: {_name(swap.out)} out, {_name(swap.into)} in"
    if found.swapped > len(found.swaps):
        yield f"and {found.swapped - len(found.swaps):,} more swapped"
    for each in found.growth:
        yield f"new since {found.against}: {_name(each)}"
    grown = found.added - found.swapped
    if grown > len(found.growth):
        yield f"and {grown - len(found.growth):,} more new"


def _name(each: BaselineEntry) -> str:
    return violation_name(each.full_name, each.policy_id, each.key)


def known(violation: KnownViolation) -> str:
    """Say what the baseline says of a violation, a sentence."""
    why = f" {violation.reason}" if violation.reason else ""
    return f"Known to the baseline since {violation.since}, so it doesn't gate.{why}"


def entry(each: BaselineEntry) -> str:
    """Name an entry: policy, table and key, and since when it is known."""
    return f"{_name(each)}, known since {each.since}"
