"""Counts again what each waiver of a report covers and excuses, and compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lakewarden.model.decision import Decision, Exemption, Outcome
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverCondition, WaiverKind, WaiverStatus
from lakewarden.report.agreement import contradiction, require_equal, shown
from lakewarden.report.recount_table import WAIVER, waived
from lakewarden.settings.waivers import end_of, index_waivers, start_of, state_at


class WaiverRecount:
    """The waivers of one report."""

    def __init__(self, waivers: Sequence[WaiverStatus]) -> None:
        self._waivers = waivers
        self._index = index_waivers(waivers)
        self._covered = [0] * len(waivers)
        self._exempted = [0] * len(waivers)

    def add(self, where: str, table: TableReport) -> None:
        """Check the table's exemptions by waivers, and count them."""
        applied: dict[str, list[int]] = {}
        for number in self._index.covering(table.full_name):
            waiver = self._waivers[number]
            self._covered[number] += 1
            if waiver.state.applies and WaiverCondition.TOO_LONG not in waiver.conditions:
                applied.setdefault(waiver.policy, []).append(number)
        for policy_id, decision in table.decisions.items():
            if decision.outcome is Outcome.EXEMPT and waived(decision):
                numbers = applied.get(policy_id, [])
                for number in numbers:
                    self._exempted[number] += 1
                approved = [_approval(self._waivers[number]) for number in numbers]
                for reason in _unapproved(decision, approved):
                    raise contradiction(
                        f"{where}: {shown(table.full_name)}: decisions.{policy_id}",
                        f"the report has no active waiver for this: {shown(reason)}",
                    )

    def check(self, file: str, clock: str) -> None:
        """Raise `ConfigurationError` for a waiver that isn't what was counted."""
        for number, waiver in enumerate(self._waivers):
            path = f"$.waivers[{number}]"
            require_equal(file, f"{path}.excuses", waiver.excuses, self._exempted[number])
            require_equal(file, f"{path}.tables", waiver.tables, self._covered[number])
            if (waiver.table is None) == (waiver.pattern is None):
                raise contradiction(f"{file}: {path}", "it must name a table or a pattern")
            for what in _faults(waiver, clock):
                raise contradiction(f"{file}: {path}.{what[0]}", what[1])


def _faults(waiver: WaiverStatus, clock: str) -> Iterator[tuple[str, str]]:
    """Yield each field that can't be as it is, and why."""
    try:
        end_of(waiver.expires)
    except (ValueError, OverflowError) as error:
        yield "expires", str(error)
    try:
        start_of(waiver.starts or waiver.expires)
    except ValueError as error:
        yield "starts", str(error)
    try:
        state = state_at(waiver.starts, waiver.expires, clock)
    except (ValueError, TypeError) as error:
        yield "state", str(error)
    else:
        if waiver.state is not state:
            yield "state", f"it says {waiver.state}, but by the run's clock it's {state}"
    names = waiver.conditions.keys()
    if bool(waiver.tables) is not names.isdisjoint(
        {WaiverCondition.UNUSED, WaiverCondition.UNSEEN}
    ):
        yield "conditions", f"it says {shown(sorted(names))} of {waiver.tables:,} tables"
    if WaiverCondition.UNNEEDED in names and (waiver.excuses or not waiver.tables):
        yield "conditions", f"it isn't needed, but excuses {waiver.excuses:,} decisions"


def _unapproved(decision: Decision, approved: Sequence[tuple[str | None, ...]]) -> Iterator[str]:
    for exemption in decision.exemptions:
        if exemption.kind == WAIVER and _approval(exemption) not in approved:
            yield exemption.reason


def _approval(about: WaiverStatus | Exemption) -> tuple[str | None, ...]:
    kind = about.kind if isinstance(about, WaiverStatus) else about.waiver_kind
    return (
        *(about.reason, about.owner, about.approved_by, about.ticket, about.starts, about.expires),
        kind or WaiverKind.ACCEPTED,
    )
