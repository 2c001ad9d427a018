"""What a baseline hides of a run, and what it says of its own entries."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.baseline.entries import Entry
from lakewarden.baseline.failing import failing
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.model.baseline import Baseline
from lakewarden.model.decision import Decision, Fix, Missing, Outcome, Violation
from lakewarden.model.report import TableReport
from lakewarden.report.gate import judge
from lakewarden.report.summary import Tally
from lakewarden_collector.patterns import fold
from tests.support import reports

CLOCK: Final = "2026-11-23T05:10:00Z"

_FAILS = st.lists(st.sampled_from([None, "a", "b"]), min_size=1, max_size=3, unique=True).map(
    lambda keys: Decision(
        outcome=Outcome.FAIL, violations=tuple(Violation(message="m", key=key) for key in keys)
    )
)
_OTHERS = st.sampled_from(
    [
        Decision(outcome=Outcome.PASS, reasons=("r",)),
        Decision(outcome=Outcome.NOT_APPLICABLE, reasons=("r",)),
        Decision(outcome=Outcome.ERROR, reasons=("r",)),
        Decision(outcome=Outcome.UNKNOWN, missing=(Missing(kind="size", status="denied"),)),
    ]
)


@st.composite
def samples(draw: st.DrawFn) -> reports.Sample:
    """Draw a report whose decisions are anything."""
    sample = reports.sample(draw(st.integers(0, 4)))
    sample.rows = [
        structs.replace(
            row, decisions={policy_id: draw(_FAILS | _OTHERS) for policy_id in row.decisions}
        )
        for row in sample.rows
    ]
    return sample


def gated(sample: reports.Sample, entries: list[Entry]) -> tuple[int, list[TableReport]]:
    """Return the mandatory failures that gate under a baseline, and the marked tables."""
    ledger, tally = BaselineLedger("baseline", entries), Tally(sample.policies)
    rows = [ledger.mark(row) for row in sample.rows]
    for row in rows:
        tally.add(row)
    whole = structs.replace(sample.completeness, decisions_made=0, decisions_expected=0)
    gate = judge(tally.gating, whole, known=tally.known)
    words = [each for each in gate.reasons if "failed" in each]
    return int(words[0].split()[0]) if words else 0, rows


@given(samples(), st.data())
def test_a_baseline_of_a_run_lets_it_pass_and_any_violation_more_fails(
    sample: reports.Sample, data: st.DataObject
) -> None:
    entries = list(failing(sample))
    assert gated(sample, entries)[0] == 0
    if not entries:
        return
    left_out = data.draw(st.sampled_from(entries))
    number, _ = gated(sample, [each for each in entries if each is not left_out])
    assert number == 1, "its decision gates, since one violation of it is new"


@given(samples(), samples())
def test_it_touches_nothing_but_known_failures(then: reports.Sample, now: reports.Sample) -> None:
    _, rows = gated(now, list(failing(then)))
    known = {(each.policy, each.table, each.key) for each in failing(then)}
    for before, after in zip(now.rows, rows, strict=True):
        for policy_id, decision in after.decisions.items():
            assert structs.replace(decision, baseline=()) == before.decisions[policy_id]
            marked = {each.key for each in decision.baseline}
            keys = {each.key for each in decision.violations}
            expected = {key for key in keys if (policy_id, after.full_name, key) in known}
            assert marked == expected


@given(samples(), samples())
def test_each_entry_is_failing_over_or_not_decided(
    then: reports.Sample, now: reports.Sample
) -> None:
    entries = list(failing(then))
    ledger = BaselineLedger("baseline", entries)
    for row in now.rows:
        ledger.mark(row)
    found = ledger.baseline(CLOCK)
    decisions = {
        (row.full_name, policy_id): decision
        for row in now.rows
        for policy_id, decision in row.decisions.items()
    }
    says_nothing = {None, Outcome.UNKNOWN, Outcome.ERROR}
    still = over = 0
    for each in entries:
        decision = decisions.get((each.table, each.policy))
        fails = decision is not None and any(v.key == each.key for v in decision.violations)
        still += fails
        over += not fails and (decision.outcome if decision else None) not in says_nothing
    assert (found.failing, found.over) == (still, over)
    assert found.failing + found.over + found.undecided == found.entries == len(entries)


def test_names_differ_in_case_alone_and_an_exempt_failure_is_still_there() -> None:
    sample = reports.sample(1)
    row = sample.rows[0]
    policy_id = sample.policies[0].policy_id
    entry = Entry(policy=policy_id, table=row.full_name.upper(), since="2026-01-01")
    for outcome, would_be, state in (
        (Outcome.EXEMPT, Outcome.FAIL, (1, 0)),
        (Outcome.EXEMPT, Outcome.PASS, (0, 1)),
        (Outcome.EXEMPT, Outcome.UNKNOWN, (0, 0)),
    ):
        ledger = BaselineLedger("baseline", [entry])
        decision = Decision(outcome=outcome, would_be=would_be)
        table = structs.replace(row, decisions=row.decisions | {policy_id: decision})
        assert ledger.mark(table) == table, "no baseline hides what is exempt"
        found = ledger.baseline(CLOCK)
        assert (found.failing, found.over) == state


_ONE: Final = Decision(outcome=Outcome.FAIL, violations=(Violation(message="m"),))


def failing_row(name: str, table_id: str | None) -> TableReport:
    """Return a table of that name and id that fails the first policy."""
    row = reports.sample(1).rows[0]
    policy_id = next(iter(row.decisions))
    return structs.replace(
        row,
        full_name=f"main.sales.{name}",
        name=name,
        table_id=table_id,
        decisions=row.decisions | {policy_id: _ONE},
    )


def known_of(entries: list[Entry], *rows: TableReport) -> tuple[list[str], Baseline]:
    """Return which tables a baseline knows all of, and its part of the report."""
    ledger = BaselineLedger("baseline", entries)
    ledger.see({fold(row.full_name) for row in rows})
    marked = [ledger.mark(row) for row in rows]
    return [row.name for row in marked if any(d.is_known for d in row.decisions.values())], (
        ledger.baseline(CLOCK)
    )


def entries_of(*rows: TableReport) -> list[Entry]:
    """Return the entries that a baseline of these tables has."""
    sample = reports.sample(1)
    sample.rows = rows
    return list(failing(sample))


def test_a_renamed_table_keeps_its_entries_and_is_named() -> None:
    entries = entries_of(failing_row("old", "id-1"))
    names, found = known_of(entries, failing_row("new", "id-1"))
    assert names == ["new"]
    assert (found.failing, found.over, found.undecided) == (len(entries), 0, 0)
    assert [(each.full_name, each.known_as) for each in found.renames] == [
        ("main.sales.new", "main.sales.old")
    ]
    assert found.renamed == 1


def test_an_id_counts_only_where_the_name_is_gone() -> None:
    """A copy of a table has its id at some sources, and must not pass in its shadow."""
    entries = entries_of(failing_row("old", "id-1"))
    old, copy = failing_row("old", "id-1"), failing_row("copy", "id-1")
    assert known_of(entries, copy, old)[0] == ["old"]
    assert known_of(entries, copy, failing_row("copy_2", "id-1"))[0] == ["copy"]
    assert known_of(entries, failing_row("old", "id-2"))[0] == ["old"], "made again"
    assert known_of(entries, failing_row("new", "id-2"), failing_row("new_2", None))[0] == []


def test_what_was_accepted_under_the_new_name_is_known_beside_the_old_one() -> None:
    before = entries_of(failing_row("old", "id-1"))
    after = structs.replace(before[0], table="main.sales.new", key="other")
    row = failing_row("new", "id-1")
    two = structs.replace(_ONE, violations=(*_ONE.violations, Violation(message="m", key="other")))
    row = structs.replace(row, decisions=row.decisions | {before[0].policy: two})
    assert known_of([before[0], after], row)[0] == ["new"]


def test_accept_takes_only_what_the_baseline_does_not_know() -> None:
    entries = entries_of(failing_row("old", "id-1"))
    sample = reports.sample(1)
    sample.rows = [failing_row("new", "id-1"), failing_row("other", "id-2")]
    added = list(failing(sample, BaselineLedger("baseline", entries)))
    assert {each.table for each in added} == {"main.sales.other"}


def test_the_backlog_has_ages_and_the_cheapest_fixes_come_first() -> None:
    cheap = Fix(title="t", sql=("ALTER TABLE a CLUSTER BY AUTO",))
    dear = Fix(title="t", sql=("ALTER TABLE a CLUSTER BY AUTO", "OPTIMIZE a FULL"))
    rows = []
    for number, fixes in enumerate(((dear,), (cheap, dear), (), (dear,))):
        row = failing_row(f"t{number}", None)
        policy_id = next(iter(row.decisions))
        failed = Decision(outcome=Outcome.FAIL, violations=(Violation(message="m", fixes=fixes),))
        decisions = dict.fromkeys(row.decisions, Decision(outcome=Outcome.PASS))
        size = {"bytes": 10 + number}
        rows.append(structs.replace(row, size=size, decisions=decisions | {policy_id: failed}))
    entries = [
        structs.replace(each, since=f"2026-11-{day}")
        for each, day in zip(entries_of(*rows), (23, 20, 13, "03"), strict=True)
    ]
    ledger = BaselineLedger("baseline", entries)
    for row in rows:
        ledger.add(ledger.mark(row), {each.policy_id: each for each in reports.policies()})
    found = ledger.baseline(CLOCK)
    assert (found.oldest, found.oldest_days, found.median_days) == ("2026-11-03", 20, 3)
    assert [(str(each.cost), each.violations, each.bytes) for each in found.backlog] == [
        ("metadata", 1, 11),
        ("rewrite", 2, 23),
        ("unknown", 1, 12),
    ]
