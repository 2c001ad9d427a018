"""Figures for the page's bars and filters, worked out of the report's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Group, Report, TableReport
from lakewarden.model.standing import Status
from lakewarden.model.summary import NO_OWNER
from lakewarden.renderers.survey import facts

BARS: Final = 6
"""How many values a chart shows before it sums up the rest."""


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


class Choices(Struct, frozen=True):
    """What the listed tables can be filtered by."""

    catalogs: list[str]
    schemas: list[str]
    owners: list[str]
    facts: list[tuple[str, list[str]]]


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
    """Return a policy's outcomes, the good ones first."""
    order = (
        Outcome.PASS,
        Outcome.EXEMPT,
        Outcome.UNKNOWN,
        Outcome.ERROR,
        Outcome.FAIL,
        Outcome.NOT_APPLICABLE,
    )
    return segments([(outcome.value, outcomes.get(outcome, 0)) for outcome in order])


def status_segments(tables_by_status: Mapping[str, int]) -> list[Segment]:
    """Return the statuses of all tables, the good one first."""
    order = (Status.COMPLIANT, Status.UNDECIDED, Status.NON_COMPLIANT, Status.NOT_APPLICABLE)
    return segments([(status.value, tables_by_status.get(status, 0)) for status in order])


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


def choices(tables: Sequence[TableReport], report: Report) -> Choices:
    """Collect what the listed tables have, and the values of the facts with few."""
    shown = [
        (fact, sorted(values)) for fact, values in facts(report.summary) if len(values) <= 5 * BARS
    ]
    return Choices(
        catalogs=sorted({table.catalog_name for table in tables}),
        schemas=sorted({f"{table.catalog_name}.{table.schema_name}" for table in tables}),
        owners=sorted({table.owner or NO_OWNER for table in tables}),
        facts=shown,
    )


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
