"""A report, packed so that another can be compared with it, violation by violation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.diff import ReportedOutcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Run, TableReport
from lakewarden.report.causes import Absence
from lakewarden.report.previous import PreviousReport, PreviousTable, pack, packed_table
from lakewarden.report.recount_table import WAIVER
from lakewarden.report.summary import Tally
from lakewarden.report.table_status import PolicyIndex, enforcement_of, severity_of
from lakewarden.report.violations import outcome_about, violation_keys
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import TOOLS

_BROKEN: Final = (Outcome.FAIL, Outcome.EXEMPT)


class ComparedReport(Protocol):
    """What a comparison reads of a report, but for its tables."""

    @property
    def run(self) -> Run:
        """Where it comes from."""
        ...

    @property
    def completeness(self) -> Completeness:
        """What it lacks."""
        ...

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Its policy index."""
        ...


class TableSide(Struct, frozen=True, kw_only=True):
    """A table as one of the reports has it."""

    full_name: str
    owner: str | None
    size: int | None


class Proof(Struct, frozen=True, array_like=True):
    """What a table's decision says of its violations: a fail, or an exemption that hides some."""

    policy: int
    outcome: Outcome
    would_be: Outcome | None
    keys: tuple[str | None, ...]
    severity: Severity
    enforcement: Enforcement
    waived_until: tuple[str, ...]
    """When its waivers end."""

    @classmethod
    def of(cls, number: int, policy: Policy, decision: Decision) -> Proof:
        """Return what a decision of a policy says, which has that number in its report."""
        return cls(
            policy=number,
            outcome=decision.outcome,
            would_be=decision.would_be,
            keys=tuple(violation_keys(decision)),
            severity=severity_of(policy, decision),
            enforcement=enforcement_of(policy, decision),
            waived_until=tuple(
                each.expires for each in decision.exemptions if each.kind == WAIVER and each.expires
            ),
        )

    @property
    def failing(self) -> tuple[str | None, ...]:
        """The keys of what fails."""
        return self.keys if self.outcome is Outcome.FAIL else ()

    def reported(self, key: str | None) -> ReportedOutcome:
        """Return how a violation stands by this."""
        return ReportedOutcome(outcome_about(self.outcome, self.would_be, self.keys, key))

    def hides(self, key: str | None) -> tuple[str, ...]:
        """Return when the waivers end that exempt a violation which is there; nothing for none."""
        hidden = self.outcome is Outcome.EXEMPT and self.would_be is Outcome.FAIL
        return self.waived_until if hidden and key in self.keys else ()


class _Broken(Struct, frozen=True, array_like=True):
    """What is kept of a table that breaks something, beside its outcomes and its size."""

    owner: str | None
    proofs: tuple[Proof, ...]


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = decoder(_Broken).decode


class OldReport:
    """A report, packed so that another can be compared with it; a diff uses it up."""

    def __init__(self, report: ComparedReport, tables: Iterable[TableReport]) -> None:
        self._index: PolicyIndex = {each.policy_id: each for each in report.policies}
        self.numbers = {policy_id: number for number, policy_id in enumerate(self._index)}
        self._definitions = self._others = 0
        self._broken: dict[str, bytes] = {}
        self._ids: dict[str, str] = {}
        about = report.run, report.completeness, report.policies
        self.packed: PreviousReport = pack(about, map(self._noted, tables))
        planned = is_planned(report.run, self._definitions, self._others)
        self.absent = Absence(report.run, report.completeness, planned=planned)

    def add(self, table: TableReport) -> None:
        """Pack one table more, which no diff has been asked about yet."""
        self._noted(table)
        self.packed.add(table.full_name, packed_table(table, self._index))

    def take_proofs(self, full_name: str) -> tuple[str | None, dict[str, Proof]]:
        """Remove what a table breaks, by policy id; return it and the owner where it has some."""
        stored = self._broken.pop(full_name, None)
        if stored is None:
            return None, {}
        broken = _decode(stored)
        return broken.owner, {self.packed.policies[each.policy]: each for each in broken.proofs}

    def name_of(self, table_id: str | None) -> str | None:
        """Return the name of the table with an id, if it's there and wasn't taken out yet."""
        name = None if table_id is None else self._ids.get(table_id)
        return name if name in self.packed.tables else None

    def _noted(self, table: TableReport) -> TableReport:
        self._definitions += table.definition is not None
        self._others += table.definition is None
        proofs = tuple(
            Proof.of(self.numbers[policy_id], self._index[policy_id], decision)
            for policy_id, decision in table.decisions.items()
            if decision.outcome in _BROKEN
            and (decision.violations or decision.would_be is Outcome.PASS)
        )
        if table.table_id is not None:
            self._ids.setdefault(table.table_id, table.full_name)
        if proofs:
            self._broken[table.full_name] = _encode(_Broken(table.owner, proofs))
        return table


class OldTable:
    """A table of the new report as the old one has it, taken out of there."""

    def __init__(self, old: OldReport, full_name: str) -> None:
        """Take a table out, by its name of then."""
        self._old = old
        self.missing: ReportedOutcome | None = None
        """Why the old report doesn't have it; None where it does."""
        self.proofs: dict[str, Proof] = {}
        """By policy id."""
        self._table: PreviousTable | None = None
        self._owner: str | None = None
        taken = old.packed.take(full_name)
        if taken is None:
            self.missing = old.absent.of_table(full_name)
            return
        name, packed = taken
        self._table = PreviousTable.read(packed, len(old.numbers))
        self._owner, self.proofs = old.take_proofs(name)

    def reported(self, policy_id: str, key: str | None) -> ReportedOutcome:
        """Return how the old report sees a violation."""
        if self._table is None:
            return self.missing or ReportedOutcome.NO_TABLE
        proof = self.proofs.get(policy_id)
        if proof is not None:
            return proof.reported(key)
        number = self._old.numbers.get(policy_id)
        if number is None:
            return self._old.absent.of_policy(policy_id)
        return ReportedOutcome(self._table.outcomes[number])

    def side(self, now: TableSide) -> TableSide:
        """Return the table as it was where it broke something, under its name of today."""
        size = self._table.size if self._table else None
        return TableSide(full_name=now.full_name, owner=self._owner, size=size)


def absence_after(run: Run, completeness: Completeness, tally: Tally) -> Absence:
    """Return what says why a run lacks a decision, once its tables were counted."""
    planned = is_planned(run, tally.defined, tally.tables - tally.defined)
    return Absence(run, completeness, planned=planned)


def is_planned(run: Run, definitions: int, others: int) -> bool:
    """Whether a run is about the tables of a plan alone, as `Comparison` has it."""
    return bool((definitions or run.source in TOOLS) and not others)
