"""The words for what a baseline hides, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator

from lakewarden.model.baseline import Baseline, BaselineEntry
from lakewarden.model.decision import KnownViolation
from lakewarden.renderers.words import insight
from lakewarden.renderers.words.wording import violation_name
from lakewarden_collector.counted import counted


def lines(found: Baseline) -> Iterator[str]:
    """Yield what a reader must know of a baseline, a clause each."""
    since = f", the oldest since {found.oldest}" if found.oldest else ""
    yield (
        f"{found.file} knows {counted(found.entries, 'violation')}: {found.failing:,} still "
        f"there{since}, {found.over:,} over, {found.undecided:,} not decided by this run"
    )
    if found.hidden.tables:
        yield f"it keeps {insight.amount(found.hidden)} from failing the gate"
    if found.over:
        yield "remove what is over: lakewarden baseline shrink"


def known(violation: KnownViolation) -> str:
    """Say what the baseline says of a violation, a sentence."""
    why = f" {violation.reason}" if violation.reason else ""
    return f"Known to the baseline since {violation.since}, so it doesn't gate.{why}"


def entry(each: BaselineEntry) -> str:
    """Name an entry: policy, table and key, and since when it is known."""
    name = violation_name(each.full_name, each.policy_id, each.key)
    return f"{name}, known since {each.since}"
