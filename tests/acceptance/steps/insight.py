"""The report's insight in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from lakewarden.model.insight import Amount, Change, Insight, LackingTable, WhatIf
from lakewarden.model.report import Report
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.insight import amount, kinds, known, settings, share, titles
from lakewarden.renderers.words.insight import lacking as lacking_words

_LARGEST = 3
"""Tables of each policy that are named."""


def insight_lines(report: Report) -> Iterator[str]:
    """Yield what the run means, a sentence a line; nothing where the report does not say."""
    insight = report.insight
    if insight is None or not report.completeness.tables_evaluated:
        return
    named = titles(report)
    governance = insight.governance
    yield (
        f"governed: {governance.governed.tables:,} of {known(governance):,} tables"
        f" ({share(governance.share)}), {share(governance.share_of_bytes)} of the data"
    )
    for exempted in insight.exempted:
        if exempted.total.tables:
            title = named.get(exempted.policy_id, exempted.policy_id)
            yield f"exempt: {amount(exempted.total)}: {title}: {', '.join(kinds(exempted))}"
    yield from _what_if(insight)
    for lacking in insight.lacking:
        title = named.get(lacking.policy_id, lacking.policy_id)
        largest = " The largest:" if lacking.largest else ""
        yield f"lacking: {title}: {lacking_words(lacking)}{largest}"
        yield from map(_lacking, lacking.largest[:_LARGEST])
    if insight.change is not None:
        yield from _change(insight.change)


def _what_if(insight: Insight) -> Iterator[str]:
    for tried in insight.what_if:
        yield f"at {settings(tried.settings)}: {_tried(tried)}"
    if insight.not_tried:
        yield f"at other thresholds: not tried, {insight.not_tried}"


def _tried(tried: WhatIf) -> str:
    groups = (
        ("newly failing", tried.newly_failing),
        ("no longer failing", tried.no_longer_failing),
        ("not decided there", tried.unknown),
    )
    parts = [f"{verb} {amount(number)}" for verb, number in groups if number.tables]
    return "; ".join(parts) or "nothing changes"


def _lacking(table: LackingTable) -> str:
    size_text = "size unknown" if table.bytes is None else wording.size(table.bytes)
    excuse = f", exempt: {table.excuse}" if table.excuse else ""
    return f"  {table.full_name}, {size_text}{excuse}"


def _change(change: Change) -> Iterator[str]:
    yield f"since {wording.utc(change.clock)} ({change.source}):"
    groups: tuple[tuple[str, Amount, tuple[str, ...]], ...] = (
        ("new", change.added, change.added_examples),
        ("gone", change.removed, change.removed_examples),
        ("fixed", change.fixed, change.fixed_examples),
        ("newly non-compliant", change.broken, change.broken_examples),
    )
    for word, number, examples in groups:
        some = f": {', '.join(examples[:_LARGEST])}" if examples else ""
        yield f"  {word}: {amount(number)}{some}"
    for difference in change.differences:
        yield f"  {difference}"
