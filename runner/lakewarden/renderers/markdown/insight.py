"""A report's insight in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount, Change, Insight, Lacking, LackingTable, WhatIf
from lakewarden.model.report import Report
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.markdown.layout import MarkdownSheet
from lakewarden.renderers.words import insight as words
from lakewarden.renderers.words import wording
from lakewarden.report.table_status import Status
from lakewarden_collector.counted import counted

POLICIES: Final = 3
"""For how many policies there is a table of their own; the others are counted."""


def show_insight(sheet: MarkdownSheet, report: Report) -> None:
    """Write the section, where the report has an insight."""
    insight = report.insight
    if insight is None:
        return
    titles = words.titles(report)
    change = insight.change
    sheet.heading(2, "Insights")
    if change is not None and change.planned:  # what the reviewer of a plan asks first
        _change(sheet, change, titles)
    sheet.line(_governed(insight))
    _exempted(sheet, insight, titles)
    _thresholds(sheet, report, insight, titles)
    _lacking(sheet, report, insight)
    if change is not None and not change.planned:
        _change(sheet, change, titles)


def _governed(insight: Insight) -> str:
    governance = insight.governance
    known = counted(words.known(governance), "known table")
    data = ""
    if governance.share_of_bytes is not None:
        data = f", with {words.share(governance.share_of_bytes)} of the data of known size"
    share = ""
    if governance.share is not None:
        share = f" (**{words.share(governance.share)}**)"
    apart = [
        f"{number:,} {what}"
        for number, what in (
            (governance.undecided.tables, "undecided"),
            (governance.outside.tables, "with no policy that applies"),
            (governance.unread, "that couldn't be read"),
        )
        if number
    ]
    rest = f"; {', '.join(apart)}" if apart else ""
    return (
        f"**{governance.governed.tables:,}** of {known}{share} are governed{data}{rest}. "
        f"{words.GOVERNED}{f' {words.UNLISTED}' if words.nobody_knows(governance) else ''}"
    )


def _exempted(sheet: MarkdownSheet, insight: Insight, titles: Mapping[str, str]) -> None:
    sheet.heading(3, "Exceptions")
    if not insight.exempted:
        sheet.line("No table is exempt from any policy.")
        return
    sheet.table(
        ("Policy", "Tables>", "Data>", "How"),
        (
            (
                _title(each.policy_id, titles),
                f"{each.total.tables:,}",
                wording.known_size(each.total),
                prose(", ".join(words.kinds(each))),
            )
            for each in words.most_exempt(insight)
        ),
        len(insight.exempted),
        "policy",
    )


def _thresholds(
    sheet: MarkdownSheet, report: Report, insight: Insight, titles: Mapping[str, str]
) -> None:
    tried = words.tried(report)
    if not tried and not insight.not_tried:
        return
    sheet.heading(3, "What if the threshold were different?")
    if insight.not_tried:
        sheet.line(f"Not evaluated: {prose(insight.not_tried)}")
    for policy_id, tries in list(tried.items())[:POLICIES]:
        sheet.line(f"**{_title(policy_id, titles)}**")
        sheet.table(
            ("Settings", "Fail>", "Exempt>", "Unknown>", "Change"),
            (
                (
                    _settings(each),
                    _figures(each.failing),
                    _figures(each.exempt),
                    f"{each.unknown.tables:,}",
                    _against(each),
                )
                for each in tries
            ),
            len(tries),
            "try",
        )
    _more_policies(sheet, len(tried))
    if tried:
        sheet.line(words.HOW_TRIED)


def _against(tried: WhatIf) -> str:
    parts = []
    if tried.newly_failing.tables:
        names = _named(tried.examples, tried.newly_failing)
        parts.append(f"+{_figures(tried.newly_failing)}{names}")
    if tried.no_longer_failing.tables:
        parts.append(f"\u2212{_figures(tried.no_longer_failing)}")
    return "; ".join(parts) or ("" if tried.factor == words.AS_IT_IS else "no change")


def _settings(tried: WhatIf) -> str:
    stated = prose(words.settings(tried.settings))
    return f"**current settings**: {stated}" if tried.factor == words.AS_IT_IS else stated


def _lacking(sheet: MarkdownSheet, report: Report, insight: Insight) -> None:
    telling = [each for each in insight.lacking if each.largest]
    for each in telling[:POLICIES]:
        _largest(sheet, report, each)
    _more_policies(sheet, len(telling))


def _largest(sheet: MarkdownSheet, report: Report, lacking: Lacking) -> None:
    sheet.heading(3, prose(words.largest(report, lacking.policy_id)))
    sheet.line(words.lacking(lacking))
    sheet.table(
        ("Table", "Size>", "Owner", "Outcome"),
        (
            (
                code(each.full_name),
                "unknown" if each.bytes is None else wording.size(each.bytes),
                code(each.owner) if each.owner else wording.owner(each.owner),
                _outcome(each),
            )
            for each in lacking.largest
        ),
        lacking.failing.tables + lacking.excused.tables,
        "table",
    )


def _outcome(table: LackingTable) -> str:
    if table.outcome is Outcome.FAIL:
        return "**fails**"
    return f"exempt: {prose(table.excuse)}" if table.excuse else "exempt"


def _change(sheet: MarkdownSheet, change: Change, titles: Mapping[str, str]) -> None:
    time = prose(wording.utc(change.clock))
    sheet.heading(3, words.change_title(change, time))
    scope = f"{prose(change.scope)}, from {code(change.source)}"
    if change.planned:
        sheet.line(f"Only tables of the plan are compared, with {scope}, of {time}.")
    else:
        sheet.line(f"The previous report covers {scope}.")
    if change.differences:
        sheet.line(f"{words.CAVEATS}:")
        sheet.items(map(prose, change.differences), len(change.differences), "difference")
    sheet.table(
        ("Status", "Before>", "Now>"),
        (
            (
                wording.STATUSES[status],
                _figures(change.before.get(status, Amount())),
                _figures(change.after.get(status, Amount())),
            )
            for status in Status
        ),
        len(Status),
        "status",
    )
    groups = words.changed_tables(change)
    sheet.items(
        (
            f"{counted(number.tables, 'table')} {what}{_named(some, number)}"
            for what, number, some in groups
        ),
        len(groups),
        "change",
    )
    if change.moved:
        sheet.line("Changed decisions:")
    sheet.items(
        (
            f"{_title(each.policy_id, titles)}: {wording.OUTCOMES[each.before]} → "
            f"{wording.OUTCOMES[each.after]}, {counted(each.amount.tables, 'table')}"
            f"{_named(each.examples, each.amount)}"
            for each in words.most_moved(change)
        ),
        len(change.moved),
        "kind of change",
    )


def _more_policies(sheet: MarkdownSheet, number: int) -> None:
    if number > POLICIES:
        sheet.line(f"The JSON report has {counted(number - POLICIES, 'more policy')}.")


def _title(policy_id: str, titles: Mapping[str, str]) -> str:
    return prose(titles.get(policy_id, "")) or code(policy_id)


def _figures(number: Amount) -> str:
    return f"{number.tables:,}{words.in_brackets(number)}"


def _named(some: Sequence[str], number: Amount) -> str:
    if not some:
        return ""
    rest = number.tables - len(some)
    more = f" and {rest:,} more" if rest > 0 else ""
    return f": {', '.join(map(code, some))}{more}"
