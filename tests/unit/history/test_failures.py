"""What became of a violation is the same from run to run as from the whole past at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.history.failures import KEPT_DAYS, FailureLedger, RunFailures, TrackedTable
from lakewarden.model.decision import Decision, Outcome
from lakewarden_collector.patterns import fold
from tests.support.violations import (
    POLICIES,
    RUNS,
    TABLES,
    Run,
    clock,
    failing,
    follow,
    looked_back,
    pasts_of,
    table,
)


@given(st.lists(RUNS, max_size=12))
def test_from_run_to_run_is_what_the_whole_past_says(runs: list[Run]) -> None:
    assert pasts_of(follow(runs)) == looked_back(enumerate(runs))


def test_a_table_in_other_case_is_the_same_table() -> None:
    low = {TABLES[0]: {POLICIES[0]: failing(None)}}
    high = {TABLES[0].upper(): {POLICIES[0]: failing(None)}}
    (known,) = pasts_of(follow([("A", low, True), ("A", high, True)])).values()
    assert (known.first_failed_at, known.last_failed_at) == (clock(0), clock(1))


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


def _after_a_rename(*names: str, table_id: str = "id") -> dict[str, str]:
    """Return by table since when it fails after a second run, in which these have the id."""
    fails = {POLICIES[0]: failing(None)}
    first = structs.replace(table(TABLES[0], fails), table_id="id")
    found = RunFailures(FailureLedger(), clock=clock(0), rules_id="A").follow(first)
    ledger = FailureLedger([TrackedTable(TABLES[0], found, "id")])
    run = RunFailures(ledger, clock=clock(1), rules_id="A", present={fold(each) for each in names})
    rows = [structs.replace(table(name, fails), table_id=table_id) for name in names]
    since = {row.full_name: run.follow(row)[0].first_failed_at for row in rows}
    gone = [each.full_name for each in run.rest(complete=True)]
    return since | dict.fromkeys(gone, "gone")


def test_a_renamed_table_keeps_the_age_of_its_failures() -> None:
    old, new, copy = TABLES[0], "main.sales.new", "main.sales.copy"
    assert _after_a_rename(new) == {new: clock(0)}
    assert _after_a_rename(new, copy) == {new: clock(0), copy: clock(1)}, "the first one is it"
    assert _after_a_rename(copy, old) == {copy: clock(1), old: clock(0)}, "the old one is there"
    assert _after_a_rename(new, table_id="other") == {new: clock(1), old: "gone"}
