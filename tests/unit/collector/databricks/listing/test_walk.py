"""A walk lists every table once and asks for nothing that is out of scope."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied
from hypothesis import given, settings
from hypothesis import strategies as st

from lakewarden_collector.inventory import LeftOut
from lakewarden_collector.sources.databricks.concurrency.pace import Interrupted
from lakewarden_collector.sources.databricks.journal.events import Listed, Summarised
from lakewarden_collector.sources.databricks.listing.listing_errors import lost_parts
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.walk import walk
from tests.unit.collector.databricks.listing.fake_metastore import FakeMetastore, table_info
from tests.unit.collector.databricks.listing.walking import (
    NAMES,
    events_of,
    failures,
    listed,
    metastore_of,
)

ESTATES = st.dictionaries(
    st.tuples(NAMES, NAMES), st.lists(NAMES, max_size=7, unique=True), max_size=8
)


def cut_at_random(seed: int, rows: Sequence[Any]) -> list[list[Any]]:
    """Cut rows into pages, some of them empty, and put some rows on two pages."""
    random = Random(seed)  # noqa: S311 -- no secret
    pages: list[list[Any]] = []
    left = [*rows, *(row for row in rows if random.random() < 0.2)]
    while left or random.random() < 0.3:
        size = random.choice([0, 0, 1, 2, 5])
        pages.append(left[:size])
        left = left[size:]
    return pages


@given(ESTATES, st.integers())
@settings(max_examples=150, deadline=None)
def test_any_paging_gives_each_table_once(
    estate: dict[tuple[str, str], list[str]], seed: int
) -> None:
    """Empty pages that go on, and rows that come twice, neither lose nor double a table."""
    metastore = metastore_of(estate, cut=lambda rows: cut_at_random(seed, rows))
    events = events_of(metastore)
    expected = sorted((*place, name) for place, names in estate.items() for name in names)
    assert sorted(listed(events)) == expected
    assert not failures(events)
    whole = [(e.catalog_name, e.schema_name) for e in events if isinstance(e, Listed)]
    assert sorted(whole) == sorted(estate)
    summed = [name for e in events if isinstance(e, Summarised) for name in e.names]
    assert len(summed) == len(set(summed))
    assert set(summed) == {".".join(name) for name in expected}


@given(ESTATES, st.data())
@settings(max_examples=150, deadline=None)
def test_what_fails_is_named_and_the_rest_is_listed(
    estate: dict[tuple[str, str], list[str]], data: st.DataObject
) -> None:
    """Whatever catalogs and schemas fail, at whatever page: their tables are never just gone."""
    lost = data.draw(st.sets(st.sampled_from(sorted(estate) or [("none", "none")])))
    lost_catalogs = data.draw(st.sets(st.sampled_from(sorted({c for c, _ in estate}) or ["none"])))
    pages = st.integers(0, 2)
    error = PermissionDenied("no", error_code="PERMISSION_DENIED")
    errors: dict[tuple[str, ...], tuple[int, Exception]] = {
        ("tables", *place): (data.draw(pages), error) for place in lost
    }
    errors |= {("schemas", catalog): (0, error) for catalog in lost_catalogs}
    metastore = metastore_of(
        estate, cut=lambda rows: [[row] for row in rows] + [[], [], []], errors=errors
    )
    events = events_of(metastore)
    unread = {lost_parts(failure) for failure in failures(events)}
    assert {parts[0] for parts in unread if len(parts) == 1} == lost_catalogs & {
        catalog for catalog, _ in estate
    }
    for place, names in estate.items():
        tables = {(*place, name) for name in names}
        if place in unread or place[:1] in unread:
            assert not tables & set(listed(events))
        else:
            assert tables <= set(listed(events))
    assert {place for place in unread if len(place) == 2} == {
        place for place in lost & set(estate) if place[0] not in lost_catalogs
    }


def test_only_browsed_tables_are_marked_and_hints_are_kept() -> None:
    rows = [
        table_info("main", "s", "a", properties={"spark.sql.statistics.totalSize": "12"}),
        table_info("main", "s", "b", browse_only=True),
    ]
    (schema,) = [
        e for e in events_of(FakeMetastore({("main", "s"): rows})) if isinstance(e, Listed)
    ]
    assert schema.hints == {"main.s.a": 12}
    assert schema.partly == ("main.s.b",)


def test_skipped_schemas_are_not_asked_for_again() -> None:
    """A resumed collection asks nothing twice."""
    metastore = metastore_of({("main", "a"): ["t"], ("main", "b"): ["t"]})
    events = events_of(metastore, skip={("main", "a")})
    assert listed(events) == [("main", "b", "t")]
    assert ("tables", "main", "a") not in metastore.asked


def test_a_second_workspace_adds_the_schemas_that_the_first_did_not_see() -> None:
    """A schema that only one workspace sees is not lost with a catalog that both see."""
    first = events_of(metastore_of({("a", "fin"): ["t"]}))
    other = metastore_of({("a", "fin"): ["t"], ("a", "ops"): ["t"], ("b", "s"): ["t"]})
    schemas = {(e.catalog_name, e.schema_name) for e in first if isinstance(e, Listed)}
    second = events_of(other, skip=schemas)
    assert listed(first) == [("a", "fin", "t")]
    assert listed(second) == [("a", "ops", "t"), ("b", "s", "t")]


def test_what_is_left_out_by_default_is_named_and_not_asked_for() -> None:
    catalogs: list[dict[str, Any]] = [
        {"name": "main", "catalog_type": "MANAGED_CATALOG"},
        {"name": "system", "catalog_type": "SYSTEM_CATALOG"},
        {"name": "samples"},
        {"name": "__databricks_internal_catalog_x"},
        {"name": "shared", "catalog_type": "DELTASHARING_CATALOG"},
        {"name": "pg", "catalog_type": "FOREIGN_CATALOG"},
        {"name": "odd", "catalog_type": ["?"]},
        {"name": "new", "catalog_type": "A_TYPE_OF_TOMORROW"},
    ]
    tables = {
        (catalog, schema): [table_info(catalog, schema, "t")]
        for catalog in [entry["name"] for entry in catalogs]
        for schema in ("s", "information_schema")
    }
    metastore = FakeMetastore(tables, catalogs=catalogs)
    events = events_of(metastore)
    assert {catalog for catalog, *_ in listed(events)} == {"main", "odd", "new"}
    left_out = {event.what for event in events if isinstance(event, LeftOut)}
    assert left_out == {
        "catalog system",
        "catalog samples",
        "catalog __databricks_internal_catalog_x",
        "catalog shared",
        "catalog pg",
        "catalog hive_metastore of https://w.example",
        "schema main.information_schema",
        "schema odd.information_schema",
        "schema new.information_schema",
    }
    assert not {
        call for call in metastore.asked if "system" in call or "information_schema" in call
    }


def test_tables_that_the_patterns_leave_out_are_counted() -> None:
    metastore = metastore_of({("main", "s"): ["a", "tmp_1", "tmp_2"], ("main", "tmp"): ["x"]})
    events = events_of(metastore, Scope(exclude=("main.s.tmp_*", "*.tmp.*")))
    assert listed(events) == [("main", "s", "a")]
    counted = {event.what: event.tables for event in events if isinstance(event, LeftOut)}
    assert counted["tables of schema main.s"] == 2
    assert "schema main.tmp" in counted
    assert ("tables", "main", "tmp") not in metastore.asked
    assert [event.names for event in events if isinstance(event, Summarised)] == [("main.s.a",)]


def test_summaries_that_fail_are_left_out_and_nothing_is_lost() -> None:
    """The open-source server has no table summaries."""
    metastore = metastore_of(
        {("main", "s"): ["t"]}, errors={("table-summaries", "main"): (0, NotFound("no such path"))}
    )
    events = events_of(metastore)
    assert listed(events) == [("main", "s", "t")]
    assert not failures(events)
    assert "table summaries of catalog main" in {e.what for e in events if isinstance(e, LeftOut)}


def test_page_sizes_are_explicit_and_columns_and_browsed_rows_are_asked_for() -> None:
    """Without `max_results` the server refuses large listings; without browsing they look empty."""
    metastore = metastore_of({("main", "s"): ["t"]})
    events_of(metastore)
    for call, query in zip(metastore.asked, metastore.queries, strict=True):
        assert query["max_results"] > 0
        if call[0] != "table-summaries":
            assert query["include_browse"] is True
        if call[0] == "tables":
            assert query["max_results"] == 200
            assert query["omit_columns"] is False


def test_an_interruption_ends_the_walk() -> None:
    metastore = metastore_of(
        {("main", "s"): ["t"]}, errors={("tables", "main", "s"): (0, Interrupted())}
    )
    with pytest.raises(Interrupted):
        events_of(metastore)


def test_closing_the_walk_asks_for_nothing_more() -> None:
    """The tasks that are begun end before their next page."""
    estate = {("main", f"s{number:03}"): ["t"] for number in range(200)}
    metastore = metastore_of(estate)
    walking = walk(metastore, Scope(), workers=2)
    next(event for event in walking if isinstance(event, Listed))
    walking.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(metastore.asked) < 30


def test_documents_of_a_schema_come_in_the_order_of_their_names() -> None:
    """The API promises no order, and two collections are to be comparable."""
    metastore = metastore_of({("main", "s"): ["c", "a", "b"]})
    assert [name for *_, name in listed(events_of(metastore))] == ["a", "b", "c"]
