"""When waivers end: each is in one column, near ends by month, the rest before and after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.model.waiver import WaiverState
from lakewarden.renderers.html.timeline import HEIGHT, Timeline, timeline
from tests.support import reports

CLOCK = "2026-11-29T05:10:00Z"


def ending(*days: str, state: WaiverState = WaiverState.ACTIVE) -> Timeline:
    found = timeline([reports.waiver_status(state, expires=day) for day in days], CLOCK)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expires", "label"),
    [
        ("2026-11-01", "Nov 2026"),
        ("2026-11-30", "Nov 2026"),
        ("2026-12-01", "Dec 2026"),
        ("2026-08-31", "Aug 2026"),
        ("2026-07-31", "earlier"),
        ("2027-11-30", "Nov 2027"),
        ("2027-12-01", "later"),
        ("2099-12-31", "later"),
        ("0001-01-01", "earlier"),
        ("2027-01-31T12:00:00Z", "Jan 2027"),
        ("whenever", "no date"),
        ("", "no date"),
    ],
)
def test_a_waiver_stands_in_its_month(expires: str, label: str) -> None:
    found = ending(expires)
    assert [column.label for column in found.columns if column.number] == [label]


@given(st.lists(st.integers(-2000, 2000), min_size=1, max_size=60))
def test_none_is_lost_and_columns_have_a_bound(days: list[int]) -> None:
    start = date.fromisoformat(CLOCK[:10])
    found = ending(*[str(start + timedelta(days=day)) for day in days])
    assert sum(column.number for column in found.columns) == len(days)
    assert len(found.columns) == 18
    for column in found.columns:
        tall = sum(float(piece.height) for piece in column.pieces)
        assert tall <= HEIGHT + 0.1
        assert 0 <= float(column.x) < float(column.x) + float(column.width) <= 100


def test_states_are_stacked_and_todays_line_is_in_this_month() -> None:
    found = timeline(
        [
            reports.waiver_status(state, expires="2026-11-20")
            for state in (WaiverState.EXPIRED, WaiverState.ACTIVE, WaiverState.ACTIVE)
        ],
        CLOCK,
    )
    assert found is not None
    column = next(each for each in found.columns if each.number)
    assert [(piece.state, piece.number) for piece in column.pieces] == [
        ("active", 2),
        ("expired", 1),
    ]
    upper, lower = column.pieces[1], column.pieces[0]
    assert float(upper.y) + float(upper.height) == pytest.approx(float(lower.y), abs=0.2)
    assert abs(float(found.today) - float(column.middle)) < 100 / 18
    assert found.has("expired")
    assert not found.has("unseen")


def test_without_waivers_or_a_clock_there_is_no_line() -> None:
    assert timeline([], CLOCK) is None
    assert timeline([reports.waiver_status(WaiverState.ACTIVE)], "no clock") is None


@pytest.mark.parametrize("clock", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_clock_at_the_edge_of_the_calendar_has_a_line(clock: str) -> None:
    found = timeline([reports.waiver_status(WaiverState.ACTIVE, expires=clock[:10])], clock)
    assert found is not None
    assert sum(column.number for column in found.columns) == 1
