"""What those who answer for the estate read adds up to what the summary says."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterable, Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import Decision, Enforcement, Exemption, Outcome, Severity
from lakewarden.model.insight import Amount, Governance, LackingTable
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.model.report import Completeness, TableReport
from lakewarden.report.insight_tally import InsightTally
from lakewarden_collector.inventory import Failure
from tests.support import reports


def _policy(name: str, enforcement: Enforcement = Enforcement.MANDATORY) -> Policy:
    return Policy(
        policy_id=f"colour.{name}",
        title="",
        description="",
        severity=Severity.LOW,
        enforcement=enforcement,
        remediation="",
        what_if=WhatIfAsked(settings=("limit",), factors=(2.0,)) if name == "hue" else None,
    )


_POLICIES: Final = (_policy("hue"), _policy("shade", Enforcement.ADVISORY))


def _table(
    hue: Decision | Outcome, shade: Outcome = Outcome.PASS, *, name: str = "t", size: int | None = 7
) -> TableReport:
    first = hue if isinstance(hue, Decision) else Decision(outcome=hue)
    return TableReport(
        full_name=f"c.s.{name}",
        catalog_name="c",
        schema_name="s",
        name=name,
        owner="ann",
        size={} if size is None else {"bytes": size},
        decisions={"colour.hue": first, "colour.shade": Decision(outcome=shade)},
    )


def _tally(tables: Iterable[TableReport], policies: Sequence[Policy] = _POLICIES) -> InsightTally:
    result = InsightTally(policies)
    for table in tables:
        result.add(table)
    return result


def _completeness(evaluated: int, *, failed: int = 0, left_out: int = 0) -> Completeness:
    return Completeness(
        complete=not failed,
        tables_known=evaluated + failed + left_out,
        tables_evaluated=evaluated,
        tables_failed=failed,
        tables_left_out=left_out,
        decisions_expected=0,
        decisions_made=0,
    )


def _added(amounts: Iterable[Amount]) -> tuple[int, int, int]:
    listed = list(amounts)
    return (
        sum(each.tables for each in listed),
        sum(each.bytes for each in listed),
        sum(each.unsized for each in listed),
    )


@settings(max_examples=80, deadline=None)
@given(reports.reports(), st.randoms())
def test_everything_adds_up_to_the_summary(sample: reports.Sample, random_: random.Random) -> None:
    tally = _tally(sample.rows, sample.policies)
    summary, total = sample.summary, sample.summary.total
    governance = tally.governance(sample.completeness)
    groups = (governance.governed, governance.undecided, governance.outside)
    assert _added(groups) == (total.tables, total.bytes, total.unsized)
    assert governance.outside.tables == summary.tables_by_status["not_applicable"]
    assert governance.unread == sample.completeness.tables_failed
    exempted = {each.policy_id: each for each in tally.exempted}
    for policy in sample.policies:
        number = summary.by_policy[policy.policy_id].outcomes["exempt"]
        if policy.policy_id not in exempted:
            assert number == 0
            continue
        each = exempted[policy.policy_id]
        assert each.total.tables == number > 0
        assert _added(each.kinds.values()) == _added([each.total])
    for lacking in tally.lacking:
        counts = summary.by_policy[lacking.policy_id]
        assert (lacking.failing.tables, lacking.failing.bytes) == (
            counts.outcomes["fail"],
            counts.failing_bytes,
        )
        assert lacking.excused.tables <= counts.outcomes["exempt"]
        both = lacking.failing.tables + lacking.excused.tables
        assert len(lacking.largest) == min(both, 10)
    assert [each.policy_id for each in tally.lacking] == [
        policy.policy_id for policy in sample.policies if policy.what_if
    ]
    other = list(sample.rows)
    random_.shuffle(other)
    again = _tally(other, sample.policies)
    assert again.governance(sample.completeness) == governance
    assert again.exempted == tally.exempted


@pytest.mark.parametrize(
    ("hue", "shade", "group"),
    [
        (Outcome.PASS, Outcome.PASS, "governed"),
        (Outcome.FAIL, Outcome.NOT_APPLICABLE, "governed"),
        (Outcome.EXEMPT, Outcome.FAIL, "governed"),
        (Outcome.NOT_APPLICABLE, Outcome.FAIL, "governed"),
        (Outcome.PASS, Outcome.UNKNOWN, "governed"),
        (Outcome.UNKNOWN, Outcome.PASS, "undecided"),
        (Outcome.PASS, Outcome.ERROR, "undecided"),
        (Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE, "outside"),
    ],
)
def test_a_table_is_governed_if_what_is_mandatory_is_decided(
    hue: Outcome, shade: Outcome, group: str
) -> None:
    """For good or bad: a failing table is under control, one that nobody can judge is not."""
    governance = _tally([_table(hue, shade)]).governance(_completeness(1))
    assert getattr(governance, group) == Amount(tables=1, bytes=7)
    assert governance.share == (1 if group == "governed" else 0)


def test_an_override_says_what_is_mandatory_for_a_table() -> None:
    advisory = Decision(outcome=Outcome.UNKNOWN, enforcement=Enforcement.ADVISORY)
    assert _tally([_table(advisory)]).governance(_completeness(1)).governed.tables == 1


def test_a_failing_and_undecided_table_is_not_governed() -> None:
    policies = (_policy("hue"), _policy("shade"))
    governance = _tally([_table(Outcome.FAIL, Outcome.UNKNOWN)], policies).governance(
        _completeness(1)
    )
    assert governance.undecided.tables == 1


def test_what_could_not_be_read_lowers_the_share_and_what_was_left_out_does_not() -> None:
    tables = [_table(Outcome.PASS), _table(Outcome.UNKNOWN, size=21)]
    governance = _tally(tables).governance(_completeness(2, failed=2, left_out=100))
    assert (governance.share, governance.unread) == (0.25, 2)
    assert governance.share_of_bytes == 0.25


def test_nobody_knows_the_share_of_an_estate_that_is_not_listed() -> None:
    completeness = _completeness(1, failed=1)
    schema = Failure(what="schema c.s", where="", reason="", remedy="", covers="schema")
    completeness = structs.replace(completeness, failures=(schema,))
    assert _tally([_table(Outcome.PASS)]).governance(completeness).share is None


def test_an_empty_estate_has_no_share() -> None:
    nothing = Amount()
    assert _tally([]).governance(_completeness(0)) == Governance(
        governed=nothing,
        undecided=nothing,
        outside=nothing,
        unread=0,
        share=None,
        share_of_bytes=None,
    )


def _exempt(*kinds: str, would_be: Outcome = Outcome.FAIL) -> Decision:
    given = tuple(Exemption(kind=kind, reason=f"by {kind}") for kind in kinds)
    return Decision(outcome=Outcome.EXEMPT, exemptions=given, would_be=would_be)


def test_a_table_that_is_exempt_twice_counts_once() -> None:
    kinds = [("rule", "flag"), ("flag", "rule"), ("waiver", "rule"), ("waiver",)]
    (exempted,) = _tally(_table(_exempt(*each)) for each in kinds).exempted
    assert exempted.total == Amount(tables=4, bytes=28)
    assert exempted.kinds == {
        "flag": Amount(tables=2, bytes=14),
        "rule": Amount(tables=1, bytes=7),
        "waiver": Amount(tables=1, bytes=7),
    }


def test_the_largest_that_lack_something_are_told_with_their_exemption() -> None:
    tables = [
        _table(Outcome.FAIL, name="b", size=5),
        _table(_exempt("rule", "flag"), name="a", size=9),
        _table(Outcome.FAIL, name="c", size=None),
        _table(_exempt("rule", would_be=Outcome.UNKNOWN), name="d", size=99),
        _table(Outcome.PASS, name="e", size=99),
    ]
    (lacking,) = _tally(tables).lacking
    assert lacking.failing == Amount(tables=2, bytes=5, unsized=1)
    assert lacking.excused == Amount(tables=1, bytes=9)
    failing = LackingTable(full_name="c.s.b", outcome=Outcome.FAIL, bytes=5, owner="ann")
    assert lacking.largest == (
        LackingTable(
            full_name="c.s.a", outcome=Outcome.EXEMPT, bytes=9, owner="ann", excuse="by flag"
        ),
        failing,
        structs.replace(failing, full_name="c.s.c", bytes=None),
    )


def test_counting_does_not_hold_the_tables() -> None:
    """100,000 tables must fit into tens of megabytes."""
    tally = InsightTally(_POLICIES)
    tracemalloc.start()
    for number in range(20_000):
        tally.add(_table(Outcome.FAIL, name=f"t{number:09d}", size=number))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000
    assert [each.bytes for each in tally.lacking[0].largest] == list(range(19_999, 19_989, -1))
