"""A plan beside the estate: what its tables are now, and what nobody could tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import UNSET

from lakewarden.open_origin import Estate, ReadOrigin, SourceReader
from lakewarden.origin import Origin, open_origin
from lakewarden.planned_origin import Plan, PlannedOrigin
from lakewarden.progress import Silent
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import Definition, TableDocument
from lakewarden_collector.inventory import Failure, InventoryReader, LeftOut
from lakewarden_collector.planned import of_existing_table
from lakewarden_collector.sources.interface import Advice, Adviser
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


def test_a_table_that_keeps_its_name_is_itself_whatever_has_its_id(tmp_path: Path) -> None:
    """Two documents that were written by hand may have one id."""
    _, _, estate = _beside(
        tmp_path,
        "ALTER TABLE main.sales.a SET TBLPROPERTIES ('x' = 'y');"
        "ALTER TABLE main.sales.b SET TBLPROPERTIES ('x' = 'y');",
        document("a", table_id="1"),
        document("b", table_id="1"),
    )
    names = ["main.sales.a", "main.sales.b"]
    assert [(name, each.full_name) for name, each in estate.tables()] == [(n, n) for n in names]


class _Declared:
    """A plan of tables that it knows to exist, unless they are called new."""

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
                definition=Definition(
                    tool="terraform", address=table, action=UNSET if table == "new" else "update"
                ),
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


class _Estate(ReadOrigin):
    """An inventory that lets itself be advised, as a workspace does."""

    def __init__(self, *lines: dict[str, Any]) -> None:
        text = "".join(f"{json.dumps(each)}\n" for each in lines)
        super().__init__("inventory", "e.ndjson", InventoryReader(BytesIO(text.encode()), "e"))

    def advise(self, adviser: Callable[[], Adviser]) -> None:
        self.adviser = adviser()


def _wanting(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    return [Advice(frozenset({"size"}), each.full_name.encode()) for each in documents]


def test_only_chosen_tables_are_worth_a_statement() -> None:
    """A pattern of --table is about the names after the plan."""
    estate = _Estate()
    plan = Plan(lambda _: _Declared("main.sales.a", "main.sales.b"), asks=False)
    origin = PlannedOrigin("terraform", plan, estate, "e.ndjson", _NOW)
    origin.advise(lambda: _wanting)
    origin.intake(["*.b"]).close()
    documents = [
        TableDocument(
            full_name=f"main.sales.{name}", catalog_name="main", schema_name="sales", name=name
        )
        for name in "ab"
    ]
    assert [sorted(each.wants) for each in estate.adviser(documents)] == [[], ["size"]]


def test_a_size_that_nobody_knows_counts_alike_before_and_after() -> None:
    """Else each table that counts as large would look broken by the plan."""
    plan = Plan(lambda _: _Declared("main.sales.a"), asks=False)
    estate = _Estate(document("a", size={}))
    origin = PlannedOrigin("terraform", plan, estate, "e.ndjson", _NOW)
    (after,) = (each for each in origin.items if isinstance(each, TableDocument))
    assert origin.estate is not None
    ((_, before),) = origin.estate.tables()
    assert decoder(TableDocument).decode(before.data).definition == after.definition


def test_a_workspace_is_not_later_than_the_run_that_collects_it() -> None:
    """Else the report would warn of a comparison with a later run."""
    plan = Plan(lambda _: _Declared("main.sales.a"), asks=False)
    workspace = ReadOrigin("databricks", "Databricks", SourceReader(_Declared()))
    origin = PlannedOrigin("terraform", plan, workspace, "Databricks", "2020-01-01T00:00:00Z")
    list(origin.items)
    assert origin.estate is not None
    assert origin.estate.as_of == "2020-01-01T00:00:00Z"


def test_a_plan_is_read_once_without_and_once_with_the_estate() -> None:
    """Thousands of SQL files take seconds each time."""
    read = []

    def reading(_: object) -> _Declared:
        read.append(1)
        return _Declared("main.sales.a")

    estate = _Estate(document("a"))
    origin = PlannedOrigin("sql", Plan(reading, asks=True), estate, "e.ndjson", _NOW)
    list(origin.items)
    assert origin.estate is not None
    assert len(list(origin.estate.tables())) == 1
    assert len(read) == 2


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
    """Nor is one in what the estate leaves out, such as by --include, or that the plan updates."""
    names = ("main.sales.lost", "dev.made.new", "dev.made.ghost")
    plan = Plan(lambda _: _Declared(*names), asks=False)
    origin = PlannedOrigin("terraform", plan, _Estate(_HEADER, *lines), "e.ndjson", _NOW)
    tables = [each for each in origin.items if isinstance(each, TableDocument)]
    assert origin.estate is not None
    assert origin.estate.unread == {"main.sales.lost", "dev.made.ghost"}
    reasons = {each.name: each.evidence["size"] for each in tables}
    assert reasons["lost"].status == status
    assert reasons["new"].reason == "The table is new: e.ndjson has none of this name."
    assert reasons["ghost"].reason == "e.ndjson has no table of this name."


def test_what_could_not_be_read_of_the_estate_is_one_failure(tmp_path: Path) -> None:
    bad = {"full_name": "a"}
    _, (failure,), _ = _beside(tmp_path, "CREATE TABLE main.s.new (id BIGINT);", bad, bad, bad)
    assert "(and 2 more), so it may lack tables that exist" in failure.reason


def test_an_empty_file_does_not_show_that_every_table_is_new(tmp_path: Path) -> None:
    """It is what is left of a collection that couldn't begin."""
    _, failures, _ = _beside(tmp_path, "CREATE TABLE main.sales.new (id BIGINT);")
    assert [each.covers for each in failures] == ["file"]
    assert "it's empty" in failures[0].reason


def test_tables_without_a_header_stand_as_of_the_clock_of_the_run(tmp_path: Path) -> None:
    """Two runs of one clock say the same."""
    _, _, estate = _beside(tmp_path, "CREATE TABLE main.sales.new (id BIGINT);", document("a"))
    assert estate.as_of == _NOW
