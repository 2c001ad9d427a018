"""Flips: what an edit made of the decisions that stood before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome, TableDecisions
from lakewarden.model.policy import Policy
from lakewarden.renderers.words.enforcement import enforcement as words_of
from lakewarden.report.table_status import SEVERITY_RANK, enforcement_of, severity_of
from lakewarden.report.violations import message_of

_UNDECIDED = frozenset({Outcome.UNKNOWN, Outcome.ERROR})
_BAD = _UNDECIDED | {Outcome.FAIL}


class Turn(StrEnum):
    """Which way a decision flipped; in the order in which a person wants to know."""

    FAILING = "newly failing"
    UNDECIDED = "newly undecided"
    FIXED = "fixed"
    OTHER = "changed"
    NEW = "newly decided"
    GONE = "no longer decided"


_TURNS = tuple(Turn)


class Flip(Struct, frozen=True, kw_only=True):
    """One decision that is not what it was; an outcome is None where there is no decision."""

    table: str
    policy_id: str
    old: Outcome | None
    new: Outcome | None
    message: str = ""
    """The first thing that proves the new outcome."""
    rank: int = len(SEVERITY_RANK)
    """0 for the worst severity."""
    advisory: bool = False

    @property
    def turn(self) -> Turn:
        """Which way it flipped."""
        if self.new is None:
            return Turn.GONE
        if self.new is Outcome.FAIL:
            return Turn.FAILING
        if self.new in _UNDECIDED:
            return Turn.UNDECIDED
        if self.old is None:
            return Turn.NEW
        return Turn.FIXED if self.old in _BAD else Turn.OTHER

    @property
    def key(self) -> tuple[int, int, bool, str, str]:
        """Sort key: by turn, then the worst first, then by name."""
        return _TURNS.index(self.turn), self.rank, self.advisory, self.table, self.policy_id


class Column(Struct, frozen=True, kw_only=True):
    """One policy's decisions, as far as the next evaluation is compared with them."""

    outcomes: tuple[Outcome, ...]
    """One for each table, in the order of the tables."""
    gating: int
    """How many of them are failures that gate."""


class DecisionTable(Struct, frozen=True, kw_only=True):
    """All decisions that stand after an evaluation."""

    policies: tuple[Policy, ...]
    tables: tuple[str, ...]
    columns: dict[str, Column]
    """By policy id."""
    idle: Mapping[bytes, str] = {}
    """A sentence for each waiver and override that does nothing."""

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many decisions have each outcome."""
        counter = Counter(each for column in self.columns.values() for each in column.outcomes)
        return {outcome: counter[outcome] for outcome in Outcome}

    @property
    def gating(self) -> int:
        """How many failures gate."""
        return sum(column.gating for column in self.columns.values())

    def outcomes(self, policy_id: str) -> dict[str, Outcome]:
        """Return each table's outcome; empty for a policy that was not decided."""
        column = self.columns.get(policy_id)
        return dict(zip(self.tables, column.outcomes, strict=True)) if column else {}


def take(
    decided: Iterable[tuple[str, TableDecisions]],
    policies: Sequence[Policy],
    before: DecisionTable | None = None,
    asked: Collection[str] | None = None,
) -> tuple[DecisionTable, list[Flip]]:
    """Take all decisions in; return them, and the flips against `before`, sorted by their key.

    `decided` yields each table's full name with the decisions about it. Of `policies`, only those
    in `asked` were decided again, about the same tables, where that is not None: the others keep
    their column. Without `before` there are no flips.
    """
    tables: list[str] = []
    redecided = [policy for policy in policies if asked is None or policy.policy_id in asked]
    outcomes: dict[str, list[Outcome]] = {policy.policy_id: [] for policy in redecided}
    old = {name: before.outcomes(name) for name in outcomes} if before else {}
    gating: Counter[str] = Counter()
    flips: list[Flip] = []
    for table, answer in decided:
        tables.append(table)
        for policy in redecided:
            name = policy.policy_id
            decision = answer.decisions[name]
            outcomes[name].append(decision.outcome)
            mandatory = enforcement_of(policy, decision) is Enforcement.MANDATORY
            gating[name] += mandatory and decision.outcome is Outcome.FAIL
            if before and old[name].get(table) is not decision.outcome:
                flips.append(_flip(table, policy, old[name].get(table), decision))
    columns = {
        name: Column(outcomes=tuple(each), gating=gating[name]) for name, each in outcomes.items()
    }
    kept = before.columns if before and asked is not None else {}
    decisions = DecisionTable(
        policies=tuple(policies),
        tables=tuple(tables) if before is None or asked is None else before.tables,
        columns={p.policy_id: columns.get(p.policy_id) or kept[p.policy_id] for p in policies},
    )
    if before is not None:
        flips += _gone(before, decisions)
    return decisions, sorted(flips, key=lambda flip: flip.key)


def bites(before: DecisionTable, now: DecisionTable) -> list[str]:
    """Return a line for each policy whose enforcement or severity is another than before."""
    old = {each.policy_id: (words_of(each), each.severity) for each in before.policies}
    lines = []
    for policy in now.policies:
        now_enforced = words_of(policy)
        enforcement, severity = old.get(policy.policy_id, (now_enforced, policy.severity))
        if enforcement != now_enforced:
            lines.append(f"{policy.policy_id}  {enforcement} → {now_enforced}")
        if severity is not policy.severity:
            lines.append(f"{policy.policy_id}  severity {severity} → {policy.severity}")
    return lines


def _flip(name: str, policy: Policy, old: Outcome | None, decision: Decision) -> Flip:
    return Flip(
        table=name,
        policy_id=policy.policy_id,
        old=old,
        new=decision.outcome,
        message=message_of(decision),
        rank=SEVERITY_RANK[severity_of(policy, decision)],
        advisory=enforcement_of(policy, decision) is Enforcement.ADVISORY,
    )


def _gone(before: DecisionTable, now: DecisionTable) -> Iterable[Flip]:
    """Yield the decisions that are no longer made: of tables and of policies that are gone."""
    tables = frozenset(now.tables)
    for policy in before.policies:
        for table, outcome in before.outcomes(policy.policy_id).items():
            if policy.policy_id not in now.columns or table not in tables:
                yield Flip(table=table, policy_id=policy.policy_id, old=outcome, new=None)
