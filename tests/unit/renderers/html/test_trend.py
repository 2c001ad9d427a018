"""The trend over runs: the latest are drawn to one scale, and older ones counted."""

from __future__ import annotations

import re

from msgspec import structs

from lakewarden.model.decision import PastFailure
from lakewarden.renderers.html.details import proof_of
from lakewarden.renderers.html.trend import HEIGHT, RUNS, trend
from lakewarden.report.table_status import Status
from tests.support import histories, past_runs, reports
from tests.support.html_page import Page, rendered


def test_columns_have_the_height_of_their_tables() -> None:
    sample = histories.with_history(reports.sample(60), runs=5, not_listed=2)
    found = trend(sample.history)
    assert found is not None
    assert len(found.columns) == 5
    tallest = 0.0
    for column in found.columns:
        tables = {status: amount.tables for status, amount in column.run.tables.items()}
        assert {piece.status for piece in column.pieces} == {s for s, n in tables.items() if n}
        high = sum(float(piece.height) for piece in column.pieces)
        tallest = max(tallest, high)
        for piece in column.pieces:
            expected = high * tables[piece.status] / sum(tables.values())
            assert abs(float(piece.height) - expected) < 0.2
        assert column.pieces[0].status is Status.NON_COMPLIANT
    assert abs(tallest - HEIGHT) < 0.5
    assert found.incomparable
    assert found.incomplete
    signs = [[sign for sign, _ in column.marks] for column in found.columns]
    assert signs == [[], ["≠"], [], [], ["?"]]
    assert found.left_out == 2
    assert [column.label for column in found.columns] == [
        *("2026-11-19", "", "2026-11-21", "", "2026-11-23")
    ]


def test_a_long_history_is_drawn_in_part_and_counted() -> None:
    history = histories.with_history(reports.sample(9), runs=RUNS + 7, not_listed=3).history
    found = trend(history)
    assert found is not None
    assert history is not None
    assert [column.run for column in found.columns] == list(history.runs[-RUNS:])
    assert found.left_out == 10
    assert sum(bool(column.label) for column in found.columns) == 5
    assert found.columns[-1].label


def test_one_run_is_no_trend() -> None:
    history = histories.with_history(reports.sample(9), runs=2).history
    assert history is not None
    assert trend(structs.replace(history, runs=history.runs[-1:])) is None
    assert trend(None) is None


def test_the_page_says_what_can_not_be_compared() -> None:
    words = Page(rendered(histories.with_history(reports.sample(20)))).words
    assert histories.OTHER_SETTINGS in words
    assert words.count("3 violations fixed, ") == 2  # on the first screen and at the trend
    assert "had been reported fixed" in words
    assert "Reported fixed, and failing again" in words
    assert re.search(r"since 2026-11-\d\d, first 2026-11-\d\d, reopened 1 time", words)
    assert "The median time to fix is 2.5 days." in words


def test_a_table_says_since_when_a_violation_is_there() -> None:
    past = PastFailure(
        key="x", first_failed_at="2026-03-03T00:00:00Z", failing_since="2026-03-03T00:00:00Z"
    )
    proof = proof_of(structs.replace(past_runs.failing("x", "y"), history=(past,)))
    assert [each.get("past") for each in proof["violations"]] == [
        "since 2026-03-03 00:00:00 UTC",
        None,
    ]
