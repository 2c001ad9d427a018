"""A waiver that does nothing is named, so that nobody believes himself excused."""

from __future__ import annotations

from typing import Any

import pytest

from lakewarden.evaluation.waiver_ledger import WaiverLedger
from lakewarden.model.decision import Decision, Enforcement, Exemption, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverKind, WaiverState
from lakewarden.settings.waivers import Waiver

CLOCK = "2026-11-23T05:10:00Z"
POLICY = Policy(
    policy_id="colour.shade",
    title="",
    description="",
    severity=Severity.LOW,
    enforcement=Enforcement.MANDATORY,
    remediation="",
)
WAIVED = Decision(
    outcome=Outcome.EXEMPT,
    exemptions=(Exemption(kind="waiver", reason="r"),),
    would_be=Outcome.FAIL,
)
FLAGGED = Decision(outcome=Outcome.EXEMPT, exemptions=(Exemption(kind="flag", reason="r"),))
PASSED = Decision(outcome=Outcome.PASS, reasons=("fine",))


def waiver(expires: str = "2027-01-31", policy: str = "colour.shade", **where: Any) -> Waiver:  # noqa: ANN401 -- fields of any type
    return Waiver(policy=policy, reason="r", owner="o", approved_by="a", expires=expires, **where)


def table(name: str, decision: Decision) -> TableReport:
    return TableReport(
        full_name=name,
        catalog_name="a",
        schema_name="b",
        name=name,
        decisions={"colour.shade": decision},
    )


def ledger(*waivers: Waiver) -> WaiverLedger:
    made = WaiverLedger(waivers, [POLICY], CLOCK)
    made.add(table("a.b.one", WAIVED))
    made.add(table("a.b.two", PASSED))
    made.add(table("a.c.three", FLAGGED))
    made.add(table("a.c.four", WAIVED))
    return made


def test_an_active_waiver_counts_what_it_exempts() -> None:
    by_name, by_pattern, passing = ledger(
        waiver(table="a.b.one"), waiver(pattern="a.*"), waiver(table="a.b.two")
    ).statuses(whole=True)
    assert (by_name.state, by_name.excuses) == (WaiverState.ACTIVE, 1)
    assert (by_pattern.state, by_pattern.excuses) == (WaiverState.ACTIVE, 2)
    assert (passing.state, passing.excuses) == (WaiverState.ACTIVE, 0)
    assert (by_name.table, by_name.pattern) == ("a.b.one", None)
    assert (by_pattern.table, by_pattern.pattern) == (None, "a.*")


def test_a_waiver_that_matches_no_table_is_told() -> None:
    name, pattern = ledger(waiver(table="a.b.gone"), waiver(pattern="z.*")).statuses(whole=True)
    assert name.state is pattern.state is WaiverState.UNMATCHED


def test_a_run_that_has_not_seen_every_table_calls_no_name_wrong() -> None:
    """Else its owner would remove a waiver that is needed."""
    missing, met = ledger(waiver(table="a.b.gone"), waiver(table="a.b.two")).statuses(whole=False)
    assert (missing.state, met.state) == (WaiverState.UNSEEN, WaiverState.ACTIVE)


@pytest.mark.parametrize(
    ("expires", "state"),
    [
        ("2026-11-22", WaiverState.EXPIRED),
        ("2026-11-23", WaiverState.ACTIVE),
        ("2026-11-23T05:10:00Z", WaiverState.EXPIRED),
        ("2026-11-23T05:10:01Z", WaiverState.ACTIVE),
    ],
)
def test_it_expires_when_the_router_says_so(expires: str, state: WaiverState) -> None:
    (status,) = ledger(waiver(expires, table="a.b.one")).statuses(whole=True)
    assert status.state is state
    assert status.excuses == (state is WaiverState.ACTIVE)


@pytest.mark.parametrize(
    ("starts", "state"),
    [
        ("2026-11-24", WaiverState.PENDING),
        ("2026-11-23", WaiverState.ACTIVE),
        ("2026-11-23T05:10:01Z", WaiverState.PENDING),
        ("2026-11-23T05:10:00Z", WaiverState.ACTIVE),
    ],
)
def test_it_starts_when_the_router_says_so(starts: str, state: WaiverState) -> None:
    by_name, by_pattern = ledger(
        waiver(table="a.b.one", starts=starts), waiver(pattern="a.b.o*", starts=starts)
    ).statuses(whole=True)
    assert by_name.state is by_pattern.state is state
    assert by_name.excuses == by_pattern.excuses == (state is WaiverState.ACTIVE)
    assert by_name.starts == starts


def test_what_kind_of_waiver_it_is_is_reported() -> None:
    stated, silent = ledger(
        waiver(table="a.b.one", kind=WaiverKind.MITIGATED), waiver(table="a.b.one")
    ).statuses(whole=True)
    assert (stated.kind, silent.kind) == (WaiverKind.MITIGATED, WaiverKind.ACCEPTED)


def test_an_expired_waiver_is_expired_even_if_it_matches_nothing() -> None:
    (status,) = ledger(waiver("2026-01-01", table="a.b.gone")).statuses(whole=True)
    assert status.state is WaiverState.EXPIRED


def test_a_waiver_for_a_policy_that_was_not_asked_is_not_judged() -> None:
    """`--policy` left its policy out: that it excused nothing says nothing about it."""
    assert ledger(waiver(policy="colour.hue", table="a.b.one")).statuses(whole=True) == ()
