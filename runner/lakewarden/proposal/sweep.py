"""What fails over the value of one setting, a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct, structs

from lakewarden.model.decision import Outcome
from lakewarden.model.effect import Sweep, SweepStep
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.insight import Amount
from lakewarden.options.policies import PolicyOptions
from lakewarden.progress import Progress
from lakewarden.proposal.comparison import Proposal
from lakewarden.proposal.present import PresentDecisions
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.gate import final_exit_code
from lakewarden.settings.changes import (
    Assignment,
    Changes,
    is_bytes,
    parse_assignment,
    setting_schema,
    typed,
)

SWEEP: Final = "--sweep"
MOST_STEPS: Final = 50
_FEW: Final = 16
"""An integer setting of so many values or fewer takes each."""

_DOUBLED: Final = 2
_EQUAL_STEPS: Final = 9
_GEOMETRIC_FROM: Final = 8
"""From such a ratio of the last value to the first on, steps multiply instead of adding."""


class SweepAsked(Struct, frozen=True, kw_only=True):
    """One `--sweep DOMAIN.SETTING=FROM..TO`; without `steps`, their number follows from these."""

    first: Assignment
    last: Assignment
    steps: int | None = None


def parse_sweep(text: str) -> SweepAsked:
    """Read `DOMAIN.SETTING=FROM..TO`; raises `ConfigurationError`."""
    name, equals, values = text.partition("=")
    first, dots, last = values.partition("..")
    if not (equals and dots and first.strip() and last.strip()):
        raise ConfigurationError(
            f"{text!r} isn't a setting with two values",
            where=SWEEP,
            remedy="Write DOMAIN.SETTING=FROM..TO, such as --sweep naming.longest=10..40.",
        )
    begin, end = (parse_assignment(f"{name}={each}") for each in (first, last))
    return SweepAsked(first=begin, last=end)


def sweep(
    present: PresentDecisions,
    policies: PolicyOptions,
    changes: Changes,
    asked: SweepAsked,
    progress: Progress,
) -> Sweep:
    """Return what fails under each value; `changes` apply to all of them.

    Raises `ConfigurationError` for a setting that isn't a number, or values that it can't have.
    """
    rules = present.version.rules
    now = rules.settings.values.get(asked.first.domain, {}).get(asked.first.setting)
    values = swept(asked, rules.schemas, now)
    reached = {
        policy.policy_id
        for policy in rules.declared
        if policy.policy_id.partition(".")[0] == asked.first.domain
        and (policy.settings is None or asked.first.setting in policy.settings)
    }
    steps = []
    present.version_of(policies, changes)  # what is wrong is named before tables are read
    present.decide()
    for value in values:
        assignment = structs.replace(asked.first, text=str(value))
        assignments = (*changes.assignments, assignment)
        tried = structs.replace(changes, assignments=assignments)
        proposal = present.compared_with(present.version_of(policies, tried), tried)
        with progress.stage(f"Deciding with {assignment.name} {value:,}", len(present)) as advance:
            counted = _Step(reached)
            for table in proposal.tables(advance):
                counted.add(table.decisions, bytes_of(table))
        steps.append(counted.result(value, proposal, present=value == now))
    return Sweep(setting=asked.first.name, steps=tuple(steps))


class _Step:
    """Counts what fails under one value."""

    def __init__(self, reached: set[str]) -> None:
        self._by_policy = {policy_id: Amount() for policy_id in sorted(reached)}
        self._failing = Amount()
        self._undecided = 0

    def add(self, decisions: Mapping[str, Any], size: int | None) -> None:
        failing = False
        for policy_id, amount in self._by_policy.items():
            decision = decisions.get(policy_id)
            if decision is None:
                continue
            if decision.outcome is Outcome.FAIL:
                failing = True
                count(amount, size)
            self._undecided += decision.outcome in {Outcome.UNKNOWN, Outcome.ERROR}
        if failing:
            count(self._failing, size)

    def result(self, value: float, proposal: Proposal, *, present: bool) -> SweepStep:
        decided = proposal.decided
        return SweepStep(
            value=value,
            present=present,
            failing=self._failing,
            non_compliant=decided.tally.summary.tables_by_status["non_compliant"],
            by_policy=self._by_policy,
            undecided=self._undecided,
            exit_code=final_exit_code(decided.gate),
        )


def swept(
    asked: SweepAsked, schemas: Mapping[str, Mapping[str, Any]], now: float | None
) -> tuple[int | float, ...]:
    """Return the values by size, the present one among them where it lies between.

    Raises `ConfigurationError` as `sweep` does.
    """
    schema = setting_schema(asked.first, schemas)
    if schema.get("type") not in {"integer", "number"}:
        raise ConfigurationError(
            f"`{asked.first.setting}` isn't a number",
            where=SWEEP,
            remedy=f"Compare two values with --set {asked.first.name}=VALUE.",
        )
    first, last = typed(asked.first, schemas), typed(asked.last, schemas)
    if first >= last:
        raise ConfigurationError(
            f"{asked.first.text} isn't less than {asked.last.text}",
            where=SWEEP,
            remedy="Write the smaller value first.",
        )
    whole = schema["type"] == "integer"
    found = set(_between(asked, first, last, whole=whole))
    if now is not None and first <= now <= last:
        found.add(now)
    return tuple(sorted(found))


def _between(asked: SweepAsked, first: float, last: float, *, whole: bool) -> Iterator[int | float]:
    if asked.steps is None and whole and last - first < _FEW:
        yield from range(int(first), int(last) + 1)
        return
    yield first
    yield last
    if asked.steps is None and first > 0 and last / first >= _DOUBLED:
        value = first * _DOUBLED
        while value < last:
            yield value
            value *= _DOUBLED
        return
    gaps = (asked.steps or _EQUAL_STEPS) - 1
    multiplied = first > 0 and last / first >= _GEOMETRIC_FROM
    for number in range(1, gaps):
        if multiplied:
            value = first * (last / first) ** (number / gaps)
        else:
            value = float(Fraction(str(first)) + Fraction(str(last - first)) * number / gaps)
        yield round(value) if whole else value


def is_size(asked: SweepAsked, schemas: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the values are bytes."""
    return is_bytes(asked.first.setting, setting_schema(asked.first, schemas))
