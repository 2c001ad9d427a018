"""One version of the rules, and the decisions made by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.dependents import Basis
from lakewarden.engines.choice import EngineKindOptions
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.question import Question
from lakewarden.evaluation.waiver_ledger import WaiverLedger
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Gate, Run, TableReport
from lakewarden.model.waiver import WaiverStatus
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import GateOptions
from lakewarden.options.tables import TableOptions
from lakewarden.policy_set import PolicySet
from lakewarden.report.gate import judge
from lakewarden.report.old_report import absence_after
from lakewarden.report.summary import Tally


@dataclass(frozen=True, kw_only=True)
class TrialOptions:
    """The tables, what they are decided by now, and what gates; as for a run."""

    tables: TableOptions
    policies: PolicyOptions = field(default_factory=PolicyOptions)
    """The present policies and settings."""
    gate: GateOptions = field(default_factory=GateOptions)
    baseline: Path | None = None
    engine: EngineKindOptions = field(default_factory=EngineKindOptions)
    clock: ClockOptions = field(default_factory=ClockOptions)


class Version(Struct, frozen=True, kw_only=True):
    """Policies in their engine, with settings and waivers, at one clock."""

    engine: Engine
    basis: Basis
    clock: str

    @property
    def rules(self) -> PolicySet:
        """Everything that decides, but for the engine."""
        return self.basis.rules

    @property
    def question(self) -> Question:
        """What the engine is asked, all but the documents."""
        return self.rules.question(self.clock)


class Decided:
    """Adds up the decisions of one version, and remembers what a report would say of the run."""

    def __init__(
        self,
        version: Version,
        about: tuple[Run, Completeness],
        gate: GateOptions,
        baseline: BaselineLedger | None,
    ) -> None:
        self.run, self.completeness = about
        self.policies: tuple[Policy, ...] = version.rules.policies
        self.seconds = 0.0
        self.asked = 0
        """Decisions that the engine made."""
        self._judged: JudgedWaivers | None = None
        self._version = version
        self.tally = Tally(self.policies)
        rules = version.rules
        self._waivers = WaiverLedger(
            rules.waivers, self.policies, version.clock, rules.waiver_limits
        )
        self._clock = version.clock
        self._gate = gate
        self._baseline = baseline

    def add(self, table: TableReport) -> TableReport:
        """Count a table; return it with the violations marked that the baseline knows."""
        if self._baseline is not None:
            table = self._baseline.mark(table)
        self.tally.add(table)
        if self._gate.strict_waivers:
            self._waivers.add(table)
        return table

    def finish(self) -> None:
        """Have the policies about waivers decide, once every table was added.

        Raises as `Engine.check_modules` does: others may have decided.
        """
        version = self._version
        self._judged = version.rules.waiver_judge(version.clock).judge(
            version.engine, version.rules.waivers
        )
        version.engine.check_modules()

    @property
    def gate(self) -> Gate:
        """What an evaluation gates by, once every table was added."""
        return judge(
            self.tally.gating,
            self.completeness,
            known=self.tally.known,
            permissions=self._gate.allow,
            gate_disabled=self._gate.no_gate,
            fail_on=self._gate.fail_on,
            advisory=self.tally.advisory,
            waivers=self._statuses if self._gate.strict_waivers else None,
            clock=self._clock,
            judged=self._judged,
        )

    @property
    def _statuses(self) -> tuple[WaiverStatus, ...]:
        """Where each waiver stands, as in a report."""
        absence = absence_after(self.run, self.completeness, self.tally)
        return self._waivers.statuses(sees_all=absence.sees_all)
