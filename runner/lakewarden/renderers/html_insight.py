"""Bars and links of the page's insight."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lakewarden.model.insight import Amount, Exempted, Governance, Insight, WhatIf
from lakewarden.model.report import Report
from lakewarden.renderers import insight_words
from lakewarden.renderers.html_charts import Segment, segments


class InsightView(Struct, frozen=True):
    """What the template asks for beside the insight itself."""

    insight: Insight
    titles: Mapping[str, str]
    """Policy id to title."""
    tried: Mapping[str, list[WhatIf]]
    """Policy id to what was tried of it, the run itself among it."""
    listed: frozenset[str]
    """Names of the tables that the page lists, so that a link to them leads somewhere."""
    evaluated: int

    def title(self, policy_id: str) -> str:
        """Return a policy's title, or its id where the report has no such policy."""
        return self.titles.get(policy_id, policy_id)


def insight_view(report: Report, listed: frozenset[str]) -> InsightView | None:
    """Return the view of a report's insight; None where the report has none."""
    if report.insight is None:
        return None
    return InsightView(
        insight=report.insight,
        titles=insight_words.titles(report),
        tried=insight_words.tried(report),
        listed=listed,
        evaluated=report.summary.total.tables,
    )


def governance_groups(governance: Governance) -> list[tuple[str, str, Amount]]:
    """Return what the tables divide into: a bar's colour, its words, how many."""
    unread = Amount(tables=governance.unread, unsized=governance.unread)
    return [
        ("plain", "governed", governance.governed),
        ("undecided", "undecided", governance.undecided),
        ("other", "outside every policy", governance.outside),
        ("error", "could not be read", unread),
    ]


def governance_tables(governance: Governance) -> list[Segment]:
    """Return a bar of all known tables."""
    return segments([(colour, group.tables) for colour, _, group in governance_groups(governance)])


def governance_bytes(governance: Governance) -> list[Segment]:
    """Return a bar of the known bytes."""
    return segments([(colour, group.bytes) for colour, _, group in governance_groups(governance)])


def exempted_kinds(exempted: Exempted, evaluated: int) -> list[Segment]:
    """Return a bar of the exempt tables by kind, out of all that were evaluated."""
    parts = [(kind, exempted.kinds.get(kind, Amount()).tables) for kind in insight_words.KINDS]
    return segments(parts, evaluated)
