"""The few findings that a CI system shows of a step, the worst first, and what to say of the rest.

A CI system shows ten of a kind and drops the others without a word. So no more are chosen, and all
are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from operator import attrgetter
from typing import Final

from msgspec import Struct

from lakewarden.model.decision import Outcome, Severity
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.words.findings import (
    Finding,
    Level,
    Place,
    Worst,
    causes,
    findings,
    place_of,
)
from lakewarden.renderers.words.wording import headline
from lakewarden.report.table_status import PolicyIndex
from lakewarden_collector.counted import counted

MOST: Final = 10
"""Annotations of one kind that GitHub shows of a step, and Azure DevOps."""

INCOMPLETE: Final = "Lakewarden: the run is incomplete"
_NAMED: Final = 5
"""What couldn't be read or decided that one annotation names."""


class Annotation(Struct, frozen=True, kw_only=True):
    """What is shown of one finding, or of several that say the same of a table."""

    kind: str
    title: str
    message: str
    """Several lines: what is wrong, then what to do."""
    place: Place | None = None
    """Where a planned table is declared."""
    code: str = ""
    """The policy's id; empty where several are meant."""
    findings: int = 0


class Annotations(Struct, frozen=True, kw_only=True):
    """The chosen ones, kind by kind, and how many findings there are of each kind."""

    chosen: list[Annotation]
    seen: dict[str, int]
    suppressed: int
    """Findings that are waived or known to the baseline: none of them is chosen."""


def annotate(report: Report, kinds: Mapping[Level, str]) -> Annotations:
    """Choose at most `MOST` of each kind; `kinds` are the CI system's words for levels.

    A run that couldn't look at everything, or decide it, is the first error.
    """
    policy_index = {policy.policy_id: policy for policy in report.policies}
    worst = {kind: Worst[Annotation](MOST) for kind in kinds.values()}
    seen = dict.fromkeys(worst, 0)
    suppressed = undecided = 0
    for table in report.tables():
        for same in _grouped(table, policy_index, report.gate.fail_on):
            if same[0].is_suppressed:
                suppressed += len(same)
                continue
            undecided += sum(each.gates and each.outcome is not Outcome.FAIL for each in same)
            kind = kinds[same[0].level]
            seen[kind] += len(same)
            worst[kind].offer(same[0], partial(_annotation, kind, same))
    chosen = list(_incomplete(report, undecided, kinds[Level.ERROR]))
    for kind, kept in worst.items():
        room = MOST - sum(each.kind == kind for each in chosen)
        chosen += kept.ordered()[:room]
    return Annotations(chosen=chosen, seen=seen, suppressed=suppressed)


def conclusion(report: Report, found: Annotations, product: str) -> str:
    """Say what was annotated of what there is, and where the rest is."""
    shown = dict.fromkeys(found.seen, 0)
    for each in found.chosen:
        shown[each.kind] += each.findings
    left_out = sum(found.seen.values()) - sum(shown.values())
    counts = [
        f"{shown[kind]:,} of {counted(seen, kind)}" for kind, seen in found.seen.items() if seen
    ]
    parts = [headline(report)]
    nothing = "Nothing else to annotate." if found.chosen else "Nothing to annotate."
    parts.append(f"Annotated {', '.join(counts)}." if counts else nothing)
    if left_out:
        verb = "isn't" if left_out == 1 else "aren't"
        parts.append(
            f"{counted(left_out, 'finding')} of lower weight {verb} annotated: {product} shows "
            f"{MOST} of each level. See the other reports."
        )
    if found.suppressed:
        parts.append(f"{counted(found.suppressed, 'waived or known finding')} left out.")
    return " ".join(parts)


def _grouped(
    table: TableReport, policy_index: PolicyIndex, fail_on: Severity | None
) -> Iterator[list[Finding]]:
    """Yield a table's findings, those together that lack the same evidence for a decision."""
    groups: dict[object, list[Finding]] = {}
    ordered = sorted(findings(table, policy_index, fail_on), key=attrgetter("worst_first"))
    for number, each in enumerate(ordered):
        lacking = each.outcome is Outcome.UNKNOWN
        same = (each.level, each.decision.missing, bool(each.waivers)) if lacking else number
        groups.setdefault(same, []).append(each)
    yield from groups.values()


def _annotation(kind: str, same: list[Finding], first: Finding) -> Annotation:
    """Return the annotation for findings that say the same of one table."""
    place = place_of(first.table)
    what = first.policy.title
    parts = [first.message, first.advice.strip()]
    if len(same) > 1:
        what = f"{counted(len(same), 'policy')} undecided"
        parts.append(f"Undecided: {', '.join(each.policy.policy_id for each in same)}.")
    return Annotation(
        kind=kind,
        title=f"{first.table.full_name}: {what}",
        message="\n".join(filter(None, parts)),
        place=None if place.stands_for_table else place,
        code=first.policy.policy_id if len(same) == 1 else "",
        findings=len(same),
    )


def _incomplete(report: Report, undecided: int, kind: str) -> Iterator[Annotation]:
    """Yield an annotation of a run that couldn't look at everything, or decide it."""
    found = [cause.text for cause in causes(report)]
    lines = found[:_NAMED]
    if len(found) > _NAMED:
        lines.append(f"And {len(found) - _NAMED:,} more.")
    if undecided:
        lines.append(f"{counted(undecided, 'decision')} that gate couldn't be made.")
    if lines:
        yield Annotation(kind=kind, title=INCOMPLETE, message="\n".join(lines))
