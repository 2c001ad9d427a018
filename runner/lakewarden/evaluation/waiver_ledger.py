"""What became of each waiver in a run: whether it was active, met a table, excused anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverState, WaiverStatus
from lakewarden.settings.waivers import Waiver, is_expired, is_pending
from lakewarden_collector.patterns import Pattern, fold

_WAIVER: Final = "waiver"


class WaiverLedger:
    """Follows the waivers of a run's policies through its tables.

    The router decides what a waiver excuses; here the same waivers are only accounted for.
    """

    def __init__(self, waivers: Sequence[Waiver], policies: Sequence[Policy], clock: str) -> None:
        evaluated = {policy.policy_id for policy in policies}
        self._entries = [_Entry(each, clock) for each in waivers if each.policy in evaluated]
        self._unmet_named: dict[str, list[_Entry]] = {}
        self._unmet_patterns: list[_Entry] = []
        self._named: dict[tuple[str, str], list[_Entry]] = {}
        """The active ones by policy and table, and below those by pattern, by policy."""
        self._patterned: dict[str, list[_Entry]] = {}
        for entry in self._entries:
            waiver = entry.waiver
            if isinstance(waiver.table, str):
                table = fold(waiver.table)
                self._unmet_named.setdefault(table, []).append(entry)
                if entry.applies:
                    self._named.setdefault((waiver.policy, table), []).append(entry)
            else:
                self._unmet_patterns.append(entry)
                if entry.applies:
                    self._patterned.setdefault(waiver.policy, []).append(entry)

    def add(self, table: TableReport) -> None:
        """Take one table and its decisions into account."""
        if not self._entries:
            return
        name = table.full_name
        folded = fold(name)
        for entry in self._unmet_named.pop(folded, []):
            entry.met = True
        still = []
        for entry in self._unmet_patterns:
            entry.met = entry.covers(name)
            if not entry.met:
                still.append(entry)
        self._unmet_patterns = still
        for policy_id, decision in table.decisions.items():
            if _waived(decision):
                for entry in self._named.get((policy_id, folded), []):
                    entry.excuses += 1
                for entry in self._patterned.get(policy_id, []):
                    entry.excuses += entry.covers(name)

    def statuses(self, *, whole: bool) -> tuple[WaiverStatus, ...]:
        """Return where each waiver stands, in the order of the file.

        Only a run over the `whole` estate can tell that no table has a waiver's name.
        """
        return tuple(entry.status(whole=whole) for entry in self._entries)


class _Entry:
    def __init__(self, waiver: Waiver, clock: str) -> None:
        self.waiver = waiver
        self.expired = is_expired(waiver.expires, clock)
        self.pending = is_pending(waiver.starts, clock)
        self.applies = not self.expired and not self.pending
        self.met = False
        self.excuses = 0
        pattern = waiver.pattern
        self._table = fold(waiver.table) if isinstance(waiver.table, str) else None
        self._pattern = Pattern(pattern) if isinstance(pattern, str) else None

    def covers(self, full_name: str) -> bool:
        if self._pattern is not None:
            return self._pattern.matches(full_name)
        return self._table == fold(full_name)

    def status(self, *, whole: bool) -> WaiverStatus:
        waiver = self.waiver
        missed = WaiverState.UNMATCHED if whole else WaiverState.UNSEEN
        state = WaiverState.ACTIVE if self.met else missed
        if self.expired or self.pending:
            state = WaiverState.EXPIRED if self.expired else WaiverState.PENDING
        return WaiverStatus(
            policy=waiver.policy,
            table=waiver.table or None,
            pattern=waiver.pattern or None,
            reason=waiver.reason,
            owner=waiver.owner,
            approved_by=waiver.approved_by,
            ticket=None if waiver.ticket is UNSET else waiver.ticket,
            starts=None if waiver.starts is UNSET else waiver.starts,
            expires=waiver.expires,
            kind=waiver.kind,
            state=state,
            excuses=self.excuses,
        )


def _waived(decision: Decision) -> bool:
    return decision.outcome is Outcome.EXEMPT and any(
        exemption.kind == _WAIVER for exemption in decision.exemptions
    )
