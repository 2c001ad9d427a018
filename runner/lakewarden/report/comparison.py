"""How a run differs from a previous report, counted table by table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lakewarden.model.clock import has_begun
from lakewarden.model.insight import Amount, Change, Moved
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Run, TableReport
from lakewarden.report.amounts import Counted, bytes_of, count
from lakewarden.report.moves import Moves
from lakewarden.report.previous import PreviousReport, PreviousTable
from lakewarden.report.table_status import Status, effective_on_of, status_of
from lakewarden_collector.counted import counted
from lakewarden_collector.document import TOOLS
from lakewarden_collector.patterns import fold

About = tuple[Run, Completeness, Sequence[str]]
"""A run, what it lacks, and the ids of its policies."""


def differences(
    previous: About,
    now: About,
    *,
    planned: bool = False,
    found_again: int,
    unread: int,
    outdated: int = 0,
) -> Iterator[str]:
    """Yield a sentence for each difference; that a `planned` run has another source is none.

    `found_again` is the number of tables that only this run evaluated, because the previous one
    couldn't; `unread` that of tables that only the previous run has, because this one couldn't;
    `outdated` that of tables that a plan leaves as they are and that stand otherwise all the same.
    """
    (before, before_lacks, before_policies), (after, after_lacks, after_policies) = previous, now
    if before.clock > after.clock:
        yield f"The previous report's clock, {before.clock}, is later than this run's."
    if not planned and (before.source, before.scope) != (after.source, after.scope):
        yield (
            f"The previous run read its tables from {_origin(before)}, this one from "
            f"{_origin(after)}."
        )
    if before.narrowed != after.narrowed:
        yield f"The previous run was {_narrowed(before)}, this one was {_narrowed(after)}."
    yield from _by_rules(before, after, set(before_policies) ^ set(after_policies))
    for which, policies, others in (
        ("the previous run had", before_policies, after_policies),
        ("this run has", after_policies, before_policies),
    ):
        if alone := [policy for policy in policies if policy not in others]:
            yield f"Only {which} the {counted(len(alone), 'policy')} {', '.join(alone)}."
    if outdated:
        kept = counted(outdated, "table")
        yield f"The plan leaves {kept} unchanged, but the status differs from before."
    complete = before_lacks.complete, after_lacks.complete
    yield from _by_gaps(complete, planned=planned, found_again=found_again, unread=unread)


def _by_gaps(
    complete: tuple[bool, bool], *, planned: bool, found_again: int, unread: int
) -> Iterator[str]:
    previous, now = complete
    if not previous:
        yield "The previous run was incomplete, so it may have missed tables."
    if found_again and planned:
        yield f"Of the new tables, {found_again:,} may exist already, where nobody could see them."
    elif found_again:
        yield f"The previous run couldn't evaluate {found_again:,} of the added tables."
    if not now:
        rest = "the plan may change more" if planned else "a table it lacks may still exist"
        yield f"This run is incomplete, so {rest}."
    if unread:
        yield f"This run couldn't evaluate {unread:,} of the removed tables."


def _by_rules(before: Run, after: Run, not_shared: set[str]) -> Iterator[str]:
    if before.digests.policies != after.digests.policies:
        yield "The policies have been edited since."
    if before.digests.settings != after.digests.settings:
        # Their digest covers enforcement and severity of the policies that were evaluated.
        unclear = ", perhaps only for policies that one of them lacks" if not_shared else ""
        yield f"The settings of the two runs differ{unclear}."
    if before.digests.waivers != after.digests.waivers:
        yield "The waivers have been edited since."


def _origin(run: Run) -> str:
    return f"{run.source} ({run.scope})"


def _narrowed(run: Run) -> str:
    return f"limited by {' '.join(run.narrowed)}" if run.narrowed else "not limited"


_SETTLED: Final = (Status.COMPLIANT, Status.NOT_APPLICABLE)


class Comparison:
    """Compares a run's tables with those of a previous report, which it uses up."""

    def __init__(self, previous: PreviousReport, policies: Sequence[Policy]) -> None:
        self._previous = previous
        self._policies = {policy.policy_id: policy for policy in policies}
        self._numbers = {
            policy_id: number
            for number, policy_id in enumerate(previous.policies)
            if policy_id in self._policies
        }
        self._asked_again = frozenset(self._numbers.values())
        self._before, self._after = _by_status(), _by_status()
        self._added, self._removed = Counted(), Counted()
        self._fixed, self._broken = Counted(), Counted()
        self._moved = Moves()
        self._failed = _failed(previous.completeness)
        self._found_again = 0
        self._fixed_by_plan = Counted()
        self._broken_by_plan = Counted()
        """Also the added ones that are non-compliant and certainly new."""
        self._definitions = self._others = 0
        self._days: set[tuple[str, str]] = set()
        """The days from which policies are mandatory for the tables compared, with their ids."""
        self._outdated = 0
        """How many tables that a plan leaves as they are have another status than before."""

    def add(self, table: TableReport) -> None:
        """Compare one table."""
        name, size = table.full_name, bytes_of(table)
        status = status_of(table, self._policies)
        for policy_id, decision in table.decisions.items():
            if day := effective_on_of(self._policies[policy_id], decision):
                self._days.add((day, policy_id))
        count(self._after[status.value], size)
        self._definitions += table.definition is not None
        self._others += table.definition is None
        taken = self._previous.take(name)
        if taken is None:
            self._added.add(name, size)
            self._found_again += fold(name) in self._failed
            if status is Status.NON_COMPLIANT and fold(name) not in self._failed:
                self._broken_by_plan.add(name, size)
            return
        previous_table = PreviousTable.read(taken[1], len(self._previous.policies))
        count(self._before[previous_table.status.value], previous_table.size)
        before_status = previous_table.status
        # What broke a policy that this run lacks may break it still.
        fixed = (
            before_status is Status.NON_COMPLIANT
            and status in _SETTLED
            and self._asked_again.issuperset(previous_table.broke)
        )
        broken = before_status is not Status.NON_COMPLIANT and status is Status.NON_COMPLIANT
        unchanged = table.definition is not None and table.definition.action == "no-op"
        self._outdated += unchanged and before_status is not status
        for applies, all_of_them, by_plan in (
            (fixed, self._fixed, self._fixed_by_plan),
            (broken, self._broken, self._broken_by_plan),
        ):
            if applies:
                all_of_them.add(name, size)
                if not unchanged:
                    by_plan.add(name, size)
        for policy_id, number in self._numbers.items():
            before, after = previous_table.outcomes[number], table.decisions[policy_id].outcome
            if before is not after:
                self._moved.add(policy_id, (before, after), name, size)

    def change(self, run: Run, completeness: Completeness) -> Change:
        """Return what has changed, once every table has been added."""
        previous = self._previous
        failed = _failed(completeness)
        unread = 0
        # A plan says nothing of the tables that it doesn't declare: they stay as they are.
        named = self._definitions or run.source in TOOLS
        planned = bool(named and not self._others)
        fixed, broken = self._fixed, self._broken
        if planned:
            fixed, broken = self._fixed_by_plan, self._broken_by_plan
        for name, packed in () if planned else previous.tables.items():
            previous_table = PreviousTable.read(packed, len(previous.policies))
            count(self._before[previous_table.status.value], previous_table.size)
            self._removed.add(name, previous_table.size)
            unread += fold(name) in failed
        begun = (
            f"{policy_id} is mandatory from {day} on: the previous run was before that day."
            for day, policy_id in sorted(self._days)
            if has_begun(day, run.clock) and not has_begun(day, previous.run.clock)
        )
        return Change(
            clock=previous.run.clock,
            source=previous.run.source,
            scope=previous.run.scope,
            planned=planned,
            differences=(
                *differences(
                    (previous.run, previous.completeness, previous.policies),
                    (run, completeness, tuple(self._policies)),
                    planned=planned,
                    found_again=self._found_again,
                    unread=unread,
                    outdated=self._outdated if planned else 0,
                ),
                *begun,
            ),
            before=self._before,
            after=self._after,
            added=self._added.amount,
            removed=self._removed.amount,
            added_examples=self._added.examples,
            removed_examples=self._removed.examples,
            fixed=fixed.amount,
            broken=broken.amount,
            fixed_examples=fixed.examples,
            broken_examples=broken.examples,
            moved=tuple(self._moves()),
        )

    def _moves(self) -> Iterator[Moved]:
        for policy_id, before, after, group in self._moved.ordered(tuple(self._policies)):
            if before is not None and after is not None:  # it counts policies of both alone
                yield Moved(
                    policy_id=policy_id,
                    before=before,
                    after=after,
                    amount=group.amount,
                    examples=group.examples,
                )


def _failed(completeness: Completeness) -> set[str]:
    """Return the names of the tables that couldn't be evaluated, case aside."""
    return {fold(each.what) for each in completeness.failures if each.covers == "table"}


def _by_status() -> dict[str, Amount]:
    return {status.value: Amount() for status in Status}
