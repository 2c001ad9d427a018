"""How much of what is known was evaluated: measured where it can be, demanded where it is asked.

About `gate.py`.
"""

from __future__ import annotations

from typing import Literal, get_args

import pytest

from lakewarden.model.report import Completeness, Gate
from lakewarden.report.gate import judge
from lakewarden_collector.inventory import Failure

Covers = Literal["table", "statement", "file", "schema", "catalog", "workspace"]


def _failure(covers: Covers) -> Failure:
    return Failure(what=f"{covers} x", where="w", reason="denied", remedy="GRANT", covers=covers)


def _completeness(
    evaluated: int,
    *lost: Covers,
    left_out: int = 0,
    required: float | None = None,
) -> Completeness:
    failed = lost.count("table")
    return Completeness(
        complete=not lost,
        tables_known=evaluated + failed + left_out,
        tables_evaluated=evaluated,
        tables_failed=failed,
        tables_left_out=left_out,
        decisions_expected=evaluated,
        decisions_made=evaluated,
        failures=tuple(_failure(covers) for covers in lost),
        min_coverage=required,
    )


def _gate(completeness: Completeness) -> Gate:
    return judge({}, completeness)


def test_the_share_is_of_the_tables_that_were_asked_for() -> None:
    """Those that --table leaves out are not missing."""
    assert _completeness(8).coverage == 1
    assert _completeness(3, "table").coverage == 0.75
    assert _completeness(3, "table", left_out=96).coverage == 0.75


@pytest.mark.parametrize("covers", ["statement", "file", "schema", "catalog", "workspace"])
def test_nobody_knows_the_share_where_a_part_is_dark(covers: Covers) -> None:
    """A schema that cannot be listed may hold most of the tables."""
    completeness = _completeness(99, covers, required=0.01)
    assert completeness.coverage is None
    assert completeness.unlisted == {covers: 1}
    assert not completeness.suffices
    (reason,) = _gate(completeness).reasons
    done = "read" if covers in ("statement", "file") else "listed"
    assert reason == f"1 {covers} couldn't be {done}; 1% are required, but the total is unknown"


def test_nothing_at_all_is_no_share() -> None:
    assert _completeness(0).coverage is None
    assert _gate(_completeness(0, required=0)).exit_code == 3


def test_without_a_demand_every_loss_counts() -> None:
    assert _completeness(9).suffices
    for covers in get_args(Covers):
        completeness = _completeness(9, covers)
        assert not completeness.suffices
        assert _gate(completeness).exit_code == 3
    (reason,) = _gate(_completeness(9, "schema", "schema", "catalog", "table")).reasons
    reported = "2 schemas and 1 catalog couldn't be listed and 1 table couldn't be read or decided"
    assert reason == reported
    (reason,) = _gate(_completeness(9, "schema", "file", "statement", "statement")).reasons
    assert reason == "1 schema couldn't be listed and 1 file and 2 statements couldn't be read"


@pytest.mark.parametrize(
    ("required", "code"), [(0.0, 0), (0.75, 0), (0.7500001, 3), (0.76, 3), (1.0, 3)]
)
def test_a_demand_is_met_exactly_or_not(required: float, code: int) -> None:
    gate = _gate(_completeness(3, "table", required=required))
    assert gate.exit_code == code
    assert bool(gate.reasons) == (code == 3)


def test_a_demand_is_missed_by_what_is_said() -> None:
    """Just under the demand must not be rounded up to look as if it met it."""
    lost: list[Covers] = ["table"] * 2500
    (reason,) = _gate(_completeness(7499, *lost, required=0.75)).reasons
    assert reason.endswith("; 75% are required, but only 74.9% were evaluated")


def test_a_demand_forgives_what_could_not_be_read_and_nothing_else() -> None:
    """A dead engine or a truncated inventory is no matter of coverage."""
    completeness = _completeness(99, "table", required=0.9)
    assert _gate(completeness).exit_code == 0
    assert judge({}, completeness, engine_failed=True).exit_code == 4
