"""The exit code is what CI acts on: each has a test, and so has their precedence."""

from typing import Any

import msgspec
import pytest

from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Completeness, Gate
from lakewarden.model.waiver import FAULTS, WaiverCondition, WaiverState, WaiverStatus
from lakewarden.report.gate import (
    AdvisoryKind,
    final_exit_code,
    judge,
    parse_permission,
    parse_severity,
)
from tests.support import reports
from tests.support.judged import judged, policy

MANDATORY, ADVISORY = Enforcement.MANDATORY, Enforcement.ADVISORY
FAIL, UNKNOWN, ERROR = Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR


WHOLE = Completeness(
    complete=True,
    tables_known=3,
    tables_evaluated=3,
    tables_failed=0,
    tables_left_out=0,
    decisions_expected=15,
    decisions_made=15,
)


def gate(
    counts: dict[tuple[Outcome, Enforcement], int] | None = None,
    allow: tuple[str, ...] = (),
    *,
    engine_failed: bool = False,
    gate_disabled: bool = False,
    **changes: Any,  # noqa: ANN401 -- the fields of Completeness
) -> Gate:
    return judge(
        {("d.p", outcome, hard): number for (outcome, hard), number in (counts or {}).items()},
        msgspec.structs.replace(WHOLE, **changes),
        engine_failed=engine_failed,
        permissions=[parse_permission(text) for text in allow],
        gate_disabled=gate_disabled,
    )


def test_0_without_a_mandatory_failure() -> None:
    assert gate({(Outcome.PASS, MANDATORY): 9, (Outcome.EXEMPT, MANDATORY): 6}).exit_code == 0


def test_1_for_a_mandatory_failure() -> None:
    result = gate({(FAIL, MANDATORY): 1234})
    assert result.exit_code == 1
    assert "1,234 mandatory decisions" in result.reasons[0]


@pytest.mark.parametrize("outcome", [FAIL, UNKNOWN])
def test_an_advisory_policy_does_not_gate(outcome: Outcome) -> None:
    assert gate({(outcome, ADVISORY): 5}).exit_code == 0


@pytest.mark.parametrize(
    ("counts", "changes", "words"),
    [
        ({(UNKNOWN, MANDATORY): 1}, {}, "lack of evidence"),
        ({(ERROR, MANDATORY): 1}, {}, "error"),
        ({(ERROR, ADVISORY): 1}, {}, "error"),
        ({}, {"tables_failed": 1}, "couldn't be read"),
        ({}, {"tables_evaluated": 0}, "nothing to evaluate"),
        ({}, {"reasons": ("it was cut off",)}, "it was cut off"),
    ],
)
def test_3_where_something_is_missing(
    counts: dict[tuple[Outcome, Enforcement], int],
    changes: dict[str, Any],
    words: str,
) -> None:
    result = gate(counts, **changes)
    assert result.exit_code == 3
    assert words in " ".join(result.reasons)


def test_4_where_the_engine_failed_or_a_decision_was_lost() -> None:
    assert gate(engine_failed=True).exit_code == 4
    assert gate(decisions_made=14).exit_code == 4


def test_4_comes_before_1_and_1_before_3_and_all_reasons_are_told() -> None:
    everything = {(FAIL, MANDATORY): 1, (UNKNOWN, MANDATORY): 1}
    assert gate(everything, engine_failed=True).exit_code == 4
    both = gate(everything)
    assert both.exit_code == 1
    assert len(both.reasons) == 2


def test_no_gate_softens_1_and_3_but_never_4() -> None:
    assert final_exit_code(gate({(FAIL, MANDATORY): 1}, gate_disabled=True)) == 0
    assert final_exit_code(gate({(UNKNOWN, MANDATORY): 1}, gate_disabled=True)) == 0
    assert final_exit_code(gate(engine_failed=True, gate_disabled=True)) == 4


def test_a_disabled_gate_still_says_what_it_would_have_been() -> None:
    result = gate({(FAIL, MANDATORY): 1}, gate_disabled=True)
    assert (result.exit_code, result.gate_disabled) == (1, True)
    assert not gate(gate_disabled=True).gate_disabled


@pytest.mark.parametrize(
    ("allow", "code"),
    [("fail", 0), ("fail:d.*", 0), ("fail:d.other", 1), ("unknown", 1), ("error:d.p", 1)],
)
def test_allow_permits_one_outcome_of_the_named_policies_only(allow: str, code: int) -> None:
    result = gate({(FAIL, MANDATORY): 1}, (allow,))
    assert result.exit_code == code
    assert result.allowed == (allow,)


def test_an_empty_policy_does_not_allow_everything() -> None:
    """A variable that is empty in CI must not open the gate."""
    with pytest.raises(ConfigurationError, match="names no policy"):
        parse_permission("fail:")


def test_an_outcome_that_cannot_gate_cannot_be_allowed() -> None:
    with pytest.raises(ConfigurationError, match="'pass' isn't an outcome that gates"):
        parse_permission("pass")


def advisory_gate(
    advisory: dict[AdvisoryKind, int], fail_on: Severity | None = None, *allow: str
) -> Gate:
    return judge(
        {},
        WHOLE,
        permissions=[parse_permission(text) for text in allow],
        fail_on=fail_on,
        advisory=advisory,
        clock="2027-01-30T12:00:00Z",
    )


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("fail_on", Severity)
def test_fail_on_gates_from_its_severity_on_and_failures_alone(
    severity: Severity, fail_on: Severity
) -> None:
    order = list(Severity)
    result = advisory_gate({("d.p", FAIL, severity, None): 2}, fail_on)
    assert (result.exit_code == 1) is (order.index(severity) <= order.index(fail_on))
    assert (f"--fail-on {fail_on}" in " ".join(result.reasons)) is (result.exit_code == 1)
    for other in set(Outcome) - {FAIL}:
        assert advisory_gate({("d.p", other, severity, None): 2}, fail_on).exit_code == 0
    assert advisory_gate({("d.p", FAIL, severity, None): 2}, fail_on, "fail:d.*").exit_code == 0


def test_what_gates_from_a_day_on_leaves_out_what_gates_already_or_never() -> None:
    """The numbers are what a team has to expect of the day."""
    high, low, day = Severity.HIGH, Severity.LOW, "2027-01-31"
    advisory: dict[AdvisoryKind, int] = {
        ("d.p", FAIL, high, day): 2,
        ("d.p", FAIL, low, day): 3,
        ("d.p", UNKNOWN, low, day): 4,
        ("d.p", Outcome.PASS, low, day): 5,
        ("d.p", FAIL, low, "2027-03-01"): 1,
        ("d.q", FAIL, low, None): 9,
    }
    first, second = advisory_gate(advisory, high, "unknown").upcoming
    assert (first.effective_on, first.days_left, first.tables) == (day, 1, 14)
    assert (first.failing, first.unknown) == (3, 0)
    assert (second.effective_on, second.days_left, second.failing) == ("2027-03-01", 30, 1)


def test_a_severity_that_there_is_not_is_refused_with_the_nearest() -> None:
    assert parse_severity("High") is Severity.HIGH
    with pytest.raises(ConfigurationError, match="'hgih' isn't a severity") as caught:
        parse_severity("hgih")
    assert "Did you mean high?" in caught.value.remedy


def strict(*found: WaiverStatus, failures: int = 0) -> Gate:
    counts = {("d.p", Outcome.FAIL, Enforcement.MANDATORY): failures}
    return judge(counts, WHOLE, waivers=found)


def test_a_waiver_that_has_to_be_put_right_is_named_and_gates_where_asked() -> None:
    fine = reports.waiver_status(WaiverState.ACTIVE)
    unseen = reports.waiver_status(WaiverState.ACTIVE, conditions={WaiverCondition.UNSEEN: ""})
    soon = reports.waiver_status(WaiverState.EXPIRING)
    later = reports.waiver_status(WaiverState.PENDING)
    over = reports.waiver_status(
        WaiverState.EXPIRED, conditions={WaiverCondition.OVER_BROAD: ""}, table=None, pattern="a.*"
    )
    assert (strict(fine, unseen, soon, later).exit_code, strict().exit_code) == (0, 0)
    found = strict(fine, over, failures=2)
    assert found.exit_code == 1
    failures, bad = found.reasons
    assert failures == "2 mandatory decisions failed"
    assert bad.startswith("1 waiver has to be put right (--strict-waivers): ")
    assert bad.endswith(": clustering.key_limit for a.* is expired and too broad")
    assert found.strict_waivers
    assert not judge({}, WHOLE).strict_waivers


@pytest.mark.parametrize("condition", FAULTS)
def test_each_fault_gates(condition: WaiverCondition) -> None:
    bad = reports.waiver_status(WaiverState.ACTIVE, conditions={condition: ""})
    found = strict(bad, *([bad] * 6))
    assert found.exit_code == 1
    assert found.reasons[0].startswith("7 waivers have to be put right")
    assert found.reasons[0].endswith(", and 2 more")


@pytest.mark.parametrize(
    ("enforcement", "changes", "code", "reason"),
    [
        (MANDATORY, {}, 1, "2 mandatory decisions about waivers failed"),
        (ADVISORY, {}, 0, ""),
        (
            ADVISORY,
            {"fail_on": Severity.MEDIUM},
            1,
            "2 advisory decisions about waivers failed (--fail-on medium)",
        ),
        (ADVISORY, {"fail_on": Severity.CRITICAL}, 0, ""),
        (MANDATORY, {"permissions": [parse_permission("fail:approval.*")]}, 0, ""),
        (MANDATORY, {"permissions": [parse_permission("fail:colour.*")]}, 1, "2 mandatory"),
    ],
)
def test_a_waiver_that_breaks_a_policy_gates_as_a_table_does(
    enforcement: Enforcement,
    changes: dict[str, Any],
    code: int,
    reason: str,
) -> None:
    found = judged(policy(enforcement=enforcement), failures=2)
    earned = judge({}, WHOLE, judged=found, **changes)
    assert (earned.exit_code, "".join(earned.reasons)[: len(reason)]) == (code, reason)


def test_an_error_about_a_waiver_is_incomplete() -> None:
    found = judged(policy(enforcement=ADVISORY), failures=0)
    found.outcomes["approval.owner"]["error"] = 1
    earned = judge({}, WHOLE, judged=found)
    assert (earned.exit_code, earned.reasons) == (
        3,
        ("1 decision about waivers ended in an error",),
    )
    allowed = [parse_permission("error:approval.*")]
    assert judge({}, WHOLE, judged=found, permissions=allowed).exit_code == 0
