"""What a run means, in a few lines on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakewarden.model.insight import Amount, Change, Insight, WhatIf
from lakewarden.model.report import Report
from lakewarden.renderers.console.layout import Sheet
from lakewarden.renderers.words import insight as words
from lakewarden.renderers.words import wording
from lakewarden.report.table_status import Status
from lakewarden_collector.counted import counted

_POLICIES: Final = 2
"""For how many policies other thresholds are shown; the other formats have all."""


def show_insight(sheet: Sheet, report: Report) -> None:
    """Say how much is governed, which policy has most exemptions, and what would or did change."""
    insight = report.insight
    if insight is None:
        return
    titles = words.titles(report)
    change = insight.change
    sheet.heading("Insights")
    if change is not None and change.planned:  # what the reviewer of a plan asks first
        _change(sheet, change)
    sheet.line(_governed(insight), indent=2)
    if insight.exempted:
        sheet.line(_exempted(insight, titles), indent=2)
    if insight.not_tried:
        sheet.line(
            f"Other thresholds weren't evaluated: {wording.visible(insight.not_tried)}", indent=2
        )
    for policy_id, tries in list(words.tried(report).items())[:_POLICIES]:
        sheet.line(
            f'With other thresholds for "{_title(policy_id, titles)}": '
            f"{'; '.join(_nearest(tries))}",
            indent=2,
        )
    if change is not None and not change.planned:
        _change(sheet, change)


def _governed(insight: Insight) -> str:
    governance = insight.governance
    known = counted(words.known(governance), "known table")
    share = "" if governance.share is None else f" ({words.share(governance.share)})"
    data = ""
    if governance.share_of_bytes is not None:
        data = f", with {words.share(governance.share_of_bytes)} of the data of known size"
    return f"Governed: {governance.governed.tables:,} of {known}{share}{data}"


def _exempted(insight: Insight, titles: Mapping[str, str]) -> str:
    first, *others = words.most_exempt(insight)
    how = wording.visible(", ".join(words.kinds(first)))
    verb = "has" if len(others) == 1 else "have"
    more = f" {counted(len(others), 'more policy')} {verb} exemptions." if others else ""
    return (
        f'Exempt from "{_title(first.policy_id, titles)}": {words.amount(first.total)}. '
        f"{how[:1].upper()}{how[1:]}.{more}"
    )


def _nearest(tries: list[WhatIf]) -> list[str]:
    """Say what the next smaller and the next larger settings would change."""
    lower = [each for each in tries if each.factor < words.AS_IT_IS][-1:]
    upper = [each for each in tries if each.factor > words.AS_IT_IS][:1]
    return [
        f"{_against(each)} with {wording.visible(words.settings(each.settings))}"
        for each in (*lower, *upper)
    ]


def _against(tried: WhatIf) -> str:
    parts = [
        f"{counted(number, f'{more} table')} would fail"
        for number, more in (
            (tried.newly_failing.tables, "more"),
            (tried.no_longer_failing.tables, "fewer"),
        )
        if number
    ]
    return " and ".join(parts) or "no change"


def _change(sheet: Sheet, change: Change) -> None:
    undecided = f"undecided tables {_before_and_after(change, Status.UNDECIDED)}"
    non_compliant = f"non-compliant tables {_before_and_after(change, Status.NON_COMPLIANT)}"
    time = wording.visible(wording.utc(change.clock))
    added = counted(change.added.tables, "table")
    if change.planned:
        sheet.line(
            f"The plan breaks {counted(change.broken.tables, 'table')} and fixes "
            f"{change.fixed.tables:,}, compared with {wording.visible(change.scope)} of {time}: "
            f"{non_compliant}; {undecided}; {added} new",
            indent=2,
        )
    else:
        sheet.line(
            f"Since {time}: {non_compliant} "
            f"({change.fixed.tables:,} no longer, {change.broken.tables:,} new); {undecided}; "
            f"{added} added, {change.removed.tables:,} removed or not read",
            indent=2,
        )
    if change.differences:
        caveats = " ".join(map(wording.visible, change.differences))
        sheet.line(f"{words.CAVEATS}: {caveats}", indent=4)


def _before_and_after(change: Change, status: Status) -> str:
    before, after = (each.get(status, Amount()).tables for each in (change.before, change.after))
    return f"{before:,} → {after:,}"


def _title(policy_id: str, titles: Mapping[str, str]) -> str:
    return wording.visible(titles.get(policy_id, policy_id))
