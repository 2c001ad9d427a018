"""What became of a violation is the same from run to run as from the whole past at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from lakewarden.history.failures import (
    KEPT_DAYS,
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
from tests.support.oracle.past import FAIL, Past, Seen, past_of

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
TABLES: Final = ("main.sales.orders", "main.`odd name`.t")
POLICIES: Final = ("clustering.key_limit", "documentation.columns_commented")
KEYS: Final = (None, "city", "id")
Run = tuple[str, Mapping[str, Mapping[str, Decision]]]
"""Rules, and by table and policy what was decided."""


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


_others: Final = st.sampled_from([each for each in Outcome if each is not Outcome.FAIL])
_decisions: Final = _others.map(lambda outcome: Decision(outcome=outcome)) | st.lists(
    st.sampled_from(KEYS), min_size=1, unique=True
).map(lambda keys: failing(*keys))
_names: Final = st.sampled_from([TABLES[0], TABLES[0].upper(), TABLES[1]])
_runs: Final = st.tuples(
    st.sampled_from(["A", "B"]),
    st.dictionaries(
        st.sampled_from(TABLES), st.dictionaries(st.sampled_from(POLICIES), _decisions)
    ),
)


def follow(runs: Sequence[Run]) -> dict[tuple[str, str, str | None], TrackedFailure]:
    """Go from run to run, as the product does; return what the last one knows."""
    ledger = FailureLedger()
    for day, (rules, tables) in enumerate(runs):
        failures = RunFailures(ledger, clock=clock(day), rules_id=rules)
        after = [
            TrackedTable(name, failures.follow(table(name, decisions)))
            for name, decisions in tables.items()
        ]
        ledger = FailureLedger([*after, *failures.rest()])
    return {
        (fold(each.full_name), failure.policy_id, failure.key): failure
        for each in ledger.others(set())
        for failure in each.failures
    }


def looked_back(runs: Sequence[Run], name: str, policy: str, key: str | None) -> list[Seen]:
    """Return what runs decided about one key, as the oracle takes it."""
    seen = []
    for day, (rules, tables) in enumerate(runs):
        decision = tables.get(name, {}).get(policy)
        if decision is None or decision.outcome in {Outcome.UNKNOWN, Outcome.ERROR}:
            continue
        keys = [each.key for each in decision.violations]
        other = decision.outcome is Outcome.FAIL and key not in keys
        seen.append(Seen(clock(day), rules, "pass" if other else decision.outcome.value))
    return seen


def as_past(failure: TrackedFailure) -> Past:
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


@given(st.lists(_runs, max_size=12))
def test_from_run_to_run_is_what_the_whole_past_says(runs: list[Run]) -> None:
    found = {key: as_past(failure) for key, failure in follow(runs).items()}
    expected = {
        (fold(name), policy, key): past
        for name in TABLES
        for policy in POLICIES
        for key in KEYS
        if (past := past_of(looked_back(runs, name, policy, key))) is not None
    }
    assert found == expected
    assert FAIL not in {each.state for each in expected.values()}


def test_a_table_in_other_case_is_the_same_table() -> None:
    low = {TABLES[0]: {POLICIES[0]: failing(None)}}
    high = {TABLES[0].upper(): {POLICIES[0]: failing(None)}}
    (failure,) = follow([("A", low), ("A", high)]).values()
    assert (failure.first_failed_at, failure.last_failed_at) == (clock(0), clock(1))


def test_what_nobody_decides_any_more_is_forgotten_in_the_end() -> None:
    gone: Run = ("A", {})
    runs: list[Run] = [("A", {TABLES[0]: {POLICIES[0]: failing("id")}})]
    runs += [gone] * (KEPT_DAYS - 1)
    assert len(follow(runs)) == 1
    assert not follow([*runs, gone])


def test_a_run_that_is_replayed_changes_nothing() -> None:
    """The same clock and decisions again, from a ledger that has them, say the same."""
    decisions = {POLICIES[0]: failing("id"), POLICIES[1]: Decision(outcome=Outcome.PASS)}
    before = RunFailures(FailureLedger(), clock=clock(0), rules_id="A")
    ledger = FailureLedger(
        [TrackedTable(TABLES[0], before.follow(table(TABLES[0], {POLICIES[1]: failing(None)})))]
    )
    first = RunFailures(ledger, clock=clock(1), rules_id="A")
    after = first.follow(table(TABLES[0], decisions))
    again = RunFailures(
        FailureLedger([TrackedTable(TABLES[0], after)]), clock=clock(1), rules_id="A"
    )
    assert again.follow(table(TABLES[0], decisions)) == after
    assert (first.fixed, first.days_to_fix) == (again.fixed, again.days_to_fix) == (1, 1.0)
