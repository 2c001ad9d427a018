"""The words for what differs between two reports, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.model.diff import (
    WORSE,
    Cause,
    ChangeCount,
    ChangeCounts,
    ChangedViolation,
    Diff,
    ReportedOutcome,
    ReportSide,
    TableGroup,
    ViolationChange,
)
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.history import past
from lakewarden.renderers.words.insight import KINDS
from lakewarden.renderers.words.proof import terms
from lakewarden_collector.counted import counted

CHANGES: Final = {
    ViolationChange.NEW: "new",
    ViolationChange.REOPENED: "reopened",
    ViolationChange.MANDATORY: "newly mandatory",
    ViolationChange.UNDECIDED: "no longer decided",
    ViolationChange.EXEMPT: "newly exempt",
    ViolationChange.OTHER_RULES: "over by other rules",
    ViolationChange.NOT_APPLICABLE: "no longer applicable",
    ViolationChange.FIXED: "fixed",
    ViolationChange.GONE: "gone",
    ViolationChange.ADVISORY: "no longer mandatory",
    ViolationChange.STILL_FAILING: "still failing",
}

TITLES: Final = {
    ViolationChange.NEW: "New failures, the heaviest first",
    ViolationChange.REOPENED: "Failing again",
    ViolationChange.MANDATORY: "Still failing, and mandatory now",
    ViolationChange.UNDECIDED: "Failed, and is no longer decided",
    ViolationChange.EXEMPT: "Failed, and is exempt now",
    ViolationChange.OTHER_RULES: "No longer fails, by other policies or settings",
    ViolationChange.NOT_APPLICABLE: "No longer applicable",
    ViolationChange.FIXED: "Fixed",
    ViolationChange.GONE: "Failed, and the table is gone",
    ViolationChange.ADVISORY: "Still failing, and only advisory now",
}

CAUSES: Final = {
    Cause.DATA: "the data",
    Cause.POLICIES: "the policies",
    Cause.SETTINGS: "the settings",
    Cause.WAIVERS: "the waivers",
    Cause.ENGINE: "the engine",
    Cause.CLOCK: "the time",
    Cause.SCOPE: "the scope",
}

_REPORTED: Final = {
    **{ReportedOutcome(outcome): words for outcome, words in wording.OUTCOMES.items()},
    ReportedOutcome.NO_POLICY: "the policy isn't there",
    ReportedOutcome.NO_TABLE: "the table isn't there",
    ReportedOutcome.UNREAD: "the table wasn't read",
    ReportedOutcome.OUT_OF_SCOPE: "outside the run's limits",
}


def diff_headline(diff: Diff) -> str:
    """Return the sentence that a diff begins with."""
    new = sum(diff.total[change].violations for change in WORSE)
    mandatory = sum(diff.total[change].mandatory for change in WORSE)
    changed = sum(count.violations for count in diff.total.values())
    still = diff.total[ViolationChange.STILL_FAILING].violations
    if changed == still:
        return f"No violation is new and none is over: {_still(still)}."
    first = f"{counted(new, 'new failure')}{f', {mandatory:,} mandatory' if new else ''}"
    others = [
        f"{diff.total[change].violations:,} {words}"
        for change, words in CHANGES.items()
        if change not in {*WORSE, ViolationChange.STILL_FAILING} and diff.total[change].violations
    ]
    return f"{'; '.join((first, *others, _still(still)))}."


def _still(number: int) -> str:
    return f"{number:,} still {'fails' if number == 1 else 'fail'}"


def side(report: ReportSide) -> str:
    """Say which report it is: `2026-11-23 05:10:00 UTC, every table of prod, from databricks`."""
    return f"{wording.utc(report.clock)}, {report.scope}, from {report.source}"


def differing(diff: Diff) -> str:
    """Say what differs between the runs, a sentence."""
    if not diff.causes:
        return "Nothing differs between the two runs but what they found."
    return f"Between the two runs, {_and(diff.causes)} changed."


def _and(causes: tuple[Cause, ...]) -> str:
    return wording.and_so_on([CAUSES[each] for each in causes])


def notes(diff: Diff) -> Iterator[str]:
    """Yield what else a reader must know, a sentence each."""
    if contradicted := diff.contradicted.violations:
        verb = "fails" if contradicted == 1 else "fail"
        yield (f"{counted(contradicted, 'violation')} had been reported fixed and {verb} again.")
    undecided = diff.newly_undecided
    if undecided.decisions:
        tables = counted(undecided.tables.tables, "table")
        yield (
            f"{counted(undecided.decisions, 'decision')} about {tables} couldn't be made, but "
            "could before: there may be failures among them."
        )
    if undecided.lost:
        some = ", ".join(undecided.lost[:3])
        rest = len(undecided.lost) - 3
        more = f" and {rest:,} more" if rest > 0 else ""
        yield f"Not read, unlike before: {some}{more}."


def amount(count: ChangeCount) -> str:
    """Write tables and their data: `2 tables, 1.5 GiB`."""
    return f"{counted(count.tables, 'table')}, {wording.known_size(count)}"


def summed(counts: ChangeCounts) -> list[str]:
    """Say what changed by a policy or for an owner: `3 new (2 tables, 1.5 GiB)`."""
    return [
        f"{counts[change].violations:,} {words} ({amount(counts[change])})"
        for change, words in CHANGES.items()
        if change in counts
    ]


def with_changes(groups: dict[str, ChangeCounts]) -> list[tuple[str, ChangeCounts]]:
    """Return the policies or owners of which something has changed."""
    return [item for item in groups.items() if item[1].keys() != {ViolationChange.STILL_FAILING}]


def tables(diff: Diff) -> list[tuple[str, TableGroup]]:
    """Return the tables that only one report has, or under another name; groups that there are."""
    renamed = diff.tables.renamed
    names = tuple(f"{each.known_as} is {each.full_name}" for each in renamed.examples)
    found = (
        ("added", diff.tables.added),
        ("read again", diff.tables.newly_read),
        ("newly in scope", diff.tables.newly_in_scope),
        ("vanished", diff.tables.vanished),
        ("not read any more", diff.tables.no_longer_read),
        ("no longer in scope", diff.tables.no_longer_in_scope),
        ("renamed", TableGroup(amount=renamed.amount, examples=names)),
    )
    return [(words, group) for words, group in found if group.amount.tables]


def before(each: ChangedViolation) -> str:
    """Say how a violation was before that fails now."""
    name = f" as {each.known_as}" if each.known_as else ""
    was = f"Before{name}: {_REPORTED[each.before]}."
    if each.history is None:
        return was
    return f"{was} Fails {past(each.history)}."


def now(each: ChangedViolation) -> str:
    """Say how a violation stands now that failed before."""
    stands = f"Now: {_REPORTED[each.after]}"
    for exemption in each.exemptions[:1]:
        more = terms(exemption)
        how = KINDS.get(exemption.kind, f"by {exemption.kind}")
        return f"{stands} {how}: {exemption.reason}{f' ({more})' if more else ''}"
    return wording.sentences([stands, each.message])


def cause(each: ChangedViolation) -> str:
    """Say what changed a decision, or what can have."""
    if not each.causes:
        return "Cause: unknown."
    names = [CAUSES[one] for one in each.causes]
    if each.proven:
        return f"Cause, found by deciding again: {wording.and_so_on(names)}."
    return f"Cause: {names[0]}." if len(names) == 1 else f"Possible causes: {', '.join(names)}."
