"""What `lakewarden explain` says: the shape of its JSON, which its text is made from."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from lakewarden.evaluation.deciding_step import DecidingStep
from lakewarden.evaluation.effective_rules import CoveringWaiver, EffectiveValue
from lakewarden.explain.candidates import Change
from lakewarden.model.decision import Decision, Enforcement, Severity
from lakewarden.model.diff import Cause
from lakewarden.model.report import EngineInfo, FactLabel
from lakewarden_collector.document import Definition

VERSION: Final = 1
"""Of the shape; a field that goes or means something else makes it a new one."""


class Decided(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which decisions are explained: those made now, of a report, or of a run of the history."""

    clock: str
    """RFC 3339 time that ages and expiries are counted from."""
    engine: EngineInfo
    source: str
    scope: str
    origin: str
    """What was read: an inventory, a source, a report, a pack, a history."""
    config: str = ""
    """The folder of settings and waivers, where they are at hand."""
    run_id: str | None = None
    """Of a run of the history."""


class AbsentEvidence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Evidence that isn't there, and why."""

    evidence: str
    status: str
    reason: str = ""


class ExplainedTable(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the table."""

    table_type: str | None = None
    data_source_format: str | None = None
    owner: str | None = None
    """Absent where the owner isn't known; empty where nobody owns the table."""
    size: dict[str, Any] = {}
    """Bytes, files, origin, as_of, exact."""
    definition: Definition | None = None
    evidence: tuple[AbsentEvidence, ...] = ()
    facts: dict[str, dict[str, Any]] = {}


class ExplainedChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of a flip; of a setting with the place that gives its present value."""

    what: Change
    where: str | None = None


class ExplainedFlip(Struct, frozen=True, kw_only=True):
    """Changes, one or two, under which the decision has another outcome."""

    outcome: str
    changes: tuple[ExplainedChange, ...]


class ChangedValue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact, a part of the document or a setting that differs between two runs."""

    name: str
    before: Any = None
    after: Any = None


class Since(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Since when the outcome is what it is, as far as the history goes."""

    clock: str
    """The first run that found it so, without another outcome since."""
    run_id: str
    previous_outcome: str | None = None
    """What the run before it found; absent where the history doesn't go further."""
    previous_clock: str | None = None
    causes: tuple[Cause, ...] = ()
    """What can have changed it; one alone where decisions were made again, or only one differs."""
    decided_again: bool = False
    """Whether the causes were found by deciding again, with the packs of both runs."""
    changed: tuple[ChangedValue, ...] = ()
    """Facts, parts of the document and settings that differ; known where both runs have packs."""
    first_failed_at: str | None = None
    reopened: int = 0


class ExplainedDecision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One policy about the table."""

    policy_id: str
    title: str
    severity: Severity
    enforcement: Enforcement
    decision: Decision
    step: DecidingStep
    advisory_until: str | None = None
    enforcement_given: EffectiveValue | None = None
    """Where the enforcement comes from, if it isn't the policy's own."""
    severity_given: EffectiveValue | None = None
    not_exempt: tuple[str, ...] = ()
    """Whom the policy exempts, as it says itself, where none of that is true of the table."""
    settings: dict[str, EffectiveValue] = {}
    """Those that the policy reads, with their places."""
    remediation: str = ""
    flips: tuple[ExplainedFlip, ...] = ()
    """The smallest first."""
    flips_searched: bool = False
    since: Since | None = None


class NearWaiver(Struct, frozen=True, kw_only=True):
    """A waiver that doesn't hold for a decision, and why not."""

    waiver: CoveringWaiver
    why: str


class Explanation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about one table."""

    version: int
    full_name: str
    decided: Decided
    table: ExplainedTable
    decisions: tuple[ExplainedDecision, ...]
    """In the order of their policies' ids."""
    waivers: tuple[CoveringWaiver, ...] = ()
    """Those that name the table."""
    near_waivers: tuple[NearWaiver, ...] = ()
    off: tuple[str, ...] = ()
    """Policies that the settings turn off for every table."""
    fact_labels: dict[str, FactLabel] = {}
    notes: tuple[str, ...] = ()
    """What couldn't be explained, and what would help."""
