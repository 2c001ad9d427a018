"""Why two reports disagree: why one has no decision, and what can have changed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from msgspec import UnsetType

from lakewarden.model.diff import Cause, ChangedViolation, ReportedOutcome
from lakewarden.model.report import Completeness, Run
from lakewarden.settings.waivers import is_expired
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.names import is_full
from lakewarden_collector.patterns import Pattern, fold

_PARENTS: Final = ("schema", "catalog")
_DECIDING: Final = (Cause.DATA, Cause.POLICIES, Cause.SETTINGS, Cause.WAIVERS, Cause.ENGINE)
"""What a decision is a function of, beside the clock; policies can read waivers, too."""


class Coverage(Protocol):
    """What says which tables it is about: one by its name, or those that a pattern matches."""

    @property
    def table(self) -> str | UnsetType | None:
        """The exact full name."""
        ...

    @property
    def pattern(self) -> str | UnsetType | None:
        """In place of it, a pattern."""
        ...


class Absence:
    """Says why a run has no decision about a table or by a policy."""

    def __init__(self, run: Run, completeness: Completeness, *, planned: bool = False) -> None:
        """Take what a run says of itself; a `planned` one is about the tables of a plan alone."""
        self._run = run
        self._planned = planned
        self._tables = [Pattern(each) for each in _limits(run, "--table")]
        self._policies = [Pattern(each) for each in _limits(run, "--policy")]
        self._unread = {fold(each) for each in map(_table, completeness.failures) if each}
        for failure in completeness.failures:  # tables whose names differ in case share one
            self._unread.update(map(fold, _table(failure).split(", ")))
        unlisted = (each.what for each in completeness.failures if each.covers in _PARENTS)
        self._unlisted = tuple(_within(unlisted))
        self._left_out = {fold(each.what) for each in completeness.left_out}
        self._not_listed = tuple(_within(each.what for each in _whole(completeness.left_out)))
        partly = (each.what.removeprefix("tables of ") for each in completeness.left_out)
        self._partly_listed = tuple(_within(partly))
        self._may_lack_any = bool(completeness.reasons) or any(
            not _is_named(each) for each in completeness.failures
        )

    def of_table(self, full_name: str) -> ReportedOutcome:
        """Return how the run sees the violations of a table that it doesn't have."""
        name = fold(full_name)
        if name in self._unread or name.startswith(self._unlisted):
            return ReportedOutcome.UNREAD
        limited = self._tables and not any(each.matches(full_name) for each in self._tables)
        left_out = name in self._left_out or name.startswith(self._not_listed)
        if limited or left_out or self._planned:
            return ReportedOutcome.OUT_OF_SCOPE
        return ReportedOutcome.UNREAD if self._may_lack_any else ReportedOutcome.NO_TABLE

    def sees_all(self, waiver: Coverage) -> bool:
        """Whether the run saw every table that a waiver may cover, read or not there."""
        if isinstance(waiver.table, str):
            seen = self.of_table(waiver.table) is ReportedOutcome.NO_TABLE
            return seen and not fold(waiver.table).startswith(self._partly_listed)
        if self._tables or self._planned or self._may_lack_any:
            return False
        pattern = Pattern(str(waiver.pattern))
        parents = (*self._unlisted, *self._not_listed, *self._partly_listed)
        names = self._unread | self._left_out
        return not any(map(pattern.can_begin, parents)) and not any(map(pattern.matches, names))

    def of_policy(self, policy_id: str) -> ReportedOutcome:
        """Return how the run sees the violations of a policy that it doesn't have."""
        limited = self._policies and not any(each.matches(policy_id) for each in self._policies)
        return ReportedOutcome.OUT_OF_SCOPE if limited else ReportedOutcome.NO_POLICY


Place = tuple[str, str, str | None]
"""A table's name, case folded, a policy and a violation's key."""

ProvenCauses = Mapping[Place, tuple[Cause, ...]]
"""What changed violations, where deciding again has told."""


def place_of(change: ChangedViolation) -> Place:
    """Return what identifies a changed violation."""
    return fold(change.full_name), change.policy_id, change.key


class Causes:
    """Says what can have changed a decision, from what the two runs say of themselves.

    Where one thing alone differs, that is it. To decide again with one part exchanged at a time
    tells more: see `lakewarden.packs.causes`.
    """

    def __init__(self, old: Run, new: Run) -> None:
        self.differing: Final = tuple(_differing(old, new))
        self._clocks = old.clock, new.clock
        self._off = frozenset(old.policies_off) | frozenset(new.policies_off)

    def of(
        self,
        policy_id: str,
        before: ReportedOutcome,
        after: ReportedOutcome,
        *,
        waived_until: Sequence[str] = (),
    ) -> tuple[Cause, ...]:
        """Return what can have changed a decision, from how it stands in the two reports.

        `waived_until` is there where the table breaks the policy in both, and waivers that end
        then exempt it in one.
        """
        both = {before, after}
        if waived_until:
            return self._of_waiver(waived_until, exempt_before=before is ReportedOutcome.EXEMPT)
        if ReportedOutcome.OUT_OF_SCOPE in both:
            return (Cause.SCOPE,)
        if ReportedOutcome.NO_TABLE in both:
            return self._among(Cause.DATA, Cause.SCOPE)
        if ReportedOutcome.UNREAD in both:
            return self._among(Cause.DATA, Cause.ENGINE, Cause.SCOPE)
        if ReportedOutcome.NO_POLICY in both:
            return (Cause.SETTINGS if policy_id in self._off else Cause.POLICIES,)
        return self._among(*_DECIDING) or self._among(Cause.CLOCK)

    def of_enforcement(self) -> tuple[Cause, ...]:
        """Return what can have made a policy mandatory for a table, or advisory."""
        return self._among(Cause.POLICIES, Cause.SETTINGS, Cause.CLOCK)

    def _of_waiver(self, until: Sequence[str], *, exempt_before: bool) -> tuple[Cause, ...]:
        exempted, failed = self._clocks if exempt_before else self._clocks[::-1]
        if all(is_expired(each, failed) for each in until):
            return (Cause.CLOCK,)
        if datetime.fromisoformat(exempted) <= datetime.fromisoformat(failed):
            # What was active then, and hasn't expired, would be active.
            return self._among(Cause.WAIVERS)
        return self._among(Cause.WAIVERS, Cause.CLOCK)  # it may have begun since

    def _among(self, *causes: Cause) -> tuple[Cause, ...]:
        return tuple(each for each in self.differing if each in causes)


def _differing(old: Run, new: Run) -> Iterator[Cause]:
    for cause, part in (
        (Cause.DATA, "inventory"),
        (Cause.POLICIES, "policies"),
        (Cause.SETTINGS, "settings"),
        (Cause.WAIVERS, "waivers"),
    ):
        if getattr(old.digests, part) != getattr(new.digests, part):
            yield cause
    if (old.engine, old.tool_version) != (new.engine, new.tool_version):
        yield Cause.ENGINE
    if old.clock != new.clock:
        yield Cause.CLOCK
    if (old.source, old.scope, old.narrowed) != (new.source, new.scope, new.narrowed):
        yield Cause.SCOPE


def _limits(run: Run, option: str) -> Iterator[str]:
    """Yield the patterns of an option that limited a run."""
    for each in run.narrowed:
        name, _, pattern = each.partition(" ")
        if name == option:
            yield pattern


def _table(failure: Failure) -> str:
    return failure.what.removeprefix("table ") if failure.covers == "table" else ""


def _is_named(failure: Failure) -> bool:
    """Whether a failure says which tables it is about."""
    kind, _, parent = failure.what.partition(" ")
    if failure.covers in _PARENTS:
        return kind == failure.covers and bool(parent)
    names = _table(failure)
    return bool(names) and (is_full(names) or all(map(is_full, names.split(", "))))


def _whole(left_out: Iterable[LeftOut]) -> Iterator[LeftOut]:
    """Yield what was left out as a whole: not a number of tables within it."""
    return (each for each in left_out if not isinstance(each.tables, int))


def _within(names: Iterable[str]) -> Iterator[str]:
    """Yield how the names of the tables of each schema and catalog begin."""
    for each in names:
        kind, _, name = each.partition(" ")
        if kind in _PARENTS and name:
            yield f"{fold(name)}."
