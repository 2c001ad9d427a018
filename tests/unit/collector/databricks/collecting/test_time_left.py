"""How long a collection still takes is said where that means something, and else not.

About `collection.py`.
"""

from __future__ import annotations

from lakewarden_collector.sources.databricks.collecting.collection import TimeLeft


def test_a_server_that_drips_its_answers_gives_no_estimate() -> None:
    """One table in 30 seconds of 165 would be 82 minutes; the next ones come at once."""
    left = TimeLeft()
    assert left.text(0, 165, now=0.0) == ""
    assert left.text(1, 165, now=30.0) == ""
    assert left.text(2, 165, now=60.0) == ""
    assert left.text(49, 165, now=600.0) == ""


def test_what_passed_before_the_first_table_counts_nothing() -> None:
    """Ten minutes of reading the metrics history say nothing of a table."""
    left = TimeLeft()
    assert left.text(0, 1050, now=0.0) == ""
    assert left.text(10, 1050, now=600.0) == ""
    assert left.text(110, 1050, now=610.0) == ", 1:34 to go"


def test_a_burst_at_the_beginning_gives_no_estimate() -> None:
    left = TimeLeft()
    assert left.text(1, 10_000, now=100.0) == ""
    assert left.text(500, 10_000, now=100.5) == ""
    assert left.text(501, 10_000, now=110.0) == ", 3:10 to go"


def test_at_the_end_nothing_is_to_go() -> None:
    left = TimeLeft()
    assert left.text(1, 101, now=0.0) == ""
    assert left.text(101, 101, now=10.0) == ", 0:00 to go"
