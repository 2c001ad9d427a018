"""What a decision says of one violation, and of itself in one line."""

from __future__ import annotations

from typing import Final

import pytest

from lakewarden.model.decision import Decision, Exemption, Missing, Outcome, Violation
from lakewarden.report.violations import message_of

PASS, FAIL, EXEMPT, UNKNOWN, ERROR = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.EXEMPT,
    Outcome.UNKNOWN,
    Outcome.ERROR,
)
_VIOLATION: Final = (Violation(message="It is\n  broken."),)


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (Decision(outcome=FAIL, violations=_VIOLATION), "It is broken."),
        (
            Decision(
                outcome=EXEMPT,
                violations=_VIOLATION,
                exemptions=(Exemption(kind="waiver", reason="Agreed."),),
            ),
            "Agreed.",
        ),
        (
            Decision(
                outcome=UNKNOWN, missing=(Missing(kind="size", status="denied", reason="No."),)
            ),
            "needs size: No.",
        ),
        (
            Decision(outcome=UNKNOWN, missing=(Missing(kind="size", status="denied"),)),
            "needs size: denied",
        ),
        (Decision(outcome=PASS, reasons=("Fine.", "Good.")), "Fine."),
        (Decision(outcome=ERROR), ""),
    ],
)
def test_the_message_is_the_first_proof_of_the_outcome(decision: Decision, message: str) -> None:
    assert message_of(decision) == message
