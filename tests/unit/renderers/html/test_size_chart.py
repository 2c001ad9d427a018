"""Size against a fact: every table is counted once, on its side of each threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.insight import Amount, WhatIf
from lakewarden.model.policy import WhatIfAsked
from lakewarden.model.report import TableReport
from lakewarden.renderers.html.size_chart import COLUMNS, VALUES, SizeChart, SizeTally, size_tally
from lakewarden.report.table_status import Status
from tests.support import insights, reports

THRESHOLDS: Mapping[str, Any] = {"most_bytes": 1024, "least_bytes": 700}


def table(value: object, size: int | None, outcome: Outcome = Outcome.PASS) -> TableReport:
    return TableReport(
        full_name="c.s.t",
        catalog_name="c",
        schema_name="s",
        name="t",
        size={} if size is None else {"bytes": size},
        facts={"d": {"f": value}},
        decisions={"d.p": Decision(outcome=outcome)},
    )


def charted(*tables: TableReport, values: tuple[str, ...] = ("a", "b")) -> SizeChart | None:
    tally = SizeTally("d.p", "d", "f", values, THRESHOLDS)
    for each in tables:
        tally.add(each, Status.COMPLIANT)
    return tally.chart()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 2**63 - 1))))
def test_every_table_is_in_one_circle_and_circles_have_a_bound(
    tables: list[tuple[str, int | None]],
) -> None:
    chart = charted(*[table(value, size) for value, size in tables])
    if chart is None:
        assert all(size is None for _, size in tables)
        return
    assert sum(each.count.tables for each in chart.bubbles) == len(tables)
    assert len(chart.bubbles) <= 3 * (COLUMNS + 1 + len(THRESHOLDS))
    assert all(0 <= float(each.x) <= 100 and float(each.radius) > 0 for each in chart.bubbles)
    assert all(y < chart.height for y, _ in chart.rows)


def test_a_circle_is_on_one_side_of_each_threshold() -> None:
    chart = charted(*[table("a", size) for size in (600, 699, 700, 1023, 1024, 1500)])
    assert chart is not None
    least, most = sorted(float(mark.x) for mark in chart.thresholds)
    places = {each.count.tables: float(each.x) for each in chart.bubbles}
    assert len(chart.bubbles) == 3
    below, between, above = sorted(float(each.x) for each in chart.bubbles)
    assert below < least < between < most < above
    assert set(places) == {2}
    assert [mark.label for mark in chart.thresholds] == ["most 1.0 KiB", "least 700 B"]


def test_what_fails_is_a_share_of_the_circle() -> None:
    fails = [table("a", 2048, Outcome.FAIL)] * 3
    chart = charted(*fails, table("a", 2048), table("b", None, Outcome.UNKNOWN))
    assert chart is not None
    sized, unsized = chart.bubbles
    assert (sized.count.tables, sized.count.failing) == (4, 3)
    assert (float(sized.failing_radius) / float(sized.radius)) ** 2 - 3 / 4 < 0.01
    assert (unsized.sizes, unsized.failing_radius, unsized.x) == ("size unknown", "", "5.00")


def test_rare_values_and_other_kinds_of_facts() -> None:
    chart = charted(table("rare", 5), table("a", 5), table(True, 5), table(None, 5))
    assert chart is not None
    assert [value for _, value in chart.rows] == ["a", None]
    assert sum(each.count.tables for each in chart.bubbles) == 2


def test_the_policy_the_fact_and_the_thresholds_come_from_the_report() -> None:
    """No name of a policy, a domain or a setting is known here."""
    sample = insights.with_insight(reports.sample(30))
    assert sample.insight is not None
    asked = WhatIfAsked(settings=("most_bytes",), factors=(2.0,))
    last = len(sample.policies) - 1
    sample.policies = tuple(
        structs.replace(policy, what_if=asked if number == last else None)
        for number, policy in enumerate(sample.policies)
    )
    policy_id = sample.policies[last].policy_id
    sample.insight.what_if = (
        WhatIf(
            policy_id=policy_id,
            factor=2.0,
            settings={"most_bytes": 4096},
            now={"most_bytes": 2048, "patterns": ["x"], "off_bytes": 0},
            **dict.fromkeys(
                ("failing", "exempt", "unknown", "newly_failing", "no_longer_failing"), Amount()
            ),
            examples=(),
        ),
    )
    tally = size_tally(sample)
    assert tally is not None
    domain = policy_id.partition(".")[0]
    assert (tally.policy_id, tally.domain, tally.fact) == (policy_id, domain, "strategy")
    assert tally.thresholds == {"most_bytes": 2048}
    assert 1 < len(tally.values) <= VALUES
    sample.insight = None
    without = size_tally(sample)
    assert without is not None
    assert without.thresholds == {}
    sample.summary.by_fact.clear()
    assert size_tally(sample) is None
