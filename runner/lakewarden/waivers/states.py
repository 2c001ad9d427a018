"""What only a run can tell of waivers, taken from its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from lakewarden.model.waiver import WaiverCondition, WaiverStatus
from lakewarden.report.recount import open_report
from lakewarden.settings.waivers import Waiver, is_expired
from lakewarden.waivers.waiver_file import Located
from lakewarden_collector.patterns import fold

Statuses: TypeAlias = dict[int, WaiverStatus]
"""What became of waivers in a run, by their places in the file."""

_NOTHING: Final = {
    WaiverCondition.UNUSED: "no table has its name",
    WaiverCondition.UNNEEDED: "nothing needs it",
}


def statuses_in(waivers: Sequence[Located], report: Path | None) -> Statuses:
    """Return what a JSON report says of the waivers; nothing without one.

    A waiver that was changed since isn't the one that the report speaks of.
    """
    if report is None:
        return {}
    known = defaultdict(list)
    for status in open_report(report).waivers:
        known[_identity(status)].append(status)
    found = {}
    for each in waivers:
        if statuses := known.get(_identity(each.waiver)):
            found[each.index] = statuses.pop(0)
    return found


def useless(
    waivers: Sequence[Located], clock: str, found: Statuses
) -> Iterator[tuple[Located, str]]:
    """Yield the waivers that do nothing any more, with the reason."""
    for each in waivers:
        if is_expired(each.waiver.expires, clock):
            yield each, f"expired on {each.waiver.expires}"
        elif each.index in found:
            conditions = found[each.index].conditions
            reason = next((words for of, words in _NOTHING.items() if of in conditions), None)
            if reason:
                yield each, reason


def _identity(waiver: Waiver | WaiverStatus) -> tuple[object, ...]:
    return (
        waiver.policy,
        fold(waiver.table or ""),
        waiver.pattern or "",
        waiver.kind,
        waiver.reason,
        waiver.owner,
        waiver.approved_by,
        waiver.starts or "",
        waiver.expires,
    )
