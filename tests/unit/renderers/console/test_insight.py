"""The console's insight: a few plain lines, whole where they are piped."""

from __future__ import annotations

import io
import re

import pytest
from msgspec import structs

from lakewarden.model.history import History, LastingFailure, PastRun
from lakewarden.model.insight import Amount, Insight, WhatIf
from lakewarden.renderers import Format, renderer
from tests.support import insights, reports

LINES = 8
"""At most; the rest of the console report is still to be seen."""


def part(sample: reports.Sample, name: str = "Insights") -> list[str]:
    """Return the lines of the part, its heading first; none where it is not there."""
    out = io.StringIO()
    renderer(Format.CONSOLE).render(sample, out)
    assert "\x1b" not in out.getvalue()
    before, heading, after = out.getvalue().partition(f"\n{name}\n")
    assert not heading or "Policies" in before
    return [heading.strip(), *after.partition("\n\n")[0].splitlines()] if heading else []


@pytest.fixture
def sample() -> reports.Sample:
    return insights.with_insight(reports.sample(60, names=reports.HOSTILE_NAMES))


def insight_of(sample: reports.Sample) -> Insight:
    assert sample.insight is not None
    return sample.insight


def tried(factor: float, more: int, fewer: int, policy_id: str = insights.POLICY) -> WhatIf:
    return WhatIf(
        policy_id=policy_id,
        factor=factor,
        settings={"size_threshold_bytes": int(factor * 1024)},
        now={"size_threshold_bytes": 1024},
        failing=Amount(),
        exempt=Amount(),
        unknown=Amount(),
        newly_failing=Amount(tables=more),
        no_longer_failing=Amount(tables=fewer),
        examples=(),
    )


def test_it_is_short_and_says_each_thing_on_one_line(sample: reports.Sample) -> None:
    """Scripts read it with grep, people between the policies and the worst tables."""
    insight = insight_of(sample)
    assert insight.change is not None
    insight.what_if += tuple(tried(2, 1, 0, f"clustering.{number}") for number in range(9))
    insight.change.differences *= 9
    lines = part(sample)
    assert len(lines) <= LINES
    governed = insight.governance.governed.tables
    assert lines[1].startswith(f"  Governed: {governed} of 70 known tables (")
    exempt = insight.exempted[0].total.tables
    assert lines[2].startswith(
        f'  Exempt from "Large tables have a clustering strategy": {exempt} tables, '
    )


def test_the_nearest_other_thresholds_are_told(sample: reports.Sample) -> None:
    insight_of(sample).what_if = (
        tried(0.25, 9, 0),
        tried(0.5, 3, 0),
        tried(2, 0, 1),
        tried(4, 2, 5),
    )
    assert part(sample)[3] == (
        '  With other thresholds for "Large tables have a clustering strategy": '
        "3 more tables would fail with size threshold 512 B; "
        "1 fewer table would fail with size threshold 2.0 KiB"
    )
    insight_of(sample).what_if = (tried(0.5, 0, 0), tried(4, 2, 5))
    assert part(sample)[3].endswith(
        ": no change with size threshold 512 B; 2 more tables would fail and "
        "5 fewer tables would fail with size threshold 4.0 KiB"
    )


def test_a_change_is_told_with_what_it_may_come_from(sample: reports.Sample) -> None:
    change = insight_of(sample).change
    assert change is not None
    change.before["non_compliant"] = Amount(tables=9)
    change.after["non_compliant"] = Amount(tables=7)
    change.before["undecided"] = Amount(tables=5)
    del change.after["undecided"]
    change.fixed, change.broken = Amount(tables=3), Amount(tables=1)
    change.added, change.removed = Amount(tables=1), Amount(tables=2)
    change.differences = ("The settings\x1b[2J differ.",)
    lines = part(sample, "Changes since 2026-10-23 05:10:00 UTC")
    assert lines[1:3] == ["  non-compliant tables: 9 → 7", "  undecided tables: 5 → 0"]
    assert any(re.fullmatch(r"  3 tables, .* no longer non-compliant: .+", each) for each in lines)
    assert any(re.fullmatch(r"  2 tables, .* only in the previous run: .+", each) for each in lines)
    assert lines[-1] == r"  Keep in mind: The settings\x1b[2J differ."


def test_a_history_tells_the_trend_of_comparable_runs_and_what_is_contradicted() -> None:
    sample = reports.sample(9)
    runs = tuple(
        PastRun(
            run_id=str(number),
            clock=f"2026-11-0{number}T05:10:00Z",
            complete=number != 3,
            tables={"non_compliant": Amount(tables=number)},
            failing=number,
            undecided=0,
            differences=("The settings differ.",) if number == 2 else (),
        )
        for number in range(1, 5)
    )
    lasting = LastingFailure(
        full_name="main.sales.a\n",
        policy_id="clustering.key_limit",
        key="day",
        first_failed_at="2026-11-01T05:10:00Z",
        failing_since="2026-11-03T05:10:00Z",
        reopened=1,
        contradicted=True,
    )
    sample.history = History(
        runs=runs,
        not_listed=0,
        apart=0,
        failing=7,
        new=2,
        reopened=1,
        contradicted=4,
        fixed=3,
        days_to_fix=2.25,
        oldest=(lasting,),
        contradictions=(lasting,) * 4,
    )
    named = r"main.sales.a\n  clustering.key_limit (day)"
    assert part(sample, "Trend") == [
        "Trend",
        "  non-compliant tables, 3 runs: 1 → 3? → 4",
        "  1 run marked ? is incomplete: more may be broken",
        "  1 run can't be compared with this one",
        "  7 violations: 2 new, 1 reopened, 3 fixed, median time to fix 2.2 days",
        *[f"  contradicted, reported fixed and fails again: {named}"] * 3,
        "  … and 1 more contradicted violation",
        f"  fails since 2026-11-03 05:10:00 UTC: {named}",
    ]


def test_little_that_is_known_is_little_that_is_said() -> None:
    sample = insights.with_insight(reports.sample(9), changed=False, not_tried="Too many tables.")
    insight = insight_of(sample)
    insight.governance = structs.replace(insight.governance, share=None, share_of_bytes=None)
    insight.exempted = ()
    lines = part(sample)
    assert lines == [
        "Insights",
        f"  Governed: {insight.governance.governed.tables} of 11 known tables",
        "  Other thresholds weren't evaluated: Too many tables.",
    ]


def test_a_report_without_insight_has_no_such_part() -> None:
    assert part(reports.sample(9)) == []
