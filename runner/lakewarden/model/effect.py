"""What other rules would do to the same tables. JSON, schema version 1."""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.diff import ChangedViolation, Diff
from lakewarden.model.insight import Amount
from lakewarden.model.report import Gate

EFFECT_SCHEMA_VERSION: Final = 1


class ChangedSetting(Struct, frozen=True, kw_only=True):
    """A setting with another value, overrides for some tables aside."""

    name: str
    """`<domain>.<setting>`."""
    before: Any
    """Null where its domain is new."""
    after: Any
    """Null where its domain is gone."""


class PolicyTerms(Struct, frozen=True, kw_only=True):
    """How a policy bites, overrides for some tables aside."""

    severity: Severity
    enforcement: Enforcement
    effective_on: str | None
    """The day (UTC) until which a mandatory policy is advisory; null without one."""


class ChangedTerms(Struct, frozen=True, kw_only=True):
    """A policy that both versions decide by, and that bites otherwise."""

    policy_id: str
    before: PolicyTerms
    after: PolicyTerms


class RuleChanges(Struct, frozen=True, kw_only=True):
    """What differs between the present rules and the changed ones."""

    settings: tuple[ChangedSetting, ...]
    overrides: bool
    """Whether the overrides for some tables differ."""
    terms: tuple[ChangedTerms, ...]
    policies_added: tuple[str, ...]
    """Only the changed rules decide by them: they are new, or were off."""
    policies_removed: tuple[str, ...]
    """Only the present rules decide by them: they are gone, or off."""
    modules: tuple[str, ...]
    """The Rego files whose text differs, that are new, or that are gone."""
    waivers_added: int
    waivers_removed: int
    """A waiver that was edited counts as one removed and one added."""
    waiver_limits: bool = False
    """Whether the settings allow waivers another lifetime, so that some may not apply any more."""
    notes: tuple[str, ...] = ()
    """What has to be kept in mind about the change, a sentence each."""


class RuleSide(Struct, frozen=True, kw_only=True):
    """The decisions of one version of the rules."""

    policies: int
    outcomes: dict[str, int]
    """Outcome to number of decisions; every outcome is present."""
    tables_by_status: dict[str, int]
    """As in a report's summary."""
    gate: Gate
    """What an evaluation would gate by."""
    decided: int
    """The decisions that the engine made for this version; the changed rules share the others."""
    seconds: float
    """How long it took to decide."""


class OutcomeMove(Struct, frozen=True, kw_only=True):
    """Decisions of one policy that go from one outcome to another."""

    before: Outcome | None
    """Null where the present rules don't have the policy."""
    after: Outcome | None
    """Null where the changed rules don't have the policy."""
    amount: Amount
    examples: tuple[str, ...]
    """Names of the five largest tables."""


class PolicyEffect(Struct, frozen=True, kw_only=True):
    """What becomes of one policy's decisions."""

    title: str
    decided_again: bool
    """Whether the change can reach its decisions, so that the engine was asked again."""
    unchanged: dict[str, int]
    """Outcome to number of tables that keep it; every outcome is present."""
    newly_failing: Amount
    """Tables that fail, and didn't."""
    no_longer_failing: Amount
    newly_mandatory: Amount
    """Tables that fail in both, and for which the policy is mandatory only by the changed rules."""
    no_longer_mandatory: Amount
    newly_passing: Amount
    """Tables that pass, and didn't."""
    newly_exempt: Amount
    newly_undecided: Amount
    """Tables that are `unknown` or an `error`, and were neither."""
    newly_not_applicable: Amount
    no_longer_decided: Amount
    """Tables of a policy that the changed rules don't have."""
    moved: tuple[OutcomeMove, ...]
    """All outcomes that differ, new failures first."""


class Effect(Struct, kw_only=True):
    """What a change of the rules does to the decisions about the same tables."""

    source: str
    scope: str
    clock: str
    """RFC 3339; one for both versions."""
    tables: int
    """How many were decided."""
    changes: RuleChanges
    before: RuleSide
    """The present rules."""
    after: RuleSide
    """The changed rules."""
    diff: Diff
    """What `lakewarden diff` says of two reports, one by each version: violation by violation."""
    policies: dict[str, PolicyEffect]
    """By policy id, of both versions."""


class SweepStep(Struct, frozen=True, kw_only=True):
    """The failures under one value of a setting."""

    value: int | float
    present: bool
    """Whether it is the value that the present rules have."""
    failing: Amount
    """Tables that fail a policy that the setting reaches, mandatory or advisory."""
    non_compliant: int
    """Tables that break a mandatory policy, whichever."""
    by_policy: dict[str, Amount]
    """The tables that fail each policy that the setting reaches."""
    undecided: int
    """Decisions of these policies that are `unknown` or an `error`."""
    exit_code: int
    """What an evaluation would exit with."""


class Sweep(Struct, frozen=True, kw_only=True):
    """The failures over the value of one setting."""

    setting: str
    """`<domain>.<setting>`."""
    steps: tuple[SweepStep, ...]
    """By rising value; the present one is among them."""


class EffectDocument(Effect, kw_only=True):
    """An effect as JSON."""

    schema_version: Literal[1]
    violations: tuple[ChangedViolation, ...]
    """All that changed, in the inventory's order."""


class SweepDocument(Sweep, frozen=True, kw_only=True):
    """A sweep as JSON."""

    schema_version: Literal[1]
    source: str
    scope: str
    clock: str
    """RFC 3339."""
    tables: int
    """How many were decided."""
