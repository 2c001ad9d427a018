"""What goes wrong while tables are made: each trouble says what, where, why and what to do.

An error that says less, or none at all, would leave a scenario judged by a table that is not what
it seems, or leave tables behind in somebody's workspace.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.factory.errors import FactoryError, Trouble
from tests.factory.opening import provide
from tests.factory.place import Schema
from tests.factory.specs import Spec
from tests.factory.table_specs import EMPTY, LARGE, SMALL
from tests.factory.tables import LeftBehindError, Tables
from tests.integration.factory.plain_estate import PlainEstate
from tests.integration.factory.reaching import SCRATCH, client
from tests.workspace.faults import (
    DENIED,
    Broken,
    FailedStatements,
    ResetAfter,
    SlowStatements,
    Throttled,
    UnknownWords,
)
from tests.workspace.misbehaving import Behaviour
from tests.workspace.server import Workspace


@pytest.fixture
def estate() -> PlainEstate:
    return PlainEstate("scratch")


def _trouble(tables: Tables, spec: Spec) -> FactoryError:
    with pytest.raises(FactoryError) as caught:
        tables.of(spec)
    return caught.value


def test_tables_are_made_filled_measured_and_dropped(
    workspace: Workspace, estate: PlainEstate
) -> None:
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([LARGE, SMALL, EMPTY, LARGE])
        assert estate.names("scratch") == {tables.of(each).name for each in (LARGE, SMALL, EMPTY)}
        assert tables.of(LARGE).size == 12_000 * 7 * 20
        assert tables.of(EMPTY).size == 0
    assert estate.names("scratch") == set()


def test_tables_are_dropped_after_a_failure(workspace: Workspace, estate: PlainEstate) -> None:
    def fail() -> None:
        with Tables(client(workspace), SCRATCH) as tables:
            tables.make([SMALL])
            assert estate.names("scratch")
            raise AssertionError("a scenario fails")

    with pytest.raises(AssertionError, match="a scenario fails"):
        fail()
    assert estate.names("scratch") == set()


def test_without_a_warehouse_the_error_says_how_to_name_one(workspace: Workspace) -> None:
    for do in (Tables, provide):
        with pytest.raises(FactoryError, match="DATABRICKS_WAREHOUSE_ID") as caught:
            do(client(workspace, warehouse_id=None), SCRATCH)
        assert caught.value.trouble is Trouble.NO_WAREHOUSE
    assert workspace.log.statements == []


def test_a_warehouse_that_is_not_there_is_named(workspace: Workspace) -> None:
    with Tables(client(workspace, warehouse_id="feed"), SCRATCH) as tables:
        tables.make([SMALL, EMPTY])
        error = _trouble(tables, SMALL)
    assert error.trouble is Trouble.NO_WAREHOUSE
    assert "there is no SQL warehouse feed" in str(error)


def test_without_a_grant_the_error_has_the_grant(workspace: Workspace) -> None:
    workspace.misbehave(FailedStatements(DENIED, containing="CREATE TABLE"))
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([SMALL])
        error = _trouble(tables, SMALL)
    assert error.trouble is Trouble.DENIED
    for words in (
        tables.run.name("small"),
        "Statement: CREATE TABLE",
        "SQLSTATE 42501: [INSUFFICIENT_PERMISSIONS]",
        "GRANT USE SCHEMA, CREATE TABLE ON SCHEMA `main`.`scratch` TO",
    ):
        assert words in str(error)


def test_a_warehouse_that_may_not_be_used_is_a_lacking_grant(workspace: Workspace) -> None:
    workspace.misbehave(Broken("execute", status=403, error_code="PERMISSION_DENIED"))
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([SMALL])
        error = _trouble(tables, SMALL)
    assert error.trouble is Trouble.DENIED
    assert "CAN USE on the warehouse" in str(error)


def test_a_statement_that_takes_too_long_is_cancelled_and_holds_up_nothing_else(
    workspace: Workspace, estate: PlainEstate
) -> None:
    """A warehouse that hangs would hang for every table, a quarter of an hour each."""
    workspace.misbehave(SlowStatements(600, containing="INSERT"))
    began = time.monotonic()
    with Tables(client(workspace), SCRATCH, deadline=1) as tables:
        tables.make([replace(SMALL, name=f"small_{number}") for number in range(12)])
        error = _trouble(tables, replace(SMALL, name="small_0"))
        last = _trouble(tables, replace(SMALL, name="small_11"))
    assert error.trouble is last.trouble is Trouble.TIMED_OUT
    assert "had not ended after 1 seconds" in str(error)
    assert workspace.log.running() == []
    assert 1 <= len(workspace.log.texts("CANCELED")) <= 4
    assert estate.names("scratch") == set()
    assert time.monotonic() - began < 60


def test_a_table_that_somebody_drops_meanwhile_is_named(
    workspace: Workspace, estate: PlainEstate
) -> None:
    def meddle(statement: str) -> None:
        if statement.startswith("INSERT") and "_small`" in statement:
            estate.catalog("main").schema("scratch").tables.clear()

    estate.meddling = meddle
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([SMALL])
        error = _trouble(tables, SMALL)
    assert error.trouble is Trouble.GONE
    assert tables.schema.full_name(tables.run.name("small")) in error.what
    assert "somebody else has dropped it" in str(error)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (replace(LARGE, rows=7000), "980000 bytes after the insert, but .* more than 1048576"),
        (replace(SMALL, rows=60_000), "2400000 bytes after the insert, but .* less than 1048576"),
        (replace(SMALL, rows=0), "0 bytes after the insert, but .* more than 0"),
        (replace(EMPTY, rows=1), "40 bytes after the insert, but .* less than 1"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_table_of_another_size_than_was_meant_is_not_judged(
    workspace: Workspace, spec: Spec, words: str
) -> None:
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([spec])
        with pytest.raises(FactoryError, match=words):
            tables.of(spec)


def test_a_size_that_nobody_tells_is_an_error(workspace: Workspace, estate: PlainEstate) -> None:
    """An unknown size is never small, and never large."""

    def meddle(statement: str) -> None:
        if statement.startswith("DESCRIBE DETAIL"):
            estate.every_table()[0].bytes = None

    estate.meddling = meddle
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([SMALL])
        error = _trouble(tables, SMALL)
    assert error.trouble is Trouble.FAILED
    assert "its size cannot be had" in str(error)


def test_a_type_that_cannot_be_filled_is_named_with_its_column(workspace: Workspace) -> None:
    spec = Spec("odd", "id BIGINT, place GEOGRAPHY")
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([spec])
        error = _trouble(tables, spec)
    assert "the column place has the type geography" in str(error)
    assert not [text for text in workspace.log.texts("SUCCEEDED") if "INSERT" in text]


def test_one_table_that_cannot_be_made_does_not_hinder_the_others(workspace: Workspace) -> None:
    workspace.misbehave(FailedStatements(DENIED, containing="_small`"))
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([LARGE, SMALL])
        assert tables.of(LARGE).size
        assert _trouble(tables, SMALL).lacking


def test_a_table_that_cannot_be_dropped_is_told_and_the_others_are_dropped(
    workspace: Workspace, estate: PlainEstate
) -> None:
    """Anyone who reads it can drop it; a drop that failed in silence would stay for ever."""
    tables = Tables(client(workspace), SCRATCH)
    tables.make([LARGE, SMALL])
    workspace.misbehave(FailedStatements(DENIED, containing="_small`"))
    with pytest.raises(LeftBehindError) as caught:
        tables.close()
    left = tables.run.name("small")
    assert estate.names("scratch") == {left}
    for words in (f"main.scratch.{left}", "SQLSTATE 42501", "python -m tests.factory.sweep"):
        assert words in str(caught.value)
    assert tables.run.name("large") not in str(caught.value)


def test_what_is_left_is_looked_for_and_not_only_believed(
    workspace: Workspace, estate: PlainEstate
) -> None:
    """A workspace may say that a table is dropped when it is not."""
    tables = Tables(client(workspace), SCRATCH)
    tables.make([SMALL])
    (left,) = estate.names("scratch")
    made = estate.catalog("main").schema("scratch").tables[left]
    estate.catalog("main").schema("scratch").tables[left.upper()] = made
    with pytest.raises(LeftBehindError, match=left):
        tables.close()


@pytest.mark.parametrize(
    "behaviour",
    [Throttled(times=3), ResetAfter("execute", times=2), UnknownWords(table_type="NEW_KIND")],
    ids=lambda value: type(value).__name__,
)
def test_passing_trouble_is_borne(
    workspace: Workspace, estate: PlainEstate, behaviour: Behaviour
) -> None:
    """Answers that are lost are asked for again, and a CREATE that comes twice does no harm."""
    workspace.misbehave(behaviour)
    with Tables(client(workspace), SCRATCH) as tables:
        tables.make([SMALL, EMPTY])
        assert tables.of(EMPTY).size == 0
        assert 0 < (tables.of(SMALL).size or 0) < 2**20
    assert estate.names("scratch") == set()


def test_a_workspace_that_is_gone_is_told_as_such() -> None:
    with Workspace(PlainEstate("scratch")) as opened:
        reached = client(opened, patience=1)
    tables = Tables(reached, SCRATCH)
    tables.make([SMALL])
    error = _trouble(tables, SMALL)
    assert error.trouble is Trouble.UNREACHABLE
    assert "lakewarden doctor --source databricks" in str(error)
    with pytest.raises(LeftBehindError, match=tables.run.name("small")):
        tables.close()


def test_a_schema_is_made_only_if_it_is_not_there(
    workspace: Workspace, estate: PlainEstate
) -> None:
    """It takes a right that nobody needs where the schema is there; and nobody drops it."""
    assert provide(client(workspace), SCRATCH) is False
    assert workspace.log.statements == []
    assert provide(client(workspace), Schema("main", "new one")) is True
    assert estate.names("new one") == set()
    assert [schema["name"] for schema in estate.schemas("main")] == ["scratch", "new one"]


def test_a_catalog_that_is_not_there_is_named(workspace: Workspace) -> None:
    with pytest.raises(FactoryError, match="the schemas of nowhere can't be listed"):
        provide(client(workspace), Schema("nowhere", "scratch"))


def test_a_catalog_that_may_not_be_used_is_a_lacking_grant(workspace: Workspace) -> None:
    workspace.misbehave(Broken("list_schemas", status=403, error_code="PERMISSION_DENIED"))
    with pytest.raises(FactoryError, match="GRANT USE CATALOG ON CATALOG `main`") as caught:
        provide(client(workspace), SCRATCH)
    assert caught.value.lacking


def test_two_runs_at_once_do_not_meet(workspace: Workspace, estate: PlainEstate) -> None:
    """Not in their tables, and not in what they drop."""
    with Tables(client(workspace), SCRATCH) as first:
        with Tables(client(workspace), SCRATCH) as second:
            first.make([SMALL, LARGE])
            second.make([SMALL, LARGE])
            assert len(estate.names("scratch")) == 4
            assert first.of(SMALL).name != second.of(SMALL).name
        assert estate.names("scratch") == {first.of(SMALL).name, first.of(LARGE).name}
    assert estate.names("scratch") == set()
