"""Where a table stands: the status in the summary, and the order of what is worst."""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.report.table_status import Status, status_of, worst_first

CATALOGUE = {
    f"d.{enforcement}_{severity}": Policy(
        policy_id=f"d.{enforcement}_{severity}",
        title="",
        description="",
        severity=severity,
        enforcement=enforcement,
        remediation="",
    )
    for enforcement in Enforcement
    for severity in Severity
}


def table(name: str = "t", size: int | None = None, **decisions: str | Decision) -> TableReport:
    return TableReport(
        full_name=name,
        catalog_name="c",
        schema_name="s",
        name=name,
        size={} if size is None else {"bytes": size},
        decisions={
            f"d.{policy}": each if isinstance(each, Decision) else Decision(outcome=Outcome(each))
            for policy, each in decisions.items()
        },
    )


@pytest.mark.parametrize(
    ("decisions", "status"),
    [
        ({"mandatory_low": "fail", "mandatory_high": "error"}, Status.NON_COMPLIANT),
        ({"mandatory_low": "unknown", "advisory_low": "fail"}, Status.UNDECIDED),
        ({"mandatory_low": "pass", "advisory_low": "error"}, Status.UNDECIDED),
        ({"mandatory_low": "pass", "advisory_low": "fail"}, Status.COMPLIANT),
        ({"mandatory_low": "exempt", "advisory_low": "unknown"}, Status.COMPLIANT),
        ({"mandatory_low": "not_applicable", "advisory_low": "pass"}, Status.COMPLIANT),
        ({"mandatory_low": "not_applicable"}, Status.NOT_APPLICABLE),
        ({}, Status.NOT_APPLICABLE),
    ],
)
def test_status(decisions: dict[str, str], status: Status) -> None:
    assert status_of(table("t", None, **decisions), CATALOGUE) is status


def test_an_override_decides_how_hard_a_fail_bites() -> None:
    """A policy made advisory for one table must not make that table non-compliant."""
    softer = Decision(outcome=Outcome.FAIL, enforcement=Enforcement.ADVISORY)
    harder = Decision(outcome=Outcome.FAIL, enforcement=Enforcement.MANDATORY)
    assert status_of(table(mandatory_high=softer), CATALOGUE) is Status.COMPLIANT
    assert status_of(table(advisory_high=harder), CATALOGUE) is Status.NON_COMPLIANT


def test_the_worst_comes_first() -> None:
    ordered = [
        table("high, big", 9, mandatory_high="fail"),
        table("high, small", 1, mandatory_high="fail"),
        table("high, unsized", None, mandatory_high="fail"),
        table("low, though high where advisory", 99, mandatory_low="fail", advisory_high="fail"),
        table("undecided", 99, mandatory_high="unknown"),
        table("advisory", 1, advisory_high="fail"),
        table("a", 99, mandatory_high="pass"),
        table("b", 99, mandatory_high="pass"),
        table("no policy is about it", 99, mandatory_high="not_applicable"),
    ]
    shuffled = ordered[::-1]
    got = sorted(shuffled, key=lambda each: worst_first(each, CATALOGUE))
    assert [each.full_name for each in got] == [each.full_name for each in ordered]
