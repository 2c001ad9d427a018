"""Where tables come from: what is opened is also ended."""

from __future__ import annotations

from pathlib import Path

from lakewarden.origin import open_origin, parse_origin
from lakewarden.progress import Silent
from tests.unit.collector.delta.logs import make_table


def test_reading_ends_with_the_origin(tmp_path: Path) -> None:
    """Else the tables that nobody asks for any more are still read, by threads left behind."""
    for name in ("a", "b", "c"):
        make_table(tmp_path / "c" / "s" / name)
    with open_origin(parse_origin(f"delta:{tmp_path}"), Silent()) as opened:
        items = iter(opened.items)
        assert next(items, None) is not None
    assert next(items, None) is None


def test_an_origin_that_nobody_reads_is_not_looked_at(tmp_path: Path) -> None:
    """A location that does not exist is an error of the reading."""
    with open_origin(parse_origin(f"delta:{tmp_path / 'absent'}"), Silent()) as opened:
        assert opened.shortcomings == []
