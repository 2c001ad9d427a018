"""What became of each violation from run to run: a fold over decisions, without any storage.

A violation is the same if table, policy and key are. A table is known by its full name, case aside,
and by its id where its name is new and the old one is gone. A violation is over once a run finds it
not failing by the rules that had found it failing. All else only interrupts it: a run that can't
decide (unknown, error, a table that wasn't read), an exemption, a table that is gone, other rules.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

import msgspec
from msgspec import Struct, structs

from lakewarden.model.decision import Decision, Outcome, PastFailure
from lakewarden.model.report import TableReport
from lakewarden.report.violations import outcome_about, violation_keys
from lakewarden_collector.decoding import decoder
from lakewarden_collector.patterns import fold

KEPT_DAYS: Final = 90
"""How long a violation is followed that no run decides any more: its table is gone, for example."""

_DAY: Final = timedelta(days=1)


class State(StrEnum):
    """What is known of a violation that some run found."""

    FAILING = "failing"
    FIXED = "fixed"
    EXEMPT = "exempt"
    NOT_APPLICABLE = "not_applicable"
    OTHER_RULES = "other_rules"
    GONE = "gone"


_OVER: Final = {Outcome.PASS: State.FIXED, Outcome.NOT_APPLICABLE: State.NOT_APPLICABLE}
_STILL_OPEN: Final = (State.FAILING, State.EXEMPT, State.GONE)


class TrackedFailure(Struct, frozen=True, kw_only=True, array_like=True):
    """A violation that some run found, as the latest run knows it. Times are clocks of runs.

    `failing_since` is when it was first found since it was last over; `settled_at` is when it was
    first found not failing after `last_failed_at`, or fixed, None while it fails.
    """

    policy_id: str
    key: str | None
    state: State
    first_failed_at: str
    failing_since: str
    last_failed_at: str
    settled_at: str | None
    reopened: int
    contradicted: bool
    decided_at: str
    rules_id: str
    """Policies and settings of the run that last found it failing, or else how it stands."""

    @property
    def past(self) -> PastFailure:
        """What a report says of it."""
        return PastFailure(
            key=self.key,
            first_failed_at=self.first_failed_at,
            failing_since=self.failing_since,
            reopened=self.reopened,
            contradicted=self.contradicted,
        )


class TrackedTable(Struct, frozen=True, array_like=True):
    """A table and what is followed of it."""

    full_name: str
    failures: tuple[TrackedFailure, ...]
    table_id: str | None = None


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = decoder(TrackedTable).decode


class FailureLedger:
    """The violations that earlier runs found; some bytes for each.

    `elsewhere` is what runs about other tables know: it counts for the tables that a run evaluates,
    the latest last.
    """

    def __init__(
        self, tables: Iterable[TrackedTable] = (), elsewhere: Iterable[TrackedTable] = ()
    ) -> None:
        self._ids: dict[str, str] = {}
        # The run's own tables come last, since what they say of an id counts.
        self._elsewhere = {fold(table.full_name): self._packed(table) for table in elsewhere}
        self._tables = {fold(table.full_name): self._packed(table) for table in tables}

    def __len__(self) -> int:
        return len(self._tables)

    def of(self, full_name: str) -> tuple[TrackedFailure, ...]:
        """Return what is followed of a table."""
        name = fold(full_name)
        packed = self._tables.get(name) or self._elsewhere.get(name)
        return _decode(packed).failures if packed else ()

    def name_of(self, table_id: str | None) -> str | None:
        """Return the name, without case, under which the table with an id is followed."""
        return None if table_id is None else self._ids.get(table_id)

    def _packed(self, table: TrackedTable) -> bytes:
        if table.table_id is not None:
            self._ids[table.table_id] = fold(table.full_name)
        return _encode(table)

    def others(self, names: set[str]) -> Iterator[TrackedTable]:
        """Yield the tables whose names, without case, aren't among `names`."""
        for name, packed in self._tables.items():
            if name not in names:
                yield _decode(packed)


class RunFailures:
    """Follows the violations through one run; counts what it fixes.

    `present` are the names, without case, of the run's tables.
    """

    def __init__(
        self,
        ledger: FailureLedger,
        *,
        clock: str,
        rules_id: str,
        present: Container[str] = (),
    ) -> None:
        self._ledger = ledger
        self._present = present
        self._clock = clock
        self._rules_id = rules_id
        self._seen: set[str] = set()
        self._days: list[float] = []
        self.fixed = 0

    def follow(self, table: TableReport) -> tuple[TrackedFailure, ...]:
        """Return what is followed of a table after this run; each table once."""
        name = fold(table.full_name)
        self._seen.add(name)
        known = self._ledger.of(name)
        before = self._ledger.name_of(table.table_id)
        if not known and before is not None and self._is_free(before):
            self._seen.add(before)
            known = self._ledger.of(before)
        return self._noted(
            followed(
                known,
                table.decisions,
                clock=self._clock,
                rules_id=self._rules_id,
            )
        )

    def rest(self, *, complete: bool) -> Iterator[TrackedTable]:
        """Yield the tables that the run didn't evaluate, with what is still followed of them.

        A `complete` run would have seen them, so they are gone.
        """
        for table in self._ledger.others(self._seen):
            failures = (_gone(each, self._clock) if complete else each for each in table.failures)
            kept = [each for each in failures if _is_kept(each, self._clock)]
            if kept:
                yield TrackedTable(table.full_name, self._noted(kept), table.table_id)

    @property
    def days_to_fix(self) -> float | None:
        """The median of all that are fixed; once every table was followed."""
        return round(median(self._days), 3) if self._days else None

    def _is_free(self, name: str) -> bool:
        """Whether no table of the run has a name, and none was followed under it."""
        return name not in self._present and name not in self._seen

    def _noted(self, failures: Sequence[TrackedFailure]) -> tuple[TrackedFailure, ...]:
        for each in failures:
            if each.state is State.FIXED:
                self._days.append(days_to_fix(each))
                self.fixed += each.settled_at == self._clock
        return tuple(failures)


def followed(
    failures: Sequence[TrackedFailure],
    decisions: Mapping[str, Decision],
    *,
    clock: str,
    rules_id: str,
) -> list[TrackedFailure]:
    """Return the violations of one table after a run that made these `decisions` about it."""
    result: list[TrackedFailure] = []
    known: dict[str, set[str | None]] = {}
    for failure in failures:
        known.setdefault(failure.policy_id, set()).add(failure.key)
        after = _after(failure, decisions.get(failure.policy_id), clock, rules_id)
        if _is_kept(after, clock):
            result.append(after)
    for policy_id, decision in decisions.items():
        if decision.outcome is Outcome.FAIL:
            new = [key for key in violation_keys(decision) if key not in known.get(policy_id, ())]
            result += [_found(policy_id, key, clock, rules_id) for key in new]
    return result


def with_past(table: TableReport, failures: Iterable[TrackedFailure]) -> TableReport:
    """Return the table whose failing decisions say since when they fail."""
    past = {(each.policy_id, each.key): each.past for each in failures}
    if not past:
        return table
    decisions = {
        policy_id: structs.replace(
            decision, history=tuple(past[policy_id, key] for key in violation_keys(decision))
        )
        if decision.outcome is Outcome.FAIL
        else decision
        for policy_id, decision in table.decisions.items()
    }
    return structs.replace(table, decisions=decisions)


def days_to_fix(failure: TrackedFailure) -> float:
    """Return how long a fixed violation was failing, in days."""
    return age_days(failure.failing_since, failure.settled_at or failure.last_failed_at)


def age_days(since: str, clock: str) -> float:
    """Return the days from one clock to another."""
    return (datetime.fromisoformat(clock) - datetime.fromisoformat(since)) / _DAY


def _found(policy_id: str, key: str | None, clock: str, rules_id: str) -> TrackedFailure:
    return TrackedFailure(
        policy_id=policy_id,
        key=key,
        state=State.FAILING,
        first_failed_at=clock,
        failing_since=clock,
        last_failed_at=clock,
        settled_at=None,
        reopened=0,
        contradicted=False,
        decided_at=clock,
        rules_id=rules_id,
    )


def _gone(failure: TrackedFailure, clock: str) -> TrackedFailure:
    if failure.state is not State.FAILING:
        return failure
    return structs.replace(failure, state=State.GONE, settled_at=clock)


def _is_kept(failure: TrackedFailure, clock: str) -> bool:
    return failure.decided_at == clock or age_days(failure.decided_at, clock) < KEPT_DAYS


def _after(
    failure: TrackedFailure, decision: Decision | None, clock: str, rules_id: str
) -> TrackedFailure:
    """Return a violation of a table that the run evaluated, after its decision."""
    outcome = Outcome.UNKNOWN
    if decision is not None:
        keys = violation_keys(decision)
        outcome = outcome_about(decision.outcome, decision.would_be, keys, failure.key)
    if decision is None or outcome in {Outcome.UNKNOWN, Outcome.ERROR}:
        back = failure.state is State.GONE
        return structs.replace(failure, state=State.FAILING, settled_at=None) if back else failure
    decided = structs.replace(failure, decided_at=clock)
    if outcome is Outcome.FAIL:
        return _failing(decided, clock, rules_id)
    if outcome is Outcome.EXEMPT:
        if failure.state not in _STILL_OPEN:
            return decided
        broken = decision.would_be is Outcome.FAIL
        return structs.replace(
            decided,
            state=State.EXEMPT,
            settled_at=failure.settled_at or clock,
            rules_id=rules_id if broken else failure.rules_id,
        )
    state, settled_at = failure.state, failure.settled_at
    if state in _STILL_OPEN or state is State.NOT_APPLICABLE:
        state = _OVER[outcome] if failure.rules_id == rules_id else State.OTHER_RULES
        if settled_at is None or state is State.FIXED:
            settled_at = clock
    return structs.replace(decided, state=state, settled_at=settled_at, rules_id=rules_id)


def _failing(failure: TrackedFailure, clock: str, rules_id: str) -> TrackedFailure:
    """Return a violation that the run found: the same as ever, or again since it was over."""
    same_rules = failure.rules_id == rules_id
    found = structs.replace(
        failure, state=State.FAILING, last_failed_at=clock, settled_at=None, rules_id=rules_id
    )
    if failure.state in _STILL_OPEN or (failure.state is State.OTHER_RULES and not same_rules):
        return found
    return structs.replace(
        found,
        failing_since=clock,
        reopened=failure.reopened + same_rules,
        contradicted=same_rules and failure.state is State.FIXED,
    )
