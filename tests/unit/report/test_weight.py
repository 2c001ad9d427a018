"""What a failure weighs: all formats name the same failures first."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from lakewarden.model.decision import Decision, Enforcement, Outcome, Severity
from lakewarden.model.report import TableReport
from lakewarden.report.weight import (
    UNSIZED_BYTES,
    FailedDecision,
    Heaviest,
    Load,
    failed_decisions,
    heaviest_first,
    heaviest_loads,
    weight_of,
)
from tests.unit.report.test_table_status import CATALOGUE, table


def failing(name: str, size: int | None, *policies: str, **changes: Decision) -> TableReport:
    return table(name, size, **dict.fromkeys(policies, "fail"), **changes)


def ordered(*tables: TableReport, keep: int = 20) -> list[str]:
    heaviest = Heaviest(keep, heaviest_first)
    for each in tables:
        heaviest.add(failed_decisions(each, CATALOGUE))
    return [named(each) for each in heaviest.ordered()]


def named(failed: FailedDecision) -> str:
    return f"{failed.table.full_name} {failed.policy.policy_id.removeprefix('d.')}"


def test_one_severity_more_outweighs_ten_times_the_data() -> None:
    for worse, better in pairwise(Severity):
        assert weight_of(worse, 100) == weight_of(better, 1000)
        assert weight_of(worse, 101) > weight_of(better, 1000)
        assert weight_of(worse, 99) < weight_of(better, 1000)


def test_severity_decides_among_empty_tables_and_among_unsized_ones() -> None:
    for size in (0, None):
        weights = [weight_of(severity, size) for severity in Severity]
        assert weights == sorted(set(weights), reverse=True)


def test_an_unknown_size_is_neither_small_nor_the_largest() -> None:
    names = ordered(
        failing("small", UNSIZED_BYTES - 1, "mandatory_high"),
        failing("unknown", None, "mandatory_high"),
        failing("large", UNSIZED_BYTES + 1, "mandatory_high"),
    )
    assert names == ["large mandatory_high", "unknown mandatory_high", "small mandatory_high"]


def test_what_gates_comes_before_what_does_not() -> None:
    names = ordered(
        failing("huge", 2**50, "advisory_critical"),
        failing("tiny", 1, "mandatory_info"),
    )
    assert names == ["tiny mandatory_info", "huge advisory_critical"]


def test_an_override_changes_the_weight_for_its_table() -> None:
    louder = Decision(
        outcome=Outcome.FAIL, severity=Severity.CRITICAL, enforcement=Enforcement.MANDATORY
    )
    quieter = Decision(outcome=Outcome.FAIL, enforcement=Enforcement.ADVISORY)
    names = ordered(
        failing("a", 10, mandatory_high=quieter),
        failing("b", 10, "mandatory_high"),
        failing("c", 10, advisory_low=louder),
    )
    assert names == ["c advisory_low", "b mandatory_high", "a mandatory_high"]


def test_only_failures_have_a_weight() -> None:
    others = [outcome for outcome in Outcome if outcome is not Outcome.FAIL]
    decisions = {
        f"mandatory_{severity}": Decision(outcome=outcome)
        for severity, outcome in zip(Severity, others, strict=True)
    }
    assert ordered(failing("t", 1, **decisions)) == []


@pytest.mark.parametrize("keep", [1, 5, 200])
def test_the_order_in_which_tables_come_changes_nothing(keep: int) -> None:
    """Ties are broken by name, so that two runs over the same tables write the same report."""
    tables = [
        failing(f"t{number:03}", number % 3 or None, "mandatory_high", "mandatory_low")
        for number in range(100)
    ]
    expected = ordered(*tables, keep=200)[:keep]
    random.Random(7).shuffle(tables)  # noqa: S311 -- an order for a test, no secret
    assert ordered(*tables, keep=keep) == expected


def test_a_load_adds_up_what_fails_and_counts_each_broken_table_once() -> None:
    tables = [
        failing("a", 10, "mandatory_high", "mandatory_low", "advisory_info"),
        failing("b", None, "mandatory_info"),
        failing("c", 7, "advisory_critical"),
    ]
    load = Load()
    for each in tables:
        load.add(failed_decisions(each, CATALOGUE))
    assert load.failed == 5
    assert load.weight == 10 * 1010 + UNSIZED_BYTES
    assert load.advisory_weight == 10 + 70_000
    assert (load.broken.tables, load.broken.bytes, load.broken.unsized) == (2, 10, 1)


def test_loads_are_ordered_by_what_gates_and_those_without_failures_left_out() -> None:
    loads = {
        "advisory": Load(failed=1, advisory_weight=10**9),
        "b": Load(failed=1, weight=1),
        "a": Load(failed=1, weight=1),
        "fine": Load(),
    }
    assert [name for name, _ in heaviest_loads(loads)] == ["a", "b", "advisory"]
