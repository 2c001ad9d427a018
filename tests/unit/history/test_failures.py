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
from tests.support.oracle import past
from tests.support.oracle.past import Past, Seen

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
TABLES: Final = ("main.sales.orders", "main.`odd name`.t")
POLICIES: Final = ("clustering.key_limit", "documentation.columns_commented")
KEYS: Final = (None, "city", "id")
Run = tuple[str, Mapping[str, Mapping[str, Decision]], bool]
"""Rules, by table and policy what was decided, and whether the run was complete."""


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
_names: Final = st.sampled_from([TABLES[0], TABLES[0].upper(), TABLES[1]])
_runs: Final = st.tuples(
    st.sampled_from(["A", "B"]),
    st.dictionaries(
        st.sampled_from(TABLES), st.dictionaries(st.sampled_from(POLICIES), _decisions)
    ),
    st.booleans(),
)


def follow(runs: Sequence[Run]) -> dict[tuple[str, str, str | None], TrackedFailure]:
    """Go from run to run, as the product does; return what the last one knows."""
    ledger = FailureLedger()
    for day, (rules, tables, complete) in enumerate(runs):
        failures = RunFailures(ledger, clock=clock(day), rules_id=rules)
        after = [
            TrackedTable(name, failures.follow(table(name, decisions)))
            for name, decisions in tables.items()
        ]
        ledger = FailureLedger([*after, *failures.rest(complete=complete)])
    return {
        (fold(each.full_name), failure.policy_id, failure.key): failure
        for each in ledger.others(set())
        for failure in each.failures
    }


def looked_back(runs: Sequence[Run], name: str, policy: str, key: str | None) -> list[Seen]:
    """Return what runs found of one key, as the oracle takes it."""
    seen = []
    for day, (rules, tables, complete) in enumerate(runs):
        if name in tables:
            seen.append(Seen(clock(day), rules, _word(tables[name].get(policy), key)))
        elif complete:
            seen.append(Seen(clock(day), rules, past.GONE))
    return seen


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
        (fold(name), policy, key): known
        for name in TABLES
        for policy in POLICIES
        for key in KEYS
        if (known := past.past_of(looked_back(runs, name, policy, key))) is not None
    }
    assert found == expected


def test_a_table_in_other_case_is_the_same_table() -> None:
    low = {TABLES[0]: {POLICIES[0]: failing(None)}}
    high = {TABLES[0].upper(): {POLICIES[0]: failing(None)}}
    (failure,) = follow([("A", low, True), ("A", high, True)]).values()
    assert (failure.first_failed_at, failure.last_failed_at) == (clock(0), clock(1))


def test_what_nobody_decides_any_more_is_forgotten_in_the_end() -> None:
    gone: Run = ("A", {}, True)
    runs: list[Run] = [("A", {TABLES[0]: {POLICIES[0]: failing("id")}}, True)]
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
