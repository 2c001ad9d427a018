"""What became of each waiver in a run: what it covers and exempts, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import UNSET

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverCondition, WaiverKind, WaiverStatus
from lakewarden.settings.waiver_limits import WaiverLimit
from lakewarden.settings.waivers import Waiver, disagree, index_waivers, state_at
from lakewarden_collector.counted import counted

_WAIVER: Final = "waiver"
_FLAG: Final = "flag"

_KINDS: Final = {
    WaiverKind.ACCEPTED: "accepts the risk",
    WaiverKind.MITIGATED: "calls it mitigated",
    WaiverKind.FALSE_POSITIVE: "calls it a false positive",
}


class WaiverLedger:
    """Follows the waivers of a run's policies through its tables.

    The router decides what a waiver excuses; here the same waivers are only accounted for.
    """

    def __init__(
        self,
        waivers: Sequence[Waiver],
        policies: Sequence[Policy],
        clock: str,
        limits: Sequence[WaiverLimit] = (),
    ) -> None:
        """Take the waivers, and in their order what the settings allow each of them."""
        evaluated = {policy.policy_id for policy in policies}
        limits = limits or (WaiverLimit(),) * len(waivers)
        self._entries = [
            _Entry(waiver, clock, limit)
            for waiver, limit in zip(waivers, limits, strict=True)
            if waiver.policy in evaluated
        ]
        self._index = index_waivers([entry.waiver for entry in self._entries])

    def add(self, table: TableReport) -> None:
        """Take one table and its decisions into account."""
        by_policy: dict[str, list[_Entry]] = {}
        for number in self._index.covering(table.full_name):
            entry = self._entries[number]
            entry.tables += 1
            if entry.applies:
                by_policy.setdefault(entry.waiver.policy, []).append(entry)
        for policy_id, entries in by_policy.items():
            decision = table.decisions.get(policy_id)
            if decision is not None:
                for entry in entries:
                    entry.judge(table.full_name, decision)
            if len(entries) > 1:
                _compare(entries, table.full_name)

    def statuses(self, *, sees_all: Callable[[Waiver], bool]) -> tuple[WaiverStatus, ...]:
        """Return where each waiver stands, in the order of the file.

        `sees_all` says whether the run saw every table that a waiver may cover: only then can it
        tell that no table has its name, and that no table of its pattern needs it.
        """
        return tuple(entry.status(sees_all=sees_all(entry.waiver)) for entry in self._entries)


def _compare(entries: Sequence[_Entry], full_name: str) -> None:
    """Note whose waivers of one policy for a table contradict those of others."""
    stances: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        stances.setdefault((entry.waiver.owner, entry.waiver.kind), entry)
    if len(stances) < 2:  # noqa: PLR2004 -- one stance contradicts nobody
        return
    ordered = [stances[key] for key in sorted(stances)]
    for entry in entries:
        other = next(each for each in ordered if disagree(entry.waiver, each.waiver))
        entry.disputes.add(full_name, other.waiver)


class _Disputes:
    """The tables that other waivers have otherwise, told by the first one by name."""

    def __init__(self) -> None:
        self._tables = 0
        self._first: tuple[str, str] | None = None

    def add(self, full_name: str, other: Waiver) -> None:
        words = f"a waiver that {other.owner} answers for {_KINDS[other.kind]}"
        self._tables += 1
        self._first = min(filter(None, (self._first, (full_name, words))))

    def __str__(self) -> str:
        if self._first is None:
            return ""
        name, words = self._first
        more = f", and so for {counted(self._tables - 1, 'more table')}" if self._tables > 1 else ""
        return f"For {name}, {words}{more}."


class _Entry:
    def __init__(self, waiver: Waiver, clock: str, limit: WaiverLimit) -> None:
        self.waiver = waiver
        self.state = state_at(waiver.starts, waiver.expires, clock)
        self.applies = self.state.applies and not limit.too_long
        self.tables = 0
        self.disputes = _Disputes()
        self._is_exact = waiver.table is not UNSET
        self._limit = limit
        self._exempted = 0
        self._idle = 0
        """The tables whose decision would be the same without it."""
        self._flagged = ""

    def judge(self, full_name: str, decision: Decision) -> None:
        """Take into account what the policy decided about a table that it covers."""
        kinds = {exemption.kind for exemption in decision.exemptions}
        exempt = decision.outcome is Outcome.EXEMPT
        if exempt and _WAIVER in kinds:
            self._exempted += 1
        elif exempt and _FLAG in kinds and self._is_exact and decision.would_be is not Outcome.PASS:
            self._flagged = full_name
        elif decision.outcome is not Outcome.ERROR:
            self._idle += 1

    def status(self, *, sees_all: bool) -> WaiverStatus:
        waiver = self.waiver
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
            state=self.state,
            excuses=self._exempted,
            tables=self.tables,
            conditions=dict(self._conditions(sees_all=sees_all)),
        )

    def _conditions(self, *, sees_all: bool) -> Iterator[tuple[WaiverCondition, str]]:
        if self._limit.too_long:
            yield WaiverCondition.TOO_LONG, self._limit.too_long
        if not self.tables:
            if sees_all:
                name = "its name" if self._is_exact else "a name that matches its pattern"
                yield WaiverCondition.UNUSED, f"No table has {name}."
            else:
                yield WaiverCondition.UNSEEN, "This run didn't see every table that it may cover."
        if self.tables > self._limit.max_tables:
            covers = f"It covers {counted(self.tables, 'table')}, but at most"
            yield WaiverCondition.OVER_BROAD, f"{covers} {self._limit.max_tables:,} are allowed."
        if conflict := self._conflict():
            yield WaiverCondition.CONFLICTING, conflict
        if self._idle and self._idle == self.tables and (sees_all or self._is_exact):
            tables = "its table" if self.tables == 1 else "any of its tables"
            yield WaiverCondition.UNNEEDED, f"Without it, the policy doesn't fail {tables} either."

    def _conflict(self) -> str:
        flag = f"The owner of {self._flagged} exempts it by a flag." if self._flagged else ""
        return " ".join(filter(None, (str(self.disputes), flag)))
