"""Changed rules beside the present ones: which violations are new, and which are over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import structs

from lakewarden.evaluation.document_store import TableIntake
from lakewarden.model.decision import Outcome
from lakewarden.model.diff import (
    ChangeCount,
    ChangedViolation,
    HeaviestViolations,
    ViolationChange,
)
from lakewarden.model.effect import Effect, OutcomeMove, PolicyEffect, RuleSide
from lakewarden.model.insight import Amount
from lakewarden.model.report import TableReport
from lakewarden.proposal.rule_changes import rule_changes
from lakewarden.proposal.second_decision import SecondDecision
from lakewarden.proposal.version import Decided, Version
from lakewarden.report.amounts import bytes_of
from lakewarden.report.diff import Differ
from lakewarden.report.moves import Moves
from lakewarden.report.old_report import OldReport
from lakewarden.settings.changes import Changes

_UNDECIDED: Final = (Outcome.UNKNOWN, Outcome.ERROR)

_Side = tuple[Version, Decided]


class Proposal:
    """Compares changed rules with the present ones: `violations` to its end, then `effect`.

    It keeps no table in memory: both decisions about it are there at the same time.
    """

    def __init__(
        self,
        present: _Side,
        changed: _Side,
        store: TableIntake,
        tables: Callable[[], Iterator[TableReport]],
        changes: Changes,
    ) -> None:
        self._present, self._changed = present, changed
        self._store, self._tables = store, tables
        self._proposed = changes
        self._second = SecondDecision(present[0], changed[0])
        self._old = OldReport(present[1], ())
        self._differ = Differ(self._old, changed[1])
        self._moves = Moves()
        self._unchanged: Counter[tuple[str, Outcome]] = Counter()

    @property
    def second(self) -> SecondDecision:
        """What is decided again."""
        return self._second

    @property
    def decided(self) -> Decided:
        """The decisions by the changed rules, once all were read."""
        return self._changed[1]

    @property
    def heaviest(self) -> HeaviestViolations:
        """The heaviest violations of each change, but those that still fail."""
        return self._differ.heaviest

    def violations(
        self, advance: Callable[[int], None] = lambda _: None
    ) -> Iterator[ChangedViolation]:
        """Yield every violation that only one version has, in the inventory's order.

        `advance` is told the number of tables. Raises `EngineError` where the engine is gone.
        """
        return self._differ.changes(self.tables(advance, noted=self._note))

    def tables(
        self,
        advance: Callable[[int], None] = lambda _: None,
        *,
        noted: Callable[[TableReport, TableReport], None] = lambda _, __: None,
    ) -> Iterator[TableReport]:
        """Yield every table as the changed rules decide it; `noted` hears of both decisions."""
        _, decided = self._changed
        begun = time.monotonic()
        for before, after in self._second.tables(self._store, self._tables()):
            marked = decided.add(after)
            noted(before, marked)
            yield marked
            advance(1)
        decided.finish()
        tables, policies = decided.tally.tables, len(decided.policies)
        decided.completeness = structs.replace(
            decided.completeness,
            tables_evaluated=tables,
            tables_failed=self._present[1].completeness.tables_failed,
            decisions_expected=tables * policies,
            decisions_made=decided.tally.decisions,
        )
        decided.asked = self._second.asked
        decided.seconds = time.monotonic() - begun

    def effect(self) -> Effect:
        """Return the figures, once all violations were read."""
        (present, before), (changed, after) = self._present, self._changed
        return Effect(
            source=after.run.source,
            scope=after.run.scope,
            clock=changed.clock,
            tables=after.tally.tables,
            changes=rule_changes(present.basis, changed.basis, self._proposed),
            before=_side(before),
            after=_side(after),
            diff=self._differ.result(),
            policies=dict(self._effects()),
        )

    def _note(self, before: TableReport, after: TableReport) -> None:
        self._old.add(before)
        size = bytes_of(after)
        for policy_id, decision in before.decisions.items():
            later = after.decisions.get(policy_id)
            if later is not None and later.outcome is decision.outcome:
                self._unchanged[policy_id, decision.outcome] += 1
                continue
            outcome = None if later is None else later.outcome
            self._moves.add(policy_id, (decision.outcome, outcome), after.full_name, size)
        for policy_id in after.decisions.keys() - before.decisions.keys():
            outcome = after.decisions[policy_id].outcome
            self._moves.add(policy_id, (None, outcome), after.full_name, size)

    def _effects(self) -> Iterator[tuple[str, PolicyEffect]]:
        titles = {
            policy.policy_id: policy.title
            for decided in (self._present[1], self._changed[1])
            for policy in decided.policies
        }
        policies = sorted(titles)
        moved: dict[str, list[OutcomeMove]] = {policy_id: [] for policy_id in policies}
        for policy_id, before, after, group in self._moves.ordered(policies):
            moved[policy_id].append(
                OutcomeMove(
                    before=before, after=after, amount=group.amount, examples=group.examples
                )
            )
        terms = self._differ.result().by_policy
        for policy_id in policies:
            stricter, softer = (
                _plain(terms.get(policy_id, {}).get(change))
                for change in (ViolationChange.MANDATORY, ViolationChange.ADVISORY)
            )
            moves = sorted(moved[policy_id], key=lambda each: each.after is not Outcome.FAIL)
            yield (
                policy_id,
                PolicyEffect(
                    title=titles[policy_id],
                    decided_again=policy_id in self._second.policies,
                    unchanged={
                        outcome.value: self._unchanged[policy_id, outcome] for outcome in Outcome
                    },
                    newly_failing=_summed(moves, (Outcome.FAIL,)),
                    no_longer_failing=_added_up(
                        each.amount for each in moves if each.before is Outcome.FAIL
                    ),
                    newly_mandatory=stricter,
                    no_longer_mandatory=softer,
                    newly_passing=_summed(moves, (Outcome.PASS,)),
                    newly_exempt=_summed(moves, (Outcome.EXEMPT,)),
                    newly_undecided=_summed(moves, _UNDECIDED),
                    newly_not_applicable=_summed(moves, (Outcome.NOT_APPLICABLE,)),
                    no_longer_decided=_added_up(
                        each.amount for each in moves if each.after is None
                    ),
                    moved=tuple(moves),
                ),
            )


def _side(decided: Decided) -> RuleSide:
    outcomes = Counter[Outcome]()
    for (_, outcome, _), number in decided.tally.gating.items():
        outcomes[outcome] += number
    return RuleSide(
        policies=len(decided.policies),
        outcomes={outcome.value: outcomes[outcome] for outcome in Outcome},
        tables_by_status=decided.tally.summary.tables_by_status,
        gate=decided.gate,
        decided=decided.asked,
        seconds=round(decided.seconds, 3),
    )


def _summed(moves: Sequence[OutcomeMove], after: Sequence[Outcome]) -> Amount:
    """Add up the moves into some outcomes, from any other."""
    return _added_up(
        each.amount for each in moves if each.after in after and each.before not in after
    )


def _plain(count: ChangeCount | None) -> Amount:
    """Return the tables of a count of violations."""
    if count is None:
        return Amount()
    return Amount(tables=count.tables, bytes=count.bytes, unsized=count.unsized)


def _added_up(amounts: Iterator[Amount]) -> Amount:
    total = Amount()
    for each in amounts:
        total.tables += each.tables
        total.bytes += each.bytes
        total.unsized += each.unsized
    return total
