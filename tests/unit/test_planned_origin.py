"""A plan beside the estate: what its tables are now, and what nobody could tell."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest

from lakewarden.open_origin import Estate, ReadOrigin
from lakewarden.origin import Origin, open_origin
from lakewarden.planned_origin import Plan, PlannedOrigin
from lakewarden.progress import Silent
from lakewarden_collector.document import Definition, TableDocument
from lakewarden_collector.inventory import Failure, InventoryReader, LeftOut
from lakewarden_collector.planned import of_existing_table
from tests.support.commandline import document, write_lines

_NOW: Final = "2026-11-29T12:00:00Z"
_GIB: Final = 1 << 30


def _beside(
    folder: Path, sql: str, *lines: dict[str, Any]
) -> tuple[dict[str, TableDocument], list[Failure], Estate]:
    """Return the planned tables by name, the failures, and the estate, as `lines` have it."""
    (folder / "V1.sql").write_text(sql)
    write_lines(folder / "estate.ndjson", *lines)
    estate = Origin(source_kind="inventory", location=str(folder / "estate.ndjson"))
    plan = Origin(source_kind="sql", location=str(folder / "V1.sql"), beside=estate)
    with open_origin(plan, Silent(), _NOW) as opened:
        items = list(opened.items)
        assert opened.estate is not None
        tables = {each.full_name: each for each in items if isinstance(each, TableDocument)}
        return tables, [each for each in items if isinstance(each, Failure)], opened.estate


def test_a_renamed_table_is_the_one_that_had_the_old_name(tmp_path: Path) -> None:
    """Also where another one had the new name and is dropped."""
    tables, failures, estate = _beside(
        tmp_path,
        "DROP TABLE main.sales.new; ALTER TABLE main.sales.old RENAME TO main.sales.new;",
        document("old", table_id="1", size={"bytes": 5 * _GIB}),
        document("new", table_id="2", size={"bytes": 9}),
    )
    assert not failures
    assert tables["main.sales.new"].size.bytes == 5 * _GIB
    assert tables["main.sales.new"].table_id == "1"
    assert [(name, each.full_name) for name, each in estate.tables()] == [
        ("main.sales.new", "main.sales.old")
    ]


class _Declared:
    """A plan of tables that it knows to exist."""

    source_kind = "terraform"
    scope = "plan.json"
    left_out: Sequence[LeftOut] = ()

    def __init__(self, *names: str) -> None:
        self._names = names

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        for name in self._names:
            catalog, schema, table = name.split(".")
            yield TableDocument(
                full_name=name,
                catalog_name=catalog,
                schema_name=schema,
                name=table,
                definition=Definition(tool="terraform", address=table, action="update"),
                evidence=of_existing_table("A plan doesn't say it."),
            )


_HEADER: Final = {
    "inventory": {
        "schema_version": 1,
        "source": "databricks",
        "scope": "Databricks",
        "started_at": "2026-11-20T05:10:00Z",
        "tool_version": "0.1.0",
    }
}


def _failure(covers: str, what: str) -> dict[str, Any]:
    lost = {"what": what, "where": "h", "reason": "no USE", "remedy": "Grant.", "covers": covers}
    return {"failure": lost}


def _end(failures: int, *left_out: str) -> dict[str, Any]:
    omitted = [{"what": what, "reason": "no include pattern"} for what in left_out]
    return {"end": {"documents": 0, "failures": failures, "left_out": omitted}}


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([_failure("table", "Main.sales.LOST"), _end(1)], "failed"),
        ([_failure("schema", "schema MAIN.sales"), _end(1)], "failed"),
        ([_end(0, "catalog Main")], "not_requested"),
        ([_end(0, "schema main.SALES")], "not_requested"),
        ([_end(0, "tables of schema main.sales")], "not_requested"),
    ],
)
def test_a_table_that_could_not_be_read_is_not_new(
    lines: Sequence[dict[str, Any]], status: str
) -> None:
    """Nor is one in what the estate leaves out, such as by --include."""
    plan = Plan(lambda _: _Declared("main.sales.lost", "dev.made.new"), asks=False)
    text = "".join(f"{json.dumps(each)}\n" for each in (_HEADER, *lines))
    reader = InventoryReader(BytesIO(text.encode()), "e.ndjson")
    opened = ReadOrigin("inventory", "e.ndjson", reader)
    origin = PlannedOrigin("terraform", plan, opened, "e.ndjson", _NOW)
    tables = [each for each in origin.items if isinstance(each, TableDocument)]
    assert origin.estate is not None
    assert origin.estate.unread == {"main.sales.lost"}
    reasons = {each.name: each.evidence["size"] for each in tables}
    assert reasons["lost"].status == status
    assert reasons["new"].reason == "e.ndjson has no table of this name."


def test_an_empty_file_does_not_show_that_every_table_is_new(tmp_path: Path) -> None:
    """It is what is left of a collection that couldn't begin."""
    _, failures, _ = _beside(tmp_path, "CREATE TABLE main.sales.new (id BIGINT);")
    assert [each.covers for each in failures] == ["file"]
    assert "it's empty" in failures[0].reason


def test_tables_without_a_header_stand_as_of_the_clock_of_the_run(tmp_path: Path) -> None:
    """Two runs of one clock say the same."""
    _, _, estate = _beside(tmp_path, "CREATE TABLE main.sales.new (id BIGINT);", document("a"))
    assert estate.as_of == _NOW
