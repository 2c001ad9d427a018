"""Figures for the page's bars and filters, worked out of the report's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount, Exempted, Governance, Insight, WhatIf
from lakewarden.model.report import Group, Report
from lakewarden.renderers.words import insight

BARS: Final = 6
"""How many values a chart shows before it sums up the rest."""


OUTCOMES: Final = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.UNKNOWN,
    Outcome.EXEMPT,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)
"""In the order of bars and legends."""


class Segment(Struct, frozen=True):
    """A piece of a bar: what it stands for, and its place and width in per cent."""

    kind: str
    number: int
    start: str
    width: str


class Bar(Struct, frozen=True):
    """One line of a chart; the bars' whole is what all values of the chart add up to."""

    label: str
    group: Group
    segments: list[Segment]


class Chart(Struct, frozen=True):
    """`bars` are the biggest values, `rest` the sum of `more` others."""

    bars: list[Bar]
    more: int
    rest: Group
    total_bytes: int
    total_tables: int


def segments(parts: Sequence[tuple[str, int]], whole: int = 0) -> list[Segment]:
    """Lay parts side by side; `whole` is 100 per cent, by default their sum."""
    whole = whole or sum(number for _, number in parts)
    result, start = [], 0.0
    for kind, number in parts:
        if number and whole:
            width = 100 * number / whole
            result.append(Segment(kind, number, f"{start:.3f}", f"{width:.3f}"))
            start += width
    return result


def outcome_segments(outcomes: Mapping[str, int]) -> list[Segment]:
    """Return a policy's outcomes, the bad ones first, so that bars can be compared by them."""
    return segments([(outcome.value, outcomes.get(outcome, 0)) for outcome in OUTCOMES])


def fact_chart(values: Mapping[str, Group]) -> Chart:
    """Chart a fact's values by the bytes of the tables that have them."""
    by_bytes = any(group.bytes for group in values.values())
    whole = sum(group.bytes if by_bytes else group.tables for group in values.values())

    def bar(label: str, group: Group) -> Bar:
        amount = group.bytes if by_bytes else group.tables
        return Bar(label, group, segments([("plain", amount)], whole))

    ordered = sorted(values.items(), key=lambda item: (-item[1].bytes, -item[1].tables, item[0]))
    return _chart(ordered, [bar(*item) for item in ordered[:BARS]])


def place_chart(places: Mapping[str, Group]) -> Chart:
    """Chart places or owners by their non-compliant tables, most first."""
    widest = max((group.tables for group in places.values()), default=0)

    def bar(label: str, group: Group) -> Bar:
        fine = group.tables - group.non_compliant
        parts = [("non_compliant", group.non_compliant), ("other", fine)]
        return Bar(label, group, segments(parts, widest))

    ordered = sorted(
        places.items(), key=lambda item: (-item[1].non_compliant, -item[1].tables, item[0])
    )
    return _chart(ordered, [bar(*item) for item in ordered[:BARS]])


def _chart(ordered: Sequence[tuple[str, Group]], bars: list[Bar]) -> Chart:
    groups = [group for _, group in ordered]
    others = groups[BARS:]
    rest = Group(
        tables=sum(group.tables for group in others),
        bytes=sum(group.bytes for group in others),
        non_compliant=sum(group.non_compliant for group in others),
    )
    return Chart(
        bars=bars,
        more=len(others),
        rest=rest,
        total_bytes=sum(group.bytes for group in groups),
        total_tables=sum(group.tables for group in groups),
    )


class InsightView(Struct, frozen=True):
    """What the template asks for beside the insight itself."""

    insight: Insight
    titles: Mapping[str, str]
    """Policy id to title."""
    tried: Mapping[str, list[WhatIf]]
    """Policy id to what was tried of it, the run itself among it."""
    gone: frozenset[str]
    """Names of tables that only the previous report has, so that a link leads nowhere."""
    evaluated: int

    def title(self, policy_id: str) -> str:
        """Return a policy's title, or its id where the report has no such policy."""
        return self.titles.get(policy_id, policy_id)


def insight_view(report: Report) -> InsightView | None:
    """Return the view of a report's insight; None where the report has none."""
    if report.insight is None:
        return None
    return InsightView(
        insight=report.insight,
        titles=insight.titles(report),
        tried=insight.tried(report),
        gone=frozenset(report.insight.change.removed_examples if report.insight.change else ()),
        evaluated=report.summary.total.tables,
    )


def governance_groups(governance: Governance) -> list[tuple[str, str, Amount]]:
    """Return what the tables divide into: a bar's colour, its words, how many."""
    unread = Amount(tables=governance.unread, unsized=governance.unread)
    return [
        ("plain", "governed", governance.governed),
        ("undecided", "undecided", governance.undecided),
        ("other", "no policy applies", governance.outside),
        ("error", "couldn't be read", unread),
    ]


def governance_tables(governance: Governance) -> list[Segment]:
    """Return a bar of all known tables."""
    return segments([(colour, group.tables) for colour, _, group in governance_groups(governance)])


def governance_bytes(governance: Governance) -> list[Segment]:
    """Return a bar of the known bytes."""
    return segments([(colour, group.bytes) for colour, _, group in governance_groups(governance)])


def exempted_kinds(exempted: Exempted, evaluated: int) -> list[Segment]:
    """Return a bar of the exempt tables by kind, out of all that were evaluated."""
    parts = [(kind, exempted.kinds.get(kind, Amount()).tables) for kind in insight.KINDS]
    return segments(parts, evaluated)
