"""The sentences of a report's first screen."""

from __future__ import annotations

import pytest
from msgspec import structs

from lakewarden.model.decision import Decision, Enforcement, Fix, Outcome, Severity, Violation
from lakewarden.model.insight import Amount
from lakewarden.model.report import Gate, TableReport
from lakewarden.renderers.words import overview
from lakewarden.renderers.words.table_scan import survey
from lakewarden.report.weight import FailedDecision, Load
from tests.support import insights, reports


def failed(*violations: Violation, planned: bool = False) -> FailedDecision:
    policy = reports.policies()[0]
    table = TableReport(
        full_name="c.s.t",
        catalog_name="c",
        schema_name="s",
        name="t",
        decisions={},
        definition=reports.definition(1, "t") if planned else None,
    )
    return FailedDecision(
        table=table,
        policy=policy,
        decision=Decision(outcome=Outcome.FAIL, violations=violations),
        severity=Severity.HIGH,
        enforcement=Enforcement.MANDATORY,
        weight=1,
    )


def test_the_best_fix_of_the_first_violation_is_what_to_do() -> None:
    best, other = (
        Fix(title=title, sql=(f"{title} 1", f"{title} 2")) for title in ("best", "other")
    )
    first = Violation(message="m", actual=5, fixes=(best, other))
    second = Violation(message="n", actual=6, fixes=(other,))
    todo = overview.to_do(failed(first, second))
    assert (todo.how, todo.sql) == ("best", "best 1;\nbest 2;")
    assert todo.why == "found 5, and 1 more"


def test_without_a_fix_the_policys_remedy_is_what_to_do() -> None:
    todo = overview.to_do(failed(Violation(message="m"), planned=True))
    assert (todo.how, todo.sql) == (failed().policy.remediation, "")
    assert "modules/sales/main.tf:2" in todo.definition
    violation = Violation(message="m", fixes=(Fix(title="t", sql=("undone by the next apply",)),))
    assert overview.to_do(failed(violation, planned=True)).sql == ""
    assert overview.to_do(failed()).how == failed().policy.remediation


@pytest.mark.parametrize(
    ("actual", "why"),
    [
        ("none", "found none"),
        (["liquid", "partitions"], "found liquid and partitions"),
        (0, "found 0"),
        (None, "It isn't"),
        ("[[]]", "It isn't"),
        ("x" * 81, "It isn't"),
        ({"a": "x" * 81}, "It isn't"),
    ],
)
def test_what_was_found_is_told_in_few_words_or_by_the_message(actual: object, why: str) -> None:
    assert overview.to_do(failed(Violation(message="It isn't.", actual=actual))).why == why


def test_unknown_and_unread_tables_are_told_in_one_sentence() -> None:
    sample = reports.sample(60)
    undecided = sample.summary.tables_by_status["undecided"]
    assert undecided > 1
    assert overview.not_known(sample) == (
        f"{undecided} tables couldn't be decided and 2 couldn't be read, so more may be broken."
    )
    sample.completeness = structs.replace(sample.completeness, tables_failed=0, failures=())
    sample.summary.tables_by_status["undecided"] = 0
    assert overview.not_known(sample) == "The run is incomplete, so more may be broken."
    sample.completeness = structs.replace(sample.completeness, complete=True)
    assert overview.not_known(sample) == ""


def test_what_nobody_could_list_is_told_too() -> None:
    sample = reports.sample(0, failures=2)
    first, second = sample.completeness.failures
    covered = (structs.replace(first, covers="schema"), second)
    sample.completeness = structs.replace(sample.completeness, failures=covered, tables_failed=1)
    assert overview.not_known(sample) == (
        "1 table couldn't be read and 1 schema couldn't be listed, so more may be broken."
    )


def test_every_gap_is_there_with_what_to_do() -> None:
    sample = reports.lacking({"on a": 2})
    state = reports.sample(0, failures=1).completeness
    sample.completeness = structs.replace(state, reasons=("the inventory ends early",))
    gaps = list(overview.gaps(sample, survey(sample, keep=1)))
    assert [gap.what for gap in gaps] == [
        "2 tables: access to the size was denied",
        "archive.web.damaged_0",
        "the inventory ends early",
    ]
    assert gaps[0].reason == "on a"
    assert all(gap.remedy for gap in gaps[:2])


@pytest.mark.parametrize(
    ("broken", "size", "words"),
    [
        (0, 2, ""),
        (1, 2, "It holds 2 B, 50% of the data of known size."),
        (2, 2, "They hold 4 B, 100% of the data of known size."),
        (2, None, "Their size isn't known."),
    ],
)
def test_broken_data_is_told_in_its_share(broken: int, size: int | None, words: str) -> None:
    sample = reports.sample(0)
    table = failed().table
    outcomes = [Outcome.FAIL] * broken + [Outcome.PASS] * (2 - broken)
    sample.rows = [
        structs.replace(
            table,
            size={} if size is None else {"bytes": size},
            decisions={sample.policies[0].policy_id: Decision(outcome=outcome)},
        )
        for outcome in outcomes
    ]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    assert overview.data_broken(sample, survey(sample, keep=1)) == words


@pytest.mark.parametrize(
    ("gate", "sentence"),
    [
        (Gate(exit_code=0), "A pipeline with this run passes (exit 0)."),
        (
            Gate(exit_code=1, reasons=("14 mandatory decisions failed", "2 unread")),
            "A pipeline with this run fails (exit 1): 14 mandatory decisions failed; 2 unread.",
        ),
        (
            Gate(exit_code=3, reasons=("2 unread",), allowed=("unknown:d.p",)),
            (
                "A pipeline with this run stops as incomplete (exit 3): 2 unread."
                " Permitted by --allow: unknown:d.p."
            ),
        ),
        (
            Gate(exit_code=1, reasons=("1 failed",), gate_disabled=True),
            (
                "A pipeline passes whatever was found, because the gate is off (--no-gate)."
                " Otherwise it fails (exit 1): 1 failed."
            ),
        ),
        (Gate(exit_code=4), "A pipeline with this run stops (exit 4)."),
    ],
)
def test_the_gate_speaks_plainly(gate: Gate, sentence: str) -> None:
    assert overview.gate_sentence(gate) == sentence


def test_a_change_is_told_in_numbers() -> None:
    change = insights.with_insight(reports.sample(9)).insight
    assert change is not None
    assert change.change is not None
    nothing = dict.fromkeys(("broken", "fixed", "added", "removed"), Amount())
    still = structs.replace(change.change, planned=False, **nothing)
    assert overview.changed(still) == "no table changed its status"
    moved = structs.replace(still, broken=Amount(tables=1200), removed=Amount(tables=1))
    assert overview.changed(moved) == "1,200 newly broken, 1 gone"
    plan = structs.replace(moved, planned=True, fixed=Amount(tables=2))
    assert overview.changed(plan) == "1,200 broken by the plan, 2 fixed"


def test_an_owner_owes_tables_or_advisory_failures() -> None:
    broken = Load(weight=9, failed=3, broken=Amount(tables=2, bytes=2048))
    assert overview.owes(broken) == "2 tables, 2.0 KiB"
    assert overview.owes(Load(advisory_weight=9, failed=3)) == "3 advisory failures"
