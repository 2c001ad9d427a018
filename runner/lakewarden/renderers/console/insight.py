"""What a run means, in a few lines on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakewarden.model.history import LastingFailure
from lakewarden.model.insight import Amount, Change, Insight, WhatIf
from lakewarden.model.report import Report
from lakewarden.renderers.console.layout import Sheet
from lakewarden.renderers.words import insight as words
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.history import INCOMPLETE, apart
from lakewarden.renderers.words.wording import visible
from lakewarden.report.table_status import Status
from lakewarden_collector.counted import counted

_POLICIES: Final = 2
"""For how many policies other thresholds are shown; the other formats have all."""

_RUNS: Final = 10
"""How many runs of the trend are shown."""

_LASTING: Final = 3
"""How many violations are named that fail for longest, or that are contradicted."""


def show_insight(sheet: Sheet, report: Report) -> None:
    """Say how much is governed, which policy has most exemptions, and what would change."""
    insight = report.insight
    if insight is None:
        return
    titles = words.titles(report)
    sheet.heading("Insights")
    sheet.line(_governed(insight), indent=2)
    if insight.exempted:
        sheet.line(_exempted(insight, titles), indent=2)
    if insight.not_tried:
        sheet.line(f"Other thresholds weren't evaluated: {visible(insight.not_tried)}", indent=2)
    for policy_id, tries in list(words.tried(report).items())[:_POLICIES]:
        sheet.line(
            f'With other thresholds for "{_title(policy_id, titles)}": '
            f"{'; '.join(_nearest(tries))}",
            indent=2,
        )


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
    how = visible(", ".join(words.kinds(first)))
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
        f"{_against(each)} with {visible(words.settings(each.settings))}"
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


def show_change(sheet: Sheet, report: Report) -> None:
    """Say what has changed since the previous report, or what a plan changes."""
    change = report.insight.change if report.insight else None
    if change is None:
        return
    sheet.heading(words.change_title(change, visible(wording.utc(change.clock))))
    if change.planned:
        estate = visible(f"{change.scope} of {wording.utc(change.clock)}")
        broken = counted(change.broken.tables, "table")
        sheet.line(
            f"The plan breaks {broken} and fixes {change.fixed.tables:,}, compared with {estate}.",
            indent=2,
        )
    counts = {
        "non-compliant tables": _before_and_after(sheet, change, Status.NON_COMPLIANT),
        "undecided tables": _before_and_after(sheet, change, Status.UNDECIDED),
    }
    for what, numbers in counts.items():
        sheet.line(f"{what}: {numbers}", indent=2)
    for what, amount, names in words.changed_tables(change):
        if amount.tables:
            shown = ", ".join(map(visible, names))
            rest = f" and {amount.tables - len(names):,} more" if amount.tables > len(names) else ""
            sheet.line(f"{words.amount(amount)} {what}: {shown}{rest}", indent=2)
    if change.differences:
        caveats = " ".join(map(visible, change.differences))
        sheet.line(f"{words.CAVEATS}: {caveats}", indent=2)


def show_history(sheet: Sheet, report: Report) -> None:
    """Say how it went over the runs that can be compared, and what has been broken for longest."""
    history = report.history
    if history is None:
        return
    comparable = [each for each in history.runs if each.comparable][-_RUNS:]
    sheet.heading("Trend")
    numbers = sheet.own(" → ").join(
        f"{each.tables.get(Status.NON_COMPLIANT, Amount()).tables:,}"
        f"{'' if each.complete else INCOMPLETE}"
        for each in comparable
    )
    sheet.line(f"non-compliant tables, {counted(len(comparable), 'run')}: {numbers}", indent=2)
    incomplete = sum(not each.complete for each in comparable)
    if incomplete:
        marked = f"{counted(incomplete, 'run')} marked {INCOMPLETE}"
        verb = "is" if incomplete == 1 else "are"
        sheet.line(f"{marked} {verb} incomplete: more may be broken", indent=2, style="yellow")
    left_out = len(history.runs) - sum(each.comparable for each in history.runs)
    if left_out:
        sheet.line(f"{counted(left_out, 'run')} can't be compared with this one", indent=2)
    if others := apart(history):
        sheet.line(others.removesuffix("."), indent=2)
    parts = [
        f"{counted(history.failing, 'violation')}: {history.new:,} new",
        f"{history.reopened:,} reopened",
        f"{history.fixed:,} fixed",
    ]
    if history.days_to_fix is not None:
        parts.append(f"median time to fix {history.days_to_fix:,.1f} days")
    sheet.line(", ".join(parts), indent=2)
    for each in history.contradictions[:_LASTING]:
        sheet.line(
            f"contradicted, reported fixed and fails again: {_failure(each)}", indent=2, style="red"
        )
    sheet.more(history.contradicted, "contradicted violation", indent=2, shown=_LASTING)
    for each in history.oldest[:_LASTING]:
        since = visible(wording.utc(each.failing_since))
        sheet.line(f"fails since {since}: {_failure(each)}", indent=2)


def _failure(lasting: LastingFailure) -> str:
    return visible(wording.violation_name(lasting.full_name, lasting.policy_id, lasting.key))


def _before_and_after(sheet: Sheet, change: Change, status: Status) -> str:
    before, after = (each.get(status, Amount()).tables for each in (change.before, change.after))
    return sheet.own(f"{before:,} → {after:,}")


def _title(policy_id: str, titles: Mapping[str, str]) -> str:
    return visible(titles.get(policy_id, policy_id))
