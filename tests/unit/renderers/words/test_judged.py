"""Broken waivers are named with what gates first, and no text of a report becomes markup."""

from __future__ import annotations

from lakewarden.model.decision import Enforcement, Severity
from lakewarden.renderers.words.judged import broken_waivers, judged_line
from tests.support.judged import judged, policy


def test_what_gates_comes_first_then_the_severe() -> None:
    others = (
        policy("approval.a", Enforcement.ADVISORY, Severity.CRITICAL),
        policy("approval.b", severity=Severity.LOW),
        policy("approval.c"),
    )
    found = [each.policy_id for each in broken_waivers(judged(*others))]
    assert found == ["approval.c", "approval.b", "approval.a"]


def test_a_sentence_says_how_many_were_judged() -> None:
    assert judged_line(judged()) == "3 waivers judged by 1 policy about waivers: 1 breaks one."
    assert judged_line(judged(failures=2)).endswith("2 break one.")
    assert judged_line(judged(failures=0)).endswith("none breaks one.")
