"""What the settings make of one table's policies, and which place gave each value.

`variants.py` resolves the same for a run, where only what differs matters. Here every place that
names a value is kept, so that a person sees which one counts and which ones it replaces.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct

from lakewarden.evaluation.variants import Variants
from lakewarden.model.clock import has_begun
from lakewarden.model.decision import Enforcement
from lakewarden.model.policy import Policy
from lakewarden.model.waiver import WaiverKind, WaiverState
from lakewarden.settings.settings import Settings
from lakewarden.settings.waiver_limits import WaiverLimit
from lakewarden.settings.waivers import Waiver, index_waivers, state_at
from lakewarden.settings.yaml_file import Place
from lakewarden_collector.patterns import Pattern


class Giver(StrEnum):
    """What kind of place gives a value."""

    DEFAULT = "default"
    """The policy's annotation, or the domain's settings schema."""
    FILE = "file"
    """The settings file, for all tables."""
    OVERRIDE = "override"


class GivenValue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value as one place gives it."""

    value: Any
    by: Giver
    where: str
    """The settings file and line; of a default, the file alone."""
    tables: tuple[str, ...] = ()
    """All patterns of the override."""
    matched: tuple[str, ...] = ()
    """Those of them that match the table."""


class EffectiveValue(GivenValue, frozen=True, kw_only=True, omit_defaults=True):
    """The value that counts for the table, and where it comes from."""

    replaced: tuple[GivenValue, ...] = ()
    """What it replaces, the latest first."""


class EffectivePolicy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One policy as it applies to the table."""

    policy_id: str
    title: str
    enforcement: EffectiveValue
    """`off` where the table gets no decision by it, or `not_applicable` because it is off here."""
    severity: EffectiveValue
    effective_on: EffectiveValue | None = None
    """The day (UTC) from which the table's mandatory policy is mandatory; None without one."""
    advisory_until: str | None = None
    """That day, where it hasn't begun by the clock."""
    settings: tuple[str, ...] | None = None
    """The settings of its domain that it reads, sorted; None where it reads them as a whole."""
    override: str | None = None
    """What a decision about the table says in its own `override`."""


class CoveringWaiver(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A waiver that names the table, by `table` or by `pattern`."""

    policy: str
    state: WaiverState
    """Where it stands by the clock."""
    expires: str
    reason: str
    owner: str
    approved_by: str
    where: str
    """File and line."""
    table: str | None = None
    pattern: str | None = None
    ticket: str | None = None
    starts: str | None = None
    kind: WaiverKind = WaiverKind.ACCEPTED
    """Left out where it's accepted."""
    too_long: str = ""
    """Why it isn't applied: it lasts longer than the settings allow."""

    @classmethod
    def of(cls, waiver: Waiver, where: str, clock: str, too_long: str = "") -> CoveringWaiver:
        """Return a waiver with its file and line, and its state at an RFC 3339 time."""
        return cls(
            policy=waiver.policy,
            state=state_at(waiver.starts, waiver.expires, clock),
            expires=waiver.expires,
            reason=waiver.reason,
            owner=waiver.owner,
            approved_by=waiver.approved_by,
            where=where,
            table=waiver.table or None,
            pattern=waiver.pattern or None,
            ticket=None if waiver.ticket is UNSET else waiver.ticket,
            starts=None if waiver.starts is UNSET else waiver.starts,
            kind=waiver.kind,
            too_long=too_long,
        )


class EffectiveRules(Struct, frozen=True, kw_only=True):
    """All that a run would decide about one table by, but for its document."""

    full_name: str
    now: str
    """RFC 3339 time in UTC, by which waivers expire and policies become mandatory."""
    policies: tuple[EffectivePolicy, ...]
    """Sorted by id; those that are off are there too."""
    settings: dict[str, dict[str, EffectiveValue]]
    """By domain and name."""
    waivers: tuple[CoveringWaiver, ...]
    """In the order of their file."""


class DefaultPlaces(Struct, frozen=True, kw_only=True):
    """The files that defaults stand in."""

    policies: Mapping[str, str]
    """Policy id to the file of its module."""
    schemas: Mapping[str, str]
    """Domain to the file of its settings schema."""


class TableRules:
    """Finds what applies to a table, by the rules of a run.

    `declared` are the policies that are to be shown, as their annotations have them; `variants` are
    those of the same settings.
    """

    def __init__(
        self,
        declared: Sequence[Policy],
        settings: Settings,
        variants: Variants,
        schemas: Mapping[str, Mapping[str, Any]],
        places: DefaultPlaces,
    ) -> None:
        self._declared = declared
        self._settings = settings
        self._variants = variants
        self._schemas = schemas
        self._places = places
        self._numbers = list(_numbers(settings))

    def of(
        self,
        full_name: str,
        clock: str,
        *,
        names: Mapping[str, Collection[str]],
        waivers: Sequence[tuple[Waiver, str, WaiverLimit]] = (),
    ) -> EffectiveRules:
        """Return what applies to a table at an RFC 3339 time.

        `names` are the settings that are to be shown, by domain; `waivers` come with file and line,
        and what the settings allow them. Those of other policies than the declared ones are left
        aside.
        """
        return EffectiveRules(
            full_name=full_name,
            now=clock,
            policies=tuple(self._policy(policy, full_name, clock) for policy in self._declared),
            settings={
                domain: {
                    name: self._setting(domain, name, full_name)
                    for name in self._schemas[domain]["properties"]
                    if name in shown
                }
                for domain, shown in sorted(names.items())
            },
            waivers=tuple(self._covering(waivers, full_name, clock)),
        )

    def _policy(self, policy: Policy, full_name: str, clock: str) -> EffectivePolicy:
        variant = self._variants.of(full_name)
        change = variant.changes.get(policy.policy_id) if variant else None
        enforcement = self._choice(policy, "enforcement", full_name)
        day = self._day(policy, full_name) if enforcement.value == Enforcement.MANDATORY else None
        return EffectivePolicy(
            policy_id=policy.policy_id,
            title=policy.title,
            enforcement=enforcement,
            severity=self._choice(policy, "severity", full_name),
            effective_on=day,
            advisory_until=day.value if day and not has_begun(day.value, clock) else None,
            settings=policy.settings,
            override=change.override if change else None,
        )

    def _choice(self, policy: Policy, key: str, full_name: str) -> EffectiveValue:
        domain, _, name = policy.policy_id.partition(".")
        default = GivenValue(
            value=str(getattr(policy, key)),
            by=Giver.DEFAULT,
            where=self._places.policies[policy.policy_id],
        )
        return _effective([default, *self._given(domain, (key, name), full_name)])

    def _day(self, policy: Policy, full_name: str) -> EffectiveValue | None:
        domain, _, name = policy.policy_id.partition(".")
        given = list(self._given(domain, ("effective_on", name), full_name))
        return _effective(given) if given else None

    def _setting(self, domain: str, name: str, full_name: str) -> EffectiveValue:
        default = GivenValue(
            value=self._schemas[domain]["properties"][name]["default"],
            by=Giver.DEFAULT,
            where=self._places.schemas[domain],
        )
        return _effective([default, *self._given(domain, (name,), full_name)])

    def _given(self, domain: str, place: Place, full_name: str) -> Iterator[GivenValue]:
        """Yield what the domain's settings file says there, for all tables and by overrides."""
        file = self._settings.files.get(domain)
        if file is None:
            return
        for found in _at(file.value, place):
            yield GivenValue(value=found, by=Giver.FILE, where=file.where(place))
        for number in self._variants.matching(full_name):
            override = self._settings.overrides[number]
            if override.domain != domain:
                continue
            index = self._numbers[number]
            for found in _at(file.value["overrides"][index], place):
                yield GivenValue(
                    value=found,
                    by=Giver.OVERRIDE,
                    where=file.where(("overrides", index, *place)),
                    tables=override.tables,
                    matched=tuple(
                        each for each in override.tables if Pattern(each).matches(full_name)
                    ),
                )

    def _covering(
        self, waivers: Sequence[tuple[Waiver, str, WaiverLimit]], full_name: str, clock: str
    ) -> Iterator[CoveringWaiver]:
        policies = {policy.policy_id for policy in self._declared}
        for number in index_waivers(waiver for waiver, _, _ in waivers).covering(full_name):
            waiver, where, limit = waivers[number]
            if waiver.policy not in policies:
                continue
            yield CoveringWaiver.of(waiver, where, clock, limit.too_long)


def _numbers(settings: Settings) -> Iterator[int]:
    """Yield of each override its place in the file of its domain."""
    counts: dict[str, int] = {}
    for override in settings.overrides:
        counts[override.domain] = counts.get(override.domain, -1) + 1
        yield counts[override.domain]


def _at(stated: Mapping[str, Any], place: Place) -> Iterator[Any]:
    """Yield the value that stands at a place, if there is one."""
    found: Any = stated
    for step in place:
        if step not in found:
            return
        found = found[step]
    yield found


def _effective(given: Sequence[GivenValue]) -> EffectiveValue:
    """Return the last of what was given, with all before it as replaced."""
    *before, last = given
    return EffectiveValue(
        value=last.value,
        by=last.by,
        where=last.where,
        tables=last.tables,
        matched=last.matched,
        replaced=tuple(reversed(before)),
    )
