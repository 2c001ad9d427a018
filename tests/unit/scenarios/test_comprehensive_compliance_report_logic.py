"""The report of a whole estate: nothing falls out, and its figures agree with each other.

A manager reads the totals alone; they must not be better than the tables beneath them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import lakewarden
from lakewarden.model.report import Report
from tests.unit.scenarios.tables import (
    EXCLUDED,
    GIB,
    NOW,
    Json,
    clustered_by,
    exactly,
    table,
    unread,
)

pytestmark = pytest.mark.comprehensive_compliance

Evaluate = Callable[..., Report]

LARGE = table(name="large")
SMALL = table(name="small", size=exactly(GIB - 1))
CLUSTERED = table(name="clustered", properties=clustered_by("city"))
UNSIZED = table(name="unsized", size={}, evidence=unread("size", reason="no SQL warehouse"))
DOCUMENTED = {
    "comment": "One line for each order that was placed",
    "columns": [{"name": "city", "type_text": "string", "comment": "Where the order goes"}],
}
ESTATE = [
    *(LARGE, SMALL, CLUSTERED, UNSIZED),
    table(name="excluded", properties=EXCLUDED, owner="finance"),
    table(name="view", table_type="VIEW", schema="attic"),
]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """Return what evaluates documents as the command line does, in this process."""

    def run(*documents: Json) -> Report:
        inventory, target = tmp_path / "estate.ndjson", tmp_path / "report.json"
        lines = "".join(f"{json.dumps(document)}\n" for document in documents)
        inventory.write_text(lines, encoding="utf-8")
        lakewarden.evaluate(
            lakewarden.Options(
                tables=lakewarden.TableOptions(inventory=str(inventory)),
                engine=lakewarden.EngineOptions(engine_kind=lakewarden.EngineKind.EMBEDDED),
                # no settings there: the defaults
                policies=lakewarden.PolicyOptions(config=tmp_path),
                reports=lakewarden.ReportOptions(
                    reports=(lakewarden.ReportTarget(format=lakewarden.Format.JSON, path=target),)
                ),
                clock=lakewarden.ClockOptions(now=NOW),
            ),
            lakewarden.Silent(),
        )
        return lakewarden.open_report(target)

    return run


def test_the_decisions_are_tables_times_policies(evaluate: Evaluate) -> None:
    report = evaluate(*ESTATE)
    expected = len(ESTATE) * len(report.policies)
    assert sum(len(each.decisions) for each in report.tables()) == expected
    assert report.completeness.decisions_expected == expected
    assert report.completeness.decisions_made == expected
    assert report.completeness.complete


def test_the_totals_are_those_of_the_tables(evaluate: Evaluate) -> None:
    report = evaluate(*ESTATE)
    outcomes = Counter(
        (policy, str(decision.outcome))
        for each in report.tables()
        for policy, decision in each.decisions.items()
    )
    for policy, counts in report.summary.by_policy.items():
        assert {o: n for o, n in counts.outcomes.items() if n} == {
            outcome: number for (name, outcome), number in outcomes.items() if name == policy
        }
    assert sum(report.summary.tables_by_status.values()) == len(ESTATE)


def test_every_grouping_adds_up_to_the_whole(evaluate: Evaluate) -> None:
    summary = evaluate(*ESTATE).summary
    for grouped in (summary.by_owner, summary.by_catalog, summary.by_schema):
        groups, total = grouped.values(), summary.total
        for figure in ("tables", "bytes", "unsized", "non_compliant"):
            assert sum(getattr(group, figure) for group in groups) == getattr(total, figure)
        for outcome, number in total.outcomes.items():
            assert sum(group.outcomes[outcome] for group in groups) == number


def test_a_table_of_unknown_size_is_counted_as_unsized_and_not_as_empty(
    evaluate: Evaluate,
) -> None:
    total = evaluate(SMALL, UNSIZED).summary.total
    assert (total.tables, total.bytes, total.unsized) == (2, GIB - 1, 1)


def test_a_document_that_is_refused_is_a_failure_with_its_line(evaluate: Evaluate) -> None:
    """With a null size it would be small; it is not decided as something else."""
    report = evaluate(CLUSTERED, table(name="broken", size={"bytes": None, "exact": True}))
    assert [each.name for each in report.tables()] == ["clustered"]
    assert not report.completeness.complete
    assert report.completeness.tables_failed == 1
    [failure] = report.completeness.failures
    assert failure.where.endswith("estate.ndjson:2")
    assert "main.sales.broken" in failure.reason
    assert "$.size.bytes" in failure.reason


def test_a_table_that_appears_twice_is_not_decided_by_either(evaluate: Evaluate) -> None:
    """One of the two could be small."""
    report = evaluate(CLUSTERED, LARGE, LARGE | {"size": exactly(1)})
    assert [each.name for each in report.tables()] == ["clustered"]
    [failure] = report.completeness.failures
    assert failure.what == "main.sales.large"
    assert ":2" in failure.where
    assert ":3" in failure.where


@pytest.mark.parametrize(
    ("estate", "code"),
    [
        ([CLUSTERED | DOCUMENTED], 0),
        ([SMALL | DOCUMENTED, CLUSTERED | DOCUMENTED], 0),
        ([LARGE | DOCUMENTED, UNSIZED | DOCUMENTED], 1),
        ([CLUSTERED | DOCUMENTED, UNSIZED | DOCUMENTED], 3),
        ([CLUSTERED | DOCUMENTED, table(size=None)], 3),
        ([], 3),
    ],
    ids=["clustered", "small", "large_and_unsized", "unsized", "refused", "empty"],
)
def test_a_build_goes_on_only_where_everything_is_known_and_right(
    evaluate: Evaluate, estate: list[Json], code: int
) -> None:
    assert evaluate(*estate).gate.exit_code == code


def test_a_size_that_the_engine_cannot_count_marks_its_own_table_alone(evaluate: Evaluate) -> None:
    """It is refused, and takes no other decision with it."""
    report = evaluate(CLUSTERED, table(name="absurd", size=exactly(2**64)), SMALL)
    outcomes = {
        each.name: str(each.decisions["clustering.strategy_required"].outcome)
        for each in report.tables()
    }
    assert outcomes == {"clustered": "pass", "small": "exempt"}
    [failure] = report.completeness.failures
    assert "absurd" in failure.reason
    assert report.gate.exit_code == 3
