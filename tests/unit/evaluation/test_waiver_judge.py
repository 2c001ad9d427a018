"""Policies about waivers: each waiver that still counts is judged; nothing passes by silence."""

from __future__ import annotations

import json
from typing import Any

from msgspec import structs

from lakewarden.evaluation.waiver_judge import WaiverJudge
from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.settings.waivers import Waiver
from tests.support.commandline import NOW
from tests.support.engines import PlainEngine

_PASS = {"outcome": "pass", "reasons": ["good"]}
_FAIL = {
    "outcome": "fail",
    "violations": [{"message": "bad", "expected": "good", "actual": "bad"}],
}
_POLICY = Policy(
    policy_id="approval.owner",
    title="t",
    description="d",
    severity=Severity.HIGH,
    enforcement=Enforcement.MANDATORY,
    remediation="r",
)


class JudgingEngine(PlainEngine):
    """Answers requests about waivers; keeps what was asked."""

    asked: dict[str, Any]

    def decide(self, request: bytes) -> bytes:
        """Answer as the router does."""
        self.asked = json.loads(request)
        tables = [{"name": "", **each} for each in self.asked.pop("documents")]
        return super().decide(json.dumps(self.asked | {"tables": tables}).encode())


def waiver(table: str, **changes: str) -> Waiver:
    fields = {"policy": "colour.shade", "reason": "r", "owner": "o", "approved_by": "b"}
    return Waiver(table=table, **{"expires": "2027-01-31", **fields, **changes})  # type: ignore[arg-type]  # no kind among them


def judged(*waivers: Waiver, policies: tuple[Policy, ...] = (_POLICY,)) -> JudgedWaivers | None:
    judge = WaiverJudge(
        policies=policies,
        settings={"approval": {"limit": 1}},
        severities={"colour.shade": Severity.LOW},
        clock=NOW,
    )
    engine = JudgingEngine(lambda each, _: _FAIL if each["owner"] == "o" else _PASS)
    found = judge.judge(engine, waivers)
    if found:
        assert engine.asked["subject"] == "waivers"
        assert engine.asked["settings"] == {"approval": {"limit": 1}}
        assert engine.asked["now"] == NOW
    return found


def test_each_waiver_is_counted_and_the_broken_ones_are_named() -> None:
    found = judged(waiver("a.b.c"), waiver("a.b.d", owner="p"), waiver("a.b.e"))
    assert found is not None
    assert found.waivers == 3
    counts = {str(outcome): 0 for outcome in Outcome} | {"pass": 1, "fail": 2}
    assert found.outcomes == {"approval.owner": counts}
    assert [each.table for each in found.broken] == ["a.b.c", "a.b.e"]
    assert found.broken[0].decisions["approval.owner"].violations[0].message == "bad"


def test_what_has_expired_or_is_about_no_policy_of_the_run_is_not_judged() -> None:
    others = (
        waiver("a.b.c", expires="2026-11-22"),
        waiver("a.b.c", policy="colour.hue"),
    )
    assert judged(*others) is None
    found = judged(*others, waiver("a.b.d", starts="2026-12-01"))
    assert found is not None
    assert [each.table for each in found.broken] == ["a.b.d"]


def test_without_policies_nothing_is_asked() -> None:
    assert judged(waiver("a.b.c"), policies=()) is None


def test_a_policy_that_is_not_decided_is_an_error_of_each_waiver() -> None:
    other = structs.replace(_POLICY, policy_id="approval.other")

    class Forgetful(JudgingEngine):
        def decide(self, request: bytes) -> bytes:
            answers = json.loads(super().decide(request))
            for each in answers:
                each["decisions"].pop("approval.other")
            return json.dumps(answers).encode()

    judge = WaiverJudge(
        policies=(_POLICY, other),
        settings={},
        severities={"colour.shade": Severity.LOW},
        clock=NOW,
    )
    found = judge.judge(Forgetful(lambda *_: _PASS), [waiver("a.b.c")])
    assert found is not None
    assert found.outcomes["approval.other"]["error"] == 1
    assert found.broken[0].decisions.keys() == {"approval.other"}
