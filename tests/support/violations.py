"""Runs of two tables in which anything may happen, followed as the product and as the oracle do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from lakewarden.history.failures import (
    FailureLedger,
    RunFailures,
    State,
    TrackedFailure,
    TrackedTable,
    days_to_fix,
)
from lakewarden.model.decision import Decision, Outcome, Violation
from lakewarden.model.report import TableReport
from lakewarden_collector.patterns import fold
from tests.support.oracle import past
from tests.support.oracle.past import Past, Seen

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
TABLES: Final = ("main.sales.orders", "main.`odd name`.t")
POLICIES: Final = ("clustering.key_limit", "documentation.columns_commented")
KEYS: Final = (None, "city", "id")
Run = tuple[str, Mapping[str, Mapping[str, Decision]], bool]
"""Rules, by table and policy what was decided, and whether the run was complete."""


Which = tuple[str, str, str | None]
"""Table, policy and key of a violation."""


def clock(day: int) -> str:
    return (START + timedelta(days=day)).isoformat()[:19] + "Z"


def failing(*keys: str | None) -> Decision:
    return Decision(
        outcome=Outcome.FAIL, violations=tuple(Violation(message="!", key=key) for key in keys)
    )


def table(name: str, decisions: Mapping[str, Decision]) -> TableReport:
    return TableReport(
        full_name=name,
        catalog_name="main",
        schema_name="sales",
        name="orders",
        decisions=dict(decisions),
    )


def exempt(would_be: Outcome, *keys: str | None) -> Decision:
    """Return an exemption: a waiver's still names what fails, the other kinds don't."""
    found = failing(*keys).violations
    return Decision(outcome=Outcome.EXEMPT, would_be=would_be, violations=found)


_others: Final = st.sampled_from(
    [each for each in Outcome if each not in {Outcome.FAIL, Outcome.EXEMPT}]
)
_keys: Final = st.lists(st.sampled_from(KEYS), min_size=1, unique=True)
_decisions: Final = (
    _others.map(lambda outcome: Decision(outcome=outcome))
    | _keys.map(lambda keys: failing(*keys))
    | _keys.map(lambda keys: exempt(Outcome.FAIL, *keys))
    | st.sampled_from([exempt(each) for each in (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN)])
)
RUNS: Final = st.tuples(
    st.sampled_from(["A", "B"]),
    st.dictionaries(
        st.sampled_from(TABLES), st.dictionaries(st.sampled_from(POLICIES), _decisions)
    ),
    st.booleans(),
)


def after(ledger: FailureLedger, day: int, run: Run) -> list[TrackedTable]:
    """Return what the run of a day knows, as the product finds it from what it takes up."""
    rules, tables, complete = run
    failures = RunFailures(ledger, clock=clock(day), rules_id=rules)
    seen = [
        TrackedTable(name, failures.follow(table(name, decisions)))
        for name, decisions in tables.items()
    ]
    return [*seen, *failures.rest(complete=complete)]


def follow(runs: Sequence[Run]) -> list[TrackedTable]:
    """Go from run to run, a day each; return what the last one knows."""
    tracked: list[TrackedTable] = []
    for day, run in enumerate(runs):
        tracked = after(FailureLedger(tracked), day, run)
    return tracked


def pasts_of(tracked: Iterable[TrackedTable]) -> dict[Which, Past]:
    return {
        (fold(each.full_name), failure.policy_id, failure.key): _as_past(failure)
        for each in tracked
        for failure in each.failures
    }


def looked_back(runs: Iterable[tuple[int, Run]]) -> dict[Which, Past]:
    """Return what the last of some runs, with their days, has to know, as the oracle says."""
    whole = list(runs)
    found = {
        (fold(name), policy, key): past.past_of(list(_seen(whole, name, policy, key)))
        for name in TABLES
        for policy in POLICIES
        for key in KEYS
    }
    return {which: each for which, each in found.items() if each is not None}


def _seen(
    runs: Iterable[tuple[int, Run]], name: str, policy: str, key: str | None
) -> Iterator[Seen]:
    for day, (rules, tables, complete) in runs:
        if name in tables:
            yield Seen(clock(day), rules, _word(tables[name].get(policy), key))
        elif complete:
            yield Seen(clock(day), rules, past.GONE)


def _word(decision: Decision | None, key: str | None) -> str:
    if decision is None or decision.outcome in {Outcome.UNKNOWN, Outcome.ERROR}:
        return past.UNDECIDED
    keys = [each.key for each in decision.violations]
    if keys and key not in keys:
        return past.PASS
    if decision.outcome is Outcome.EXEMPT:
        exempted = {Outcome.PASS: past.PASS, Outcome.FAIL: past.EXCUSED}
        return exempted.get(decision.would_be or Outcome.UNKNOWN, past.EXEMPT)
    return decision.outcome.value


def _as_past(failure: TrackedFailure) -> Past:
    return Past(
        state=failure.state.value,
        first_failed_at=failure.first_failed_at,
        failing_since=failure.failing_since,
        last_failed_at=failure.last_failed_at,
        settled_at=failure.settled_at,
        reopened=failure.reopened,
        contradicted=failure.contradicted,
        days_to_fix=days_to_fix(failure) if failure.state is State.FIXED else None,
    )
