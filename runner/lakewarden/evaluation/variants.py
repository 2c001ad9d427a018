"""Overrides resolved: which settings a table has, and what they change about its decisions.

Resolved here and not in Rego: what a decision has to say about the override that was used is known
here anyway, and the engine is what limits a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.settings.overrides import Override, stated_enforcement, timed_enforcement
from lakewarden.settings.settings import Settings
from lakewarden_collector.patterns import Pattern, any_matches


class Change(Struct, frozen=True, kw_only=True):
    """What the settings change about one policy's decisions about some tables.

    `override` holds the patterns of the overrides that do; None where the policy is `off` for all
    tables that no override switches it on for.
    """

    override: str | None = None
    enforcement: Enforcement | None = None
    effective_on: str | None = None
    """The day until which `enforcement` is advisory; only beside it."""
    severity: Severity | None = None
    off: bool = False

    def apply(self, decision: Decision) -> Decision:
        """Return the decision with the change noted on it; what is off is not applicable."""
        if self.off:
            by = f" by the override for {self.override}" if self.override else ""
            return Decision(
                outcome=Outcome.NOT_APPLICABLE,
                reasons=(f"The settings turn this policy off for this table{by}.",),
                override=self.override,
                enforcement=self.enforcement,
            )
        return msgspec.structs.replace(
            decision,
            override=self.override,
            enforcement=self.enforcement,
            effective_on=self.effective_on,
            severity=self.severity,
        )


class Variant(Struct, frozen=True, kw_only=True, eq=False):
    """What the overrides that match a table make of its settings."""

    settings: dict[str, dict[str, Any]]
    """Complete settings of the domains in which something differs."""
    changes: dict[str, Change]
    """By policy id; only policies for which something differs."""


class Variants:
    """Finds each table's variant; tables that the same overrides match share one."""

    def __init__(self, settings: Settings, policies: Sequence[Policy]) -> None:
        self._settings = settings
        self._policies = policies
        self._effective_on = settings.effective_on
        self._overrides = [
            (override, [Pattern(pattern) for pattern in override.tables])
            for override in settings.overrides
        ]
        self._made: dict[tuple[int, ...], Variant | None] = {(): self._make(())}
        self._used: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._overrides)

    def of(self, full_name: str) -> Variant | None:
        """Return the variant of a table; None where the overrides change nothing for it."""
        matching = self.matching(full_name)
        if matching not in self._made:
            self._used.update(matching)
            self._made[matching] = self._make([self._overrides[n][0] for n in matching])
        return self._made[matching]

    def matching(self, full_name: str) -> tuple[int, ...]:
        """Return which overrides match a table: their places among the settings' overrides."""
        return tuple(
            number
            for number, (_, patterns) in enumerate(self._overrides)
            if any_matches(patterns, full_name)
        )

    def unused(self) -> tuple[Override, ...]:
        """Return the overrides that have matched no table so far."""
        return tuple(
            override
            for number, (override, _) in enumerate(self._overrides)
            if number not in self._used
        )

    def _make(self, overrides: Sequence[Override]) -> Variant | None:
        winners: dict[str, dict[str, Override]] = {}
        for override in overrides:  # the last one wins, key by key
            for name in override.settings:
                winners.setdefault(override.domain, {})[name] = override
        settings: dict[str, dict[str, Any]] = {}
        for domain, names in winners.items():
            base = self._settings.values[domain]
            changed = {
                name: override.settings[name]
                for name, override in names.items()
                if override.settings[name] != base[name]
            }
            winners[domain] = {name: names[name] for name in changed}
            if changed:
                settings[domain] = base | changed
        changes = {
            policy.policy_id: change
            for policy in self._policies
            if (change := self._change(policy, overrides, winners)) is not None
        }
        return Variant(settings=settings, changes=changes) if settings or changes else None

    def _change(
        self, policy: Policy, overrides: Sequence[Override], winners: dict[str, dict[str, Override]]
    ) -> Change | None:
        """Return what differs for a policy; a policy that does not say what it reads reads all."""
        policy_id = policy.policy_id
        named = winners.get(policy_id.partition(".")[0], {})
        read = named if policy.settings is None else set(policy.settings) & named.keys()
        used = {id(named[name]) for name in read}
        stated, severity = stated_enforcement(policy), policy.severity
        day = self._effective_on.get(policy_id)
        by: dict[str, Override] = {}
        for override in overrides:
            if policy_id in override.enforcement:
                stated = override.enforcement[policy_id]
                by["enforcement"] = override
            if policy_id in override.effective_on:
                day = override.effective_on[policy_id]
                by["effective_on"] = override
            if policy_id in override.severity:
                severity = override.severity[policy_id]
                by["severity"] = override
        enforcement, day = timed_enforcement(stated, day, self._settings.clock)
        changed = (enforcement, day) != (policy.enforcement, policy.effective_on)
        if enforcement is Enforcement.OFF:
            return Change(
                override=str(by["enforcement"]) if changed else None,
                enforcement=enforcement if changed else None,
                off=True,
            )
        if stated is not stated_enforcement(policy):
            used.add(id(by["enforcement"]))
        if "effective_on" in by and day not in (None, self._effective_on.get(policy_id)):
            used.add(id(by["effective_on"]))
        if severity is not policy.severity:
            used.add(id(by["severity"]))
        if not used:
            return None
        return Change(
            override="; ".join(dict.fromkeys(str(each) for each in overrides if id(each) in used)),
            enforcement=enforcement if changed else None,
            effective_on=day if changed else None,
            severity=severity if severity is not policy.severity else None,
        )
