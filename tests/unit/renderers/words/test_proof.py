"""A decision's proof and fixes as text: all of it, and no SQL that the next apply would undo."""

from __future__ import annotations

from msgspec import structs

from lakewarden.model.decision import Decision, Exemption, Fix, Missing, Outcome, Violation
from lakewarden.renderers.words import proof
from tests.support import reports

POLICY = reports.policies()[0]
TABLE = structs.replace(reports.sample(1).rows[0], definition=None)
PLANNED = structs.replace(TABLE, definition=reports.definition(6, "late"))
SQL = Fix(title="Let Databricks choose", sql=("ALTER TABLE t CLUSTER BY AUTO",), undo=("UNDO t",))
TEXT = Fix(title="Set cluster_by_auto in the plan")


def _failing(*fixes: Fix) -> Decision:
    violation = Violation(message="It has none.", expected="one", actual=0, key="k", fixes=fixes)
    return Decision(outcome=Outcome.FAIL, violations=(violation,))


def test_a_failure_has_its_values_and_every_fix() -> None:
    assert list(proof.lines(TABLE, POLICY, _failing(SQL, TEXT))) == [
        "It has none.",
        "  expected: one",
        "  actual: 0",
        "Fix (k): Let Databricks choose",
        "  ALTER TABLE t CLUSTER BY AUTO;",
        "  undo: UNDO t;",
        "Or (k): Set cluster_by_auto in the plan",
    ]
    remediation = POLICY.remediation.strip()
    assert list(proof.lines(TABLE, POLICY, _failing()))[-1] == remediation
    two = _failing(SQL).violations + _failing().violations
    assert list(proof.lines(TABLE, POLICY, structs.replace(_failing(), violations=two)))[-2:] == [
        "  undo: UNDO t;",
        remediation,
    ]


def test_a_planned_table_is_changed_in_its_definition() -> None:
    change = "Change the definition: databricks_sql_table.late in modules/sales/main.tf:7."
    assert list(proof.remedies(PLANNED, POLICY, _failing(TEXT))) == [change, TEXT.title]
    for decision in (_failing(SQL), _failing()):
        text = [*proof.lines(PLANNED, POLICY, decision)]
        assert text[-2:] == [change, POLICY.remediation.strip()]
        assert proof.sql_fixes(PLANNED, decision) == []


def test_what_is_waived_says_by_whom_and_what_it_hides() -> None:
    waiver = Exemption(
        kind="waiver", reason="Later", owner="web", approved_by="Ann", ticket="D-7", expires="2027"
    )
    decision = Decision(
        outcome=Outcome.EXEMPT,
        exemptions=(waiver, Exemption(kind="flag", reason="It is excluded.")),
        violations=_failing(SQL).violations,
    )
    assert proof.why(decision) == (
        "by waiver: Later (owner web, approved by Ann, ticket D-7, expires 2027). "
        "by the owner's flag: It is excluded. It has none."
    )
    assert proof.sql_fixes(TABLE, decision) == [], "what is exempt needs no fix"


def test_what_is_unknown_says_what_is_missing_and_how_to_get_it_once() -> None:
    missing = tuple(Missing(kind=kind, status="denied", reason="403") for kind in ("size", "owner"))
    decision = Decision(outcome=Outcome.UNKNOWN, missing=missing)
    assert list(proof.lines(TABLE, POLICY, decision)) == [
        "access to the size was denied: 403",
        "access to the owner was denied: 403",
        "Grant the collecting identity access to it, then evaluate again.",
    ]
