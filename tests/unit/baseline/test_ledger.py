"""What a baseline hides of a run, and what it says of its own entries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.baseline.entries import Entry
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.commands.baseline import failing
from lakewarden.model.decision import Decision, Missing, Outcome, Violation
from lakewarden.model.report import TableReport
from lakewarden.report.gate import judge
from lakewarden.report.summary import Tally
from tests.support import reports

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
    found = ledger.baseline()
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
        found = ledger.baseline()
        assert (found.failing, found.over) == state
