"""Where tables come from: what is opened is also ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.open_origin import Copied
from lakewarden.options.tables import SourceOptions, TableOptions
from lakewarden.origin import Origin, open_origin, parse_origin
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
        assert not opened.shortcomings


_HEADER = (
    '{"inventory":{"schema_version":1,"source":"delta","scope":"x",'
    '"started_at":"2026-11-23T05:00:00Z","tool_version":"0"}}'
)
_TABLE = '{"full_name":"a.b.c","catalog_name":"a","schema_name":"b","name":"c"}'


def _copied(path: Path) -> Sequence[str]:
    """Save an inventory as it is read, as `evaluate` does, and return why the copy falls short."""
    copy = path.with_name("copy.ndjson")
    with (
        open_origin(Origin(source_kind="inventory", location=str(path)), Silent()) as opened,
        copy.open("wb") as stream,
    ):
        for _ in Copied(opened, stream):
            pass
    with open_origin(Origin(source_kind="inventory", location=str(copy)), Silent()) as opened:
        assert sum(1 for _ in opened.items) == 1
        return opened.shortcomings


@pytest.mark.parametrize(
    "end", ["", '{"end":{"documents":2,"failures":0}}', '{"end":{"documents":1,"failures":1}}']
)
def test_a_copy_of_an_incomplete_inventory_is_incomplete(tmp_path: Path, end: str) -> None:
    """Tables that were lost on the way would be forgotten for good."""
    path = tmp_path / "cut.ndjson"
    path.write_text(f"{_HEADER}\n{_TABLE}\n{end}")
    assert _copied(path)


def test_a_copy_of_a_complete_inventory_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "whole.ndjson"
    end = '{"end":{"documents":1,"failures":0}}'
    path.write_text(f"{_HEADER}\n{_TABLE}\n{end}")
    assert _copied(path) == []


def test_a_workspace_beside_a_plan_takes_no_location() -> None:
    """Else it is looked for as a file."""
    options = SourceOptions(source=parse_origin("sql:x.sql"), beside="databricks:prod")
    with pytest.raises(ConfigurationError, match="'prod' means nothing") as caught:
        options.origin()
    assert caught.value.where == "--with"


def test_an_empty_name_is_no_folder() -> None:
    """A variable of the shell that isn't set looks so."""
    for options in (
        SourceOptions(source=parse_origin("sql:x.sql"), beside=""),
        TableOptions(inventory=""),
    ):
        with pytest.raises(ConfigurationError, match="is empty"):
            options.origin()


def test_standard_input_is_called_that() -> None:
    assert Origin(source_kind="inventory", location="-").place == "standard input"
