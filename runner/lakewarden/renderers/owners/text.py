"""What one owner has to fix, as a Markdown text for a mail, a chat or an issue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TextIO

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Report
from lakewarden.renderers.markdown.escape import code, prose
from lakewarden.renderers.words import overview, wording
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.table_scan import Survey, survey
from lakewarden.report.weight import FailedDecision
from lakewarden_collector.counted import counted

LISTED: Final = 50
"""How many failures, and how many gaps, a text has; the page has all of them."""


def write_text(report: Report, owner: str, page: str, out: TextIO) -> Survey:
    """Write the text of an owner's report and return what was found in its tables.

    `page` is the file that has everything.
    """
    found = survey(report, keep=1, heaviest=LISTED)
    failures = report.summary.total.outcomes.get(Outcome.FAIL, 0)
    run = report.run
    out.write(f"# {code(owner)}: {prose(wording.headline(report))}\n")
    out.write(f"\nTables from {prose(run.scope)}, as of {prose(wording.utc(run.clock))}.")
    out.write(f" {overview.data_broken(report, found)} {overview.not_known(report)}".rstrip())
    out.write("\n")
    if failures:
        out.write("\n## What to do, the heaviest first\n")
    for number, each in enumerate(found.heaviest, 1):
        _failure(number, each, out)
    if failures > LISTED:
        out.write(f"\nThis text has {LISTED} of {counted(failures, 'failure')}.\n")
    _gaps(list(overview.gaps(report, found)), out)
    out.write(f"\nEvery table with its proof is in {code(page)}.\n")
    return found


def _failure(number: int, failed: FailedDecision, out: TextIO) -> None:
    todo = overview.to_do(failed)
    size = wording.table_size(failed.table)
    why = f": {prose(todo.why)}" if todo.why else ""
    strictly = enforcement(failed.policy, failed.decision)
    policy = f"**{prose(failed.policy.title)}** ({failed.severity}, {strictly}){why}"
    parts = [f"{number}. {code(failed.table.full_name)}, {size}", f"   {policy}"]
    if todo.definition:
        parts.append(f"   **{prose(todo.definition)}**")
    if todo.how:
        parts.append(f"   {prose(todo.how)}")
    if todo.sql:
        parts.append(_fenced(todo.sql))
    out.write("".join(f"\n{part}\n" for part in parts))


def _gaps(gaps: Sequence[overview.Gap], out: TextIO) -> None:
    if gaps:
        out.write("\n## What isn't known\n\n")
    for gap in gaps[:LISTED]:
        parts = [f"{prose(gap.what)}: {prose(gap.reason)}" if gap.reason else prose(gap.what)]
        if gap.remedy:
            parts.append(prose(gap.remedy))
        out.write(f"- {'. '.join(part.rstrip('.') for part in parts)}.\n")
    if len(gaps) > LISTED:
        out.write(f"- and {len(gaps) - LISTED:,} more\n")


def _fenced(sql: str) -> str:
    """Return SQL as a block of code within a list item; the fence is longer than any in it."""
    shown = wording.visible(sql, keep="\n")
    runs = (len(run) for run in re.findall("`+", shown))
    fence = "`" * max(3, 1 + max(runs, default=0))
    lines = [f"{fence}sql", *shown.split("\n"), fence]
    return "\n".join(f"   {line}" for line in lines)
