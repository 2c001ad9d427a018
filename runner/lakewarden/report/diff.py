"""What differs between two reports: the old one packed, the new one as a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec import structs

from lakewarden.model.baseline import RenamedTable
from lakewarden.model.decision import Decision, Enforcement, Outcome, PastFailure
from lakewarden.model.diff import (
    Cause,
    ChangedViolation,
    Diff,
    HeaviestViolations,
    NewlyUndecided,
    RenamedTables,
    ReportedOutcome,
    ReportSide,
    TableChanges,
    TableGroup,
    ViolationChange,
)
from lakewarden.model.insight import Amount
from lakewarden.model.report import Completeness, Run, TableReport
from lakewarden.report.amounts import EXAMPLES, Counted, bytes_of, count
from lakewarden.report.causes import Absence, Causes, Place, ProvenCauses, place_of
from lakewarden.report.comparison import differences
from lakewarden.report.diff_tally import DiffTally
from lakewarden.report.old_report import (
    ComparedReport,
    OldReport,
    OldTable,
    Proof,
    TableSide,
    is_planned,
)
from lakewarden.report.previous import PreviousTable
from lakewarden.report.table_status import PolicyIndex, enforcement_of, severity_of
from lakewarden.report.violations import message_of, outcome_about, violation_keys
from lakewarden.report.weight import Heaviest, load_order, weight_of
from lakewarden_collector.patterns import fold

NAMED: Final = 10
"""How many violations of each change are kept for a summary, the heaviest."""

_CONTRADICTED: Final = "contradicted"

_UNDECIDED: Final = (Outcome.UNKNOWN, Outcome.ERROR)
_WAS_UNDECIDED: Final = (ReportedOutcome.UNKNOWN, ReportedOutcome.ERROR, ReportedOutcome.UNREAD)
_CHANGES: Final = {
    ReportedOutcome.PASS: ViolationChange.FIXED,
    ReportedOutcome.NOT_APPLICABLE: ViolationChange.NOT_APPLICABLE,
    ReportedOutcome.EXEMPT: ViolationChange.EXEMPT,
    ReportedOutcome.NO_TABLE: ViolationChange.GONE,
}
"""What became of a violation that a report doesn't have, by the same rules; else it's undecided."""


_OVER: Final = (ViolationChange.FIXED, ViolationChange.NOT_APPLICABLE)
_RULES: Final = frozenset({Cause.POLICIES, Cause.SETTINGS})


class Differ:
    """Compares a new report with an old one: `changes` first, to its end, then `result`."""

    def __init__(
        self, old: OldReport, new: ComparedReport, proven: ProvenCauses = MappingProxyType({})
    ) -> None:
        """Take the reports, and what is proven already of the causes."""
        self._old, self._new = old, new
        self._proven = proven
        self._causes = Causes(old.packed.run, new.run)
        self._index: PolicyIndex = {policy.policy_id: policy for policy in new.policies}
        self._absent = Absence(new.run, new.completeness)
        before, after = old.packed.run.digests, new.run.digests
        self._same_rules = (before.policies, before.settings) == (after.policies, after.settings)
        self._old_clock = datetime.fromisoformat(old.packed.run.clock)
        self._tally = DiffTally()
        self._only_new = {each: Counted() for each in ReportedOutcome}
        self._only_old = {each: Counted() for each in ReportedOutcome}
        self._renames = _Renames()
        self._undecided = NewlyUndecided(tables=Amount())
        self._definitions = self._others = 0
        self._heaviest = {each: Heaviest(NAMED, _heaviest_first) for each in list(ViolationChange)}

    def changes(
        self,
        tables: Iterable[TableReport],
        again: Callable[[], Iterable[TableReport]] | None = None,
    ) -> Iterator[ChangedViolation]:
        """Yield every violation that only one of the reports has, or that is mandatory in one only.

        `tables` are the new one's. `again` gives them once more, for those that may be
        renamed: what the other report has of their old name is known when all were seen. Without
        it, none is taken for renamed.
        """
        for found in self._all(tables, again):
            proven = self._proven.get(place_of(found))
            each = structs.replace(found, causes=proven, proven=True) if proven else found
            self._heaviest[each.change].add([each])
            yield each

    def result(self) -> Diff:
        """Return the figures."""
        old, new = self._old.packed, self._new
        lost = _lost(old.completeness, new.completeness)
        return Diff(
            old=_side(old.run, old.completeness),
            new=_side(new.run, new.completeness),
            differences=tuple(
                differences(
                    (old.run, old.completeness, old.policies),
                    (new.run, new.completeness, tuple(self._index)),
                    planned=self._planned,
                    found_again=self._only_new[ReportedOutcome.UNREAD].amount.tables,
                    unread=self._only_old[ReportedOutcome.UNREAD].amount.tables,
                )
            ),
            causes=self._causes.differing,
            total=self._tally.total,
            contradicted=self._tally.apart(_CONTRADICTED),
            newly_undecided=structs.replace(self._undecided, lost=lost),
            tables=TableChanges(
                added=_group(self._only_new[ReportedOutcome.NO_TABLE]),
                newly_read=_group(self._only_new[ReportedOutcome.UNREAD]),
                newly_in_scope=_group(self._only_new[ReportedOutcome.OUT_OF_SCOPE]),
                vanished=_group(self._only_old[ReportedOutcome.NO_TABLE]),
                no_longer_read=_group(self._only_old[ReportedOutcome.UNREAD]),
                no_longer_in_scope=_group(self._only_old[ReportedOutcome.OUT_OF_SCOPE]),
                renamed=self._renames.tables,
            ),
            by_policy=self._tally.by_policy,
            by_owner=self._tally.by_owner,
        )

    @property
    def heaviest(self) -> HeaviestViolations:
        """The heaviest violations of each change, but those that still fail."""
        return {change: each.ordered() for change, each in self._heaviest.items()}

    @property
    def _planned(self) -> bool:
        return is_planned(self._new.run, self._definitions, self._others)

    def _all(
        self,
        tables: Iterable[TableReport],
        again: Callable[[], Iterable[TableReport]] | None,
    ) -> Iterator[ChangedViolation]:
        moved: set[str] = set()
        for table in tables:
            self._definitions += table.definition is not None
            self._others += table.definition is None
            if again and self._may_be_renamed(table):
                moved.add(table.full_name)  # unless the table of the old name comes yet
                continue
            self._tally.begin_table()
            yield from self._of_table(table)
        for table in again() if again and moved else ():
            if table.full_name in moved:
                self._tally.begin_table()
                yield from self._of_table(table, self._old.name_of(table.table_id))
        absent = Absence(self._new.run, self._new.completeness, planned=self._planned)
        for name, packed in self._old.packed.tables.items():
            self._tally.begin_table()
            yield from self._of_rest(name, packed, absent.of_table(name))

    def _may_be_renamed(self, table: TableReport) -> bool:
        return not self._old.packed.has(table.full_name) and (
            self._old.name_of(table.table_id) is not None
        )

    def _of_table(
        self, table: TableReport, known_as: str | None = None
    ) -> Iterator[ChangedViolation]:
        """Compare a table of the new report; `known_as` is its old name, where that is another."""
        now = TableSide(full_name=table.full_name, owner=table.owner, size=bytes_of(table))
        before = OldTable(self._old, known_as or table.full_name)
        if known_as is not None:
            self._renames.add(now, known_as)
        for each in self._violations(table, now, before):
            yield each if known_as is None else structs.replace(each, known_as=known_as)

    def _violations(
        self, table: TableReport, now: TableSide, before: OldTable
    ) -> Iterator[ChangedViolation]:
        if before.missing is not None:
            self._only_new[before.missing].add(now.full_name, now.size)
        undecided = 0
        for policy_id, decision in table.decisions.items():
            if decision.outcome in _UNDECIDED:
                undecided += self._is_newly_undecided(policy_id, decision, before)
            elif decision.outcome is Outcome.FAIL:
                for key in violation_keys(decision):
                    yield from self._failing(now, policy_id, key, decision, before)
        for policy_id, proof in before.proofs.items():
            yield from self._over(
                before.side(now), policy_id, proof, table.decisions.get(policy_id)
            )
        if undecided:
            self._undecided.decisions += undecided
            count(self._undecided.tables, now.size)

    def _of_rest(
        self, name: str, packed: bytes, absent: ReportedOutcome
    ) -> Iterator[ChangedViolation]:
        """Compare a table that only the old report has."""
        table = PreviousTable.read(packed, len(self._old.numbers))
        self._only_old[absent].add(name, table.size)
        owner, proofs = self._old.take_proofs(name)
        side = TableSide(full_name=name, owner=owner, size=table.size)
        for policy_id, proof in proofs.items():
            for key in proof.failing:
                yield self._gone(side, (policy_id, key), proof, absent)

    def _failing(
        self, now: TableSide, policy_id: str, key: str | None, decision: Decision, before: OldTable
    ) -> Iterator[ChangedViolation]:
        """Compare a violation of the new report."""
        policy = self._index[policy_id]
        enforcement = enforcement_of(policy, decision)
        mandatory = enforcement is Enforcement.MANDATORY
        was = before.reported(policy_id, key)
        proof = before.proofs.get(policy_id)
        if proof is not None and was is ReportedOutcome.FAIL:
            change = _still(mandatory, proof.enforcement is Enforcement.MANDATORY)
            self._tally.add(change, policy_id, now, mandatory=mandatory)
            if change is not ViolationChange.STILL_FAILING:
                yield self._found(now, (policy_id, key), decision, change)
            return
        past = next((each for each in decision.history if each.key == key), None)
        reopened = past is not None and self._is_reopened(past)
        change = ViolationChange.REOPENED if reopened else ViolationChange.NEW
        self._tally.add(change, policy_id, now, mandatory=mandatory)
        contradicted = past is not None and reopened and past.contradicted
        if contradicted := contradicted and was is ReportedOutcome.PASS:
            self._tally.add_apart(_CONTRADICTED, now, mandatory=mandatory)
        hidden = proof.hides(key) if proof else ()
        yield structs.replace(
            self._found(now, (policy_id, key), decision, change),
            before=was,
            causes=self._causes.of(policy_id, was, ReportedOutcome.FAIL, waived_until=hidden),
            history=past,
            contradicted=contradicted,
        )

    def _found(
        self,
        now: TableSide,
        about: tuple[str, str | None],
        decision: Decision,
        change: ViolationChange,
    ) -> ChangedViolation:
        """Return a violation of the new report that the old one has, too.

        `about` is its policy and its key.
        """
        policy_id, key = about
        policy = self._index[policy_id]
        message = next(each.message for each in decision.violations if each.key == key)
        return ChangedViolation(
            full_name=now.full_name,
            policy_id=policy_id,
            key=key,
            change=change,
            before=ReportedOutcome.FAIL,
            after=ReportedOutcome.FAIL,
            severity=severity_of(policy, decision),
            enforcement=enforcement_of(policy, decision),
            bytes=now.size,
            owner=now.owner,
            causes=self._causes.of_enforcement(),
            message=" ".join(message.split()),
        )

    def _over(
        self, side: TableSide, policy_id: str, proof: Proof, decision: Decision | None
    ) -> Iterator[ChangedViolation]:
        """Compare the violations of the old report by a policy; `decision` is the new one's."""
        if decision is None:
            absent = self._absent.of_policy(policy_id)
            for key in proof.failing:
                yield self._gone(side, (policy_id, key), proof, absent)
            return
        keys = violation_keys(decision)
        for key in proof.failing:
            outcome = outcome_about(decision.outcome, decision.would_be, keys, key)
            if outcome is Outcome.FAIL:
                continue
            hidden = Proof.of(0, self._index[policy_id], decision).hides(key)
            gone = self._gone(side, (policy_id, key), proof, ReportedOutcome(outcome), hidden)
            yield structs.replace(
                gone,
                # What proves a fail about other keys says nothing of this one.
                message=message_of(decision) if outcome is decision.outcome else "",
                exemptions=decision.exemptions if outcome is Outcome.EXEMPT else (),
            )

    def _gone(
        self,
        side: TableSide,
        about: tuple[str, str | None],
        proof: Proof,
        after: ReportedOutcome,
        hidden: tuple[str, ...] = (),
    ) -> ChangedViolation:
        """Count a violation that only the old report has, and return it.

        `about` is its policy and its key, `hidden` when the waivers end that hide it now.
        """
        policy_id, key = about
        change = _CHANGES.get(after, ViolationChange.UNDECIDED)
        place = fold(side.full_name), policy_id, key
        if change in _OVER and not self._same_rules and self._may_be_rules(place):
            change = ViolationChange.OTHER_RULES
        self._tally.add(
            change, policy_id, side, mandatory=proof.enforcement is Enforcement.MANDATORY
        )
        return ChangedViolation(
            full_name=side.full_name,
            policy_id=policy_id,
            key=key,
            change=change,
            before=ReportedOutcome.FAIL,
            after=after,
            severity=proof.severity,
            enforcement=proof.enforcement,
            bytes=side.size,
            owner=side.owner,
            causes=self._causes.of(policy_id, ReportedOutcome.FAIL, after, waived_until=hidden),
        )

    def _may_be_rules(self, place: Place) -> bool:
        """Whether other policies or settings may have ended a violation."""
        proven = self._proven.get(place)
        return proven is None or not _RULES.isdisjoint(proven)

    def _is_reopened(self, past: PastFailure) -> bool:
        """Whether a violation was over when the old report was made, and had failed before."""
        return past.reopened > 0 and datetime.fromisoformat(past.failing_since) > self._old_clock

    def _is_newly_undecided(self, policy_id: str, decision: Decision, before: OldTable) -> bool:
        enforcement = enforcement_of(self._index[policy_id], decision)
        gates = decision.outcome is Outcome.ERROR or enforcement is Enforcement.MANDATORY
        return gates and before.reported(policy_id, None) not in _WAS_UNDECIDED


class _Renames:
    """Counts renamed tables, and keeps some of their names."""

    def __init__(self) -> None:
        self._amount = Amount()
        self._names = Heaviest[RenamedTable](EXAMPLES, lambda each: each.full_name)

    def add(self, now: TableSide, known_as: str) -> None:
        """Count one."""
        count(self._amount, now.size)
        self._names.add([RenamedTable(full_name=now.full_name, known_as=known_as)])

    @property
    def tables(self) -> RenamedTables:
        """All of them."""
        return RenamedTables(amount=self._amount, examples=tuple(self._names.ordered()))


def _still(mandatory: bool, was_mandatory: bool) -> ViolationChange:  # noqa: FBT001 -- the same about two reports
    if mandatory is was_mandatory:
        return ViolationChange.STILL_FAILING
    return ViolationChange.MANDATORY if mandatory else ViolationChange.ADVISORY


def _heaviest_first(each: ChangedViolation) -> tuple[bool, int, int, str, str, str]:
    """Return a sort key as for failed decisions; then by key."""
    weight = weight_of(each.severity, each.bytes)
    order = load_order(each.enforcement, weight, each.severity)
    return *order, each.full_name, each.policy_id, each.key or ""


def _side(run: Run, completeness: Completeness) -> ReportSide:
    return ReportSide(
        clock=run.clock,
        source=run.source,
        scope=run.scope,
        narrowed=run.narrowed,
        complete=completeness.complete,
        tool_version=run.tool_version,
        engine=run.engine,
        digests=run.digests,
    )


def _group(tables: Counted) -> TableGroup:
    return TableGroup(amount=tables.amount, examples=tables.examples)


def _lost(before: Completeness, after: Completeness) -> tuple[str, ...]:
    """Return what a run couldn't read that the one before it didn't lack."""
    known = {(each.covers, fold(each.what)) for each in before.failures}
    lost = [each.what for each in after.failures if (each.covers, fold(each.what)) not in known]
    return (*lost, *(each for each in after.reasons if each not in before.reasons))
