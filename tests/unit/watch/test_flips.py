"""What an edit flips: which way each decision turned, in the order a person wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Outcome,
    Severity,
    TableDecisions,
)
from lakewarden.model.policy import Policy
from lakewarden.watch.flips import DecisionTable, Flip, Turn, bites, take

Outcomes = Mapping[str, Mapping[str, Outcome]]
"""Table to policy id to outcome."""

PASS, FAIL, EXEMPT, NOT_APPLICABLE, UNKNOWN, ERROR = Outcome


def _policy(name: str, severity: Severity = Severity.HIGH, *, advisory: bool = False) -> Policy:
    return Policy(
        policy_id=f"a.{name}",
        title=name,
        description="",
        severity=severity,
        enforcement=Enforcement.ADVISORY if advisory else Enforcement.MANDATORY,
        remediation="",
    )


_ONE: Final = _policy("one")


def _decided(outcomes: Outcomes) -> list[tuple[str, TableDecisions]]:
    return [
        (table, TableDecisions(decisions={name: Decision(outcome=o) for name, o in each.items()}))
        for table, each in outcomes.items()
    ]


def _flips(old: Outcome, new: Outcome) -> list[Flip]:
    before, _ = take(_decided({"t": {"a.one": old}}), [_ONE])
    return take(_decided({"t": {"a.one": new}}), [_ONE], before)[1]


@pytest.mark.parametrize("old", Outcome)
@pytest.mark.parametrize("new", Outcome)
def test_which_way_a_decision_turned(old: Outcome, new: Outcome) -> None:
    """A fix that is not seen as one, or a failure that is, would send the reader the wrong way."""
    flips = _flips(old, new)
    if old is new:
        assert flips == []
        return
    (flip,) = flips
    good = {PASS, EXEMPT, NOT_APPLICABLE}
    expected = (
        Turn.FAILING
        if new is FAIL
        else Turn.UNDECIDED
        if new in {UNKNOWN, ERROR}
        else Turn.OTHER
        if old in good
        else Turn.FIXED
    )
    assert (flip.old, flip.new, flip.turn) == (old, new, expected)


def test_newly_failing_come_first_and_the_worst_of_them_first() -> None:
    policies = [
        _policy("z_high"),
        _policy("low", Severity.LOW),
        _policy("advised", advisory=True),
        _policy("fixed", Severity.CRITICAL),
        _policy("lost", Severity.CRITICAL),
        _policy("other", Severity.CRITICAL),
    ]
    old = dict.fromkeys((p.policy_id for p in policies), PASS) | {"a.fixed": FAIL}
    new = dict.fromkeys(old, FAIL) | {"a.fixed": PASS, "a.lost": UNKNOWN, "a.other": EXEMPT}
    before, _ = take(_decided({"t": old, "s": old}), policies)
    _, flips = take(_decided({"t": new, "s": new}), policies, before)
    assert [flip.policy_id.partition(".")[2] for flip in flips] == [
        *("z_high", "z_high", "advised", "advised", "low", "low"),
        *("lost", "lost", "fixed", "fixed", "other", "other"),
    ]
    assert [flip.table for flip in flips[:2]] == ["s", "t"]


def test_the_first_evaluation_flips_nothing() -> None:
    decisions, flips = take(_decided({"t": {"a.one": FAIL}, "s": {"a.one": PASS}}), [_ONE])
    assert flips == []
    assert decisions.counts == dict.fromkeys(Outcome, 0) | {FAIL: 1, PASS: 1}
    assert decisions.gating == 1


def test_tables_and_policies_that_come_and_go() -> None:
    """A table that is gone has not been fixed; a new one that fails is newly failing."""
    two = _policy("two")
    before, _ = take(_decided({"t": {"a.one": FAIL}, "s": {"a.one": PASS}}), [_ONE])
    now = {"s": {"a.two": FAIL}, "u": {"a.two": PASS}}
    decisions, flips = take(_decided(now), [two], before)
    assert [(flip.table, flip.policy_id, flip.turn) for flip in flips] == [
        ("s", "a.two", Turn.FAILING),
        ("u", "a.two", Turn.NEW),
        ("s", "a.one", Turn.GONE),
        ("t", "a.one", Turn.GONE),
    ]
    assert decisions.tables == ("s", "u")


def test_policies_that_were_not_asked_again_keep_what_they_said() -> None:
    two = _policy("two")
    old = {"t": {"a.one": FAIL, "a.two": PASS}, "s": {"a.one": PASS, "a.two": PASS}}
    before, _ = take(_decided(old), [_ONE, two])
    now = {"t": {"a.two": FAIL}, "s": {"a.two": PASS}}
    decisions, flips = take(_decided(now), [_ONE, two], before, {"a.two"})
    assert [(flip.table, flip.policy_id) for flip in flips] == [("t", "a.two")]
    assert decisions.outcomes("a.one") == {"t": FAIL, "s": PASS}
    assert decisions.outcomes("a.two") == {"t": FAIL, "s": PASS}
    assert decisions.gating == 2


def test_nothing_asked_flips_nothing() -> None:
    before, _ = take(_decided({"t": {"a.one": FAIL}}), [_ONE])
    decisions, flips = take([], [_ONE], before, set())
    assert flips == []
    assert (decisions.counts, decisions.gating) == (before.counts, 1)


_TABLES: Final = st.dictionaries(st.sampled_from("stuv"), st.just(None), max_size=4)
_NAMES: Final = st.lists(st.sampled_from(["one", "two", "six"]), unique=True)


@st.composite
def _decision_tables(draw: st.DrawFn) -> tuple[list[Policy], Outcomes]:
    policies = [_policy(name) for name in draw(_NAMES)]
    outcome = st.sampled_from(Outcome)
    return policies, {
        table: {policy.policy_id: draw(outcome) for policy in policies} for table in draw(_TABLES)
    }


def _cells(outcomes: Outcomes) -> dict[tuple[str, str], Outcome]:
    return {(table, name): o for table, each in outcomes.items() for name, o in each.items()}


@given(old=_decision_tables(), new=_decision_tables())
def test_the_flips_are_all_of_the_difference(
    old: tuple[list[Policy], Outcomes], new: tuple[list[Policy], Outcomes]
) -> None:
    """Whatever came, went or changed: applied to what stood, the flips give what stands."""
    before, _ = take(_decided(old[1]), old[0])
    _, flips = take(_decided(new[1]), new[0], before)
    cells = _cells(old[1])
    for flip in flips:
        assert cells.get((flip.table, flip.policy_id)) is flip.old
        if flip.new is None:
            del cells[flip.table, flip.policy_id]
        else:
            cells[flip.table, flip.policy_id] = flip.new
    assert cells == _cells(new[1])
    assert len({(flip.table, flip.policy_id) for flip in flips}) == len(flips)


def test_an_override_takes_a_failure_out_of_the_gate() -> None:
    advised = Decision(outcome=FAIL, enforcement=Enforcement.ADVISORY)
    decisions, _ = take([("t", TableDecisions(decisions={"a.one": advised}))], [_ONE])
    assert decisions.gating == 0


def _decision_table(*policies: Policy) -> DecisionTable:
    return DecisionTable(policies=policies, tables=(), columns={})


def test_a_policy_that_bites_otherwise_is_named() -> None:
    """No decision flips, and yet the gate may."""
    softer = msgspec.structs.replace(_ONE, enforcement=Enforcement.ADVISORY, severity=Severity.INFO)
    assert bites(_decision_table(_ONE), _decision_table(softer)) == [
        "a.one  mandatory → advisory",
        "a.one  severity high → info",
    ]
    assert bites(_decision_table(_ONE), _decision_table(_ONE)) == []
    assert bites(_decision_table(), _decision_table(_ONE)) == []
