"""What is wrong with a waiver is named, so that nobody believes himself excused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.evaluation.waiver_ledger import WaiverLedger
from lakewarden.model.decision import Decision, Enforcement, Exemption, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverCondition, WaiverKind, WaiverState, WaiverStatus, bad
from lakewarden.settings.waiver_limits import WaiverLimit
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


def exempt(kind: str, would_be: Outcome) -> Decision:
    return Decision(
        outcome=Outcome.EXEMPT, exemptions=(Exemption(kind=kind, reason="r"),), would_be=would_be
    )


WAIVED = exempt("waiver", Outcome.FAIL)
FLAGGED = exempt("flag", Outcome.FAIL)
PASSED = Decision(outcome=Outcome.PASS, reasons=("fine",))
BROKEN = Decision(outcome=Outcome.ERROR, reasons=("broken",))

TABLES = {
    "a.b.one": WAIVED,
    "a.b.two": PASSED,
    "a.c.three": FLAGGED,
    "a.c.four": WAIVED,
    "a.d.five": BROKEN,
    "a.d.six": exempt("flag", Outcome.PASS),
    "a.d.seven": exempt("rule", Outcome.FAIL),
}


def waiver(
    expires: str = "2027-01-31",
    policy: str = "colour.shade",
    owner: str = "o",
    **fields: Any,  # noqa: ANN401 -- fields of any type
) -> Waiver:
    return Waiver(
        policy=policy, reason="r", owner=owner, approved_by="a", expires=expires, **fields
    )


def table(name: str, decision: Decision) -> TableReport:
    return TableReport(
        full_name=name,
        catalog_name="a",
        schema_name="b",
        name=name,
        decisions={"colour.shade": decision},
    )


def ledger(*waivers: Waiver, limits: tuple[WaiverLimit, ...] = ()) -> WaiverLedger:
    made = WaiverLedger(waivers, [POLICY], CLOCK, limits)
    for name, decision in TABLES.items():
        made.add(table(name, decision))
    return made


def statuses(*waivers: Waiver, whole: bool = True) -> tuple[WaiverStatus, ...]:
    return ledger(*waivers).statuses(sees_all=lambda _: whole)


def conditions(found: WaiverStatus) -> set[WaiverCondition]:
    return set(found.conditions)


def test_an_active_waiver_counts_what_it_covers_and_exempts() -> None:
    by_name, by_pattern = statuses(waiver(table="a.b.one"), waiver(pattern="a.?.*o*"))
    assert (by_name.state, by_name.tables, by_name.excuses) == (WaiverState.ACTIVE, 1, 1)
    assert (by_pattern.state, by_pattern.tables, by_pattern.excuses) == (WaiverState.ACTIVE, 3, 2)
    assert (by_name.table, by_name.pattern) == ("a.b.one", None)
    assert (by_pattern.table, by_pattern.pattern) == (None, "a.?.*o*")
    assert by_name.conditions == by_pattern.conditions == {}


def test_a_waiver_that_matches_no_table_is_told() -> None:
    name, pattern = statuses(waiver(table="a.b.gone"), waiver(pattern="z.*"))
    assert name.conditions == {WaiverCondition.UNUSED: "No table has its name."}
    assert conditions(pattern) == {WaiverCondition.UNUSED}


def test_a_run_that_has_not_seen_every_table_calls_no_name_wrong() -> None:
    """Else its owner would remove a waiver that is needed."""
    missing, met, some, none = statuses(
        waiver(table="a.b.gone"), waiver(table="a.b.two"), waiver(pattern="a.b.t*"),
        waiver(pattern="z.*"), whole=False,
    )  # fmt: skip
    assert conditions(missing) == conditions(none) == {WaiverCondition.UNSEEN}
    assert conditions(met) == {WaiverCondition.UNNEEDED}
    assert some.conditions == {}
    assert bad([missing, some, none]) == []


@pytest.mark.parametrize(
    ("expires", "state"),
    [
        ("2026-11-22", WaiverState.EXPIRED),
        ("2026-11-23", WaiverState.EXPIRING),
        ("2026-11-23T05:10:00Z", WaiverState.EXPIRED),
        ("2026-11-23T05:10:01Z", WaiverState.EXPIRING),
        ("2026-12-23T05:10:00Z", WaiverState.EXPIRING),
        ("2026-12-23T05:10:01Z", WaiverState.ACTIVE),
    ],
)
def test_it_expires_when_the_router_says_so(expires: str, state: WaiverState) -> None:
    (status,) = statuses(waiver(expires, table="a.b.one"))
    assert status.state is state
    assert status.excuses == (state is not WaiverState.EXPIRED)
    assert status.faults == ((state,) if state is WaiverState.EXPIRED else ())


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
    by_name, by_pattern = statuses(
        waiver(table="a.b.one", starts=starts), waiver(pattern="a.b.o*", starts=starts)
    )
    assert by_name.state is by_pattern.state is state
    assert by_name.excuses == by_pattern.excuses == (state is WaiverState.ACTIVE)
    assert by_name.starts == starts
    assert bad([by_name, by_pattern]) == []


def test_what_kind_of_waiver_it_is_is_reported() -> None:
    stated, silent = statuses(
        waiver(table="a.b.one", kind=WaiverKind.MITIGATED), waiver(table="a.c.four")
    )
    assert (stated.kind, silent.kind) == (WaiverKind.MITIGATED, WaiverKind.ACCEPTED)


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ({"table": "a.b.two"}, False),
        ({"table": "a.d.seven"}, False),
        ({"table": "a.d.six"}, False),
        ({"table": "a.d.five"}, True),  # an error proves nothing
        ({"table": "a.b.one"}, True),
        ({"pattern": "a.b.t*"}, False),
        ({"pattern": "a.d.s*"}, False),
        ({"pattern": "a.d.*"}, True),
        ({"pattern": "a.b.*"}, True),
        ({"table": "a.b.two", "expires": "2026-11-01"}, True),  # expired says enough
        ({"table": "a.b.two", "starts": "2026-12-01"}, True),  # nobody knows what is then
    ],
)
def test_a_waiver_is_not_needed_where_no_decision_would_be_otherwise(
    fields: dict[str, str], *, needed: bool
) -> None:
    (status,) = statuses(waiver(**fields))
    assert (WaiverCondition.UNNEEDED not in status.conditions) is needed


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"table": "a.c.three"}, "The owner of a.c.three exempts it by a flag."),
        ({"table": "a.d.six"}, None),  # it passes, so neither is needed
        ({"pattern": "a.c.*"}, None),  # about others too
    ],
)
def test_a_waiver_for_a_table_that_its_owner_exempts_conflicts(
    fields: dict[str, str], words: str | None
) -> None:
    (status,) = statuses(waiver(**fields))
    assert status.conditions.get(WaiverCondition.CONFLICTING) == words


def test_waivers_that_contradict_each_other_name_the_other_one() -> None:
    wide, exact, same, _ = statuses(
        waiver(pattern="a.*"),
        waiver(table="a.c.four", kind=WaiverKind.MITIGATED),
        waiver(table="a.b.one"),
        waiver("2026-11-01", table="a.b.one", owner="z"),
    )
    assert wide.conditions[WaiverCondition.CONFLICTING] == (
        "For a.c.four, a waiver that o answers for calls it mitigated."
    )
    assert exact.conditions[WaiverCondition.CONFLICTING] == (
        "For a.c.four, a waiver that o answers for accepts the risk."
    )
    assert same.conditions == {}


def test_a_conflict_names_the_first_table_and_counts_the_others() -> None:
    one, other = statuses(waiver(pattern="a.*"), waiver(pattern="a.?.*", owner="z"))
    assert one.conditions[WaiverCondition.CONFLICTING] == (
        "For a.b.one, a waiver that z answers for accepts the risk, and so for 6 more tables."
    )
    assert "that o answers for" in other.conditions[WaiverCondition.CONFLICTING]


def test_a_waiver_that_covers_more_than_is_allowed_is_too_broad() -> None:
    waivers = waiver(pattern="a.b.*"), waiver(pattern="a.b.*"), waiver(pattern="*")
    limits = WaiverLimit(max_tables=1), WaiverLimit(max_tables=2), WaiverLimit()
    found = ledger(*waivers, limits=limits).statuses(sees_all=lambda _: True)
    assert [WaiverCondition.OVER_BROAD in each.conditions for each in found] == [True, False, False]
    assert found[0].conditions[WaiverCondition.OVER_BROAD] == (
        "It covers 2 tables, but at most 1 are allowed."
    )


def test_a_waiver_that_lasts_too_long_is_not_applied() -> None:
    long = WaiverLimit(too_long="It lasts 400 days.")
    found = ledger(waiver(table="a.b.one"), limits=(long,)).statuses(sees_all=lambda _: True)
    assert found[0].conditions == {WaiverCondition.TOO_LONG: "It lasts 400 days."}
    assert (found[0].excuses, found[0].faults) == (0, (WaiverCondition.TOO_LONG,))


def test_all_that_is_wrong_is_told() -> None:
    made = ledger(
        waiver("2026-11-01", pattern="a.*"), waiver(table="a.b.two"),
        waiver(table="a.b.two", owner="z"), limits=(WaiverLimit(max_tables=1),) * 3,
    )  # fmt: skip
    over, passing, _ = made.statuses(sees_all=lambda _: True)
    assert over.faults == (WaiverState.EXPIRED, WaiverCondition.OVER_BROAD)
    assert passing.faults == (WaiverCondition.CONFLICTING, WaiverCondition.UNNEEDED)


def test_a_waiver_for_a_policy_that_was_not_asked_is_not_judged() -> None:
    """`--policy` left its policy out: that it excused nothing says nothing about it."""
    assert statuses(waiver(policy="colour.hue", table="a.b.one")) == ()


_WAIVERS = st.builds(
    waiver,
    expires=st.sampled_from(["2027-01-31", "2026-11-01"]),
    owner=st.sampled_from(["o", "z"]),
    kind=st.sampled_from(WaiverKind),
    pattern=st.sampled_from(["*", "a.b.*", "a.d.s*", "z.*", *TABLES]),
)


@given(
    waivers=st.lists(_WAIVERS, max_size=5),
    tables=st.permutations(list(TABLES)),
    order=st.permutations(range(5)),
)
def test_no_order_changes_what_is_found(
    waivers: list[Waiver], tables: list[str], order: list[int]
) -> None:
    plain = statuses(*waivers)
    numbers = [number for number in order if number < len(waivers)]
    other = WaiverLedger([waivers[number] for number in numbers], [POLICY], CLOCK)
    for name in tables:
        other.add(table(name, TABLES[name]))
    found = other.statuses(sees_all=lambda _: True)
    assert found == tuple(plain[number] for number in numbers)
