"""What cannot be listed is named, with the statement that would help.

About `listing_errors.py`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied, ResourceExhausted
from hypothesis import given

from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.client.interface import CATALOGS, Query
from lakewarden_collector.sources.databricks.listing.listing_errors import is_unlisted, lost_parts
from lakewarden_collector.sources.databricks.listing.paging import ListingError, rows
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.walk import unlisted_catalogs
from tests.unit.collector.databricks.listing.fake_metastore import FakeMetastore, table_info
from tests.unit.collector.databricks.listing.walking import (
    ASKER,
    NAMES,
    events_of,
    failures,
    listed,
    metastore_of,
)


def test_a_refused_schema_comes_with_the_grant_that_is_missing() -> None:
    message = (
        "User does not have USE SCHEMA on Schema 'main.a b'.. Config: host=https://w, token=***"
    )
    error = PermissionDenied(message, error_code="PERMISSION_DENIED")
    metastore = metastore_of(
        {("main", "a b"): ["t"]}, errors={("tables", "main", "a b"): (0, error)}
    )
    (failure,) = failures(events_of(metastore))
    assert failure.covers == "schema"
    assert failure.what == "schema main.`a b`"
    assert failure.where == "https://w.example"
    assert failure.reason == (
        "PERMISSION_DENIED: User does not have USE SCHEMA on Schema 'main.a b'"
    )
    assert failure.remedy == "GRANT USE SCHEMA, SELECT ON SCHEMA main.`a b` TO `lake``warden`;"


def test_a_missing_use_catalog_is_granted_too() -> None:
    error = PermissionDenied("User does not have USE_CATALOG on Catalog 'main'")
    metastore = metastore_of({("main", "s"): ["t"]}, errors={("tables", "main", "s"): (0, error)})
    (failure,) = failures(events_of(metastore))
    assert failure.remedy == (
        "GRANT USE CATALOG ON CATALOG main TO `lake``warden`; "
        "GRANT USE SCHEMA, SELECT ON SCHEMA main.s TO `lake``warden`;"
    )


def test_a_refused_catalog_and_a_refused_workspace_say_how_much_is_lost() -> None:
    error = PermissionDenied("no")
    one = metastore_of(
        {("a", "s"): ["t"], ("b", "s"): ["t"]}, errors={("schemas", "a"): (0, error)}
    )
    events = events_of(one)
    assert [failure.covers for failure in failures(events)] == ["catalog"]
    assert listed(events) == [("b", "s", "t")]
    everything = metastore_of({("a", "s"): ["t"]}, errors={("catalogs",): (0, error)})
    assert [failure.covers for failure in failures(events_of(everything))] == ["workspace"]


def test_a_schema_dropped_meanwhile_is_said_to_be_dropped() -> None:
    error = NotFound("Schema 'main.s' does not exist.", error_code="SCHEMA_DOES_NOT_EXIST")
    metastore = metastore_of({("main", "s"): ["t"]}, errors={("tables", "main", "s"): (0, error)})
    (failure,) = failures(events_of(metastore))
    assert failure.reason.startswith("it was listed but can't be found any more")
    assert "SCHEMA_DOES_NOT_EXIST" in failure.reason


def test_what_was_retried_without_success_tells_the_last_refusal() -> None:
    """The SDK ends its retries with a bare TimeoutError, whose cause says why."""
    error = TimeoutError("Timed out after 0:05:00")
    error.__cause__ = ResourceExhausted("Too many requests", error_code="RESOURCE_EXHAUSTED")
    metastore = metastore_of({("main", "s"): ["t"]}, errors={("tables", "main", "s"): (0, error)})
    (failure,) = failures(events_of(metastore))
    assert failure.reason == "retried without success: RESOURCE_EXHAUSTED: Too many requests"


def test_pages_that_go_in_circles_fail_their_schema() -> None:
    """A server that repeats its token would otherwise be asked for ever."""

    class Circling(FakeMetastore):
        def get(self, path: str, query: Query = MappingProxyType({})) -> dict[str, Any]:
            answer = super().get(path, {k: v for k, v in query.items() if k != "page_token"})
            return {**answer, "next_page_token": "again"} if path.endswith("/tables") else answer

    metastore = Circling({("main", "s"): [table_info("main", "s", "t")]})
    events = events_of(metastore)
    assert "circles" in failures(events)[0].reason
    assert not listed(events)


def test_a_listing_of_nothing_but_new_pages_is_given_up() -> None:
    """Every token is a new one, so that only a limit ends it."""
    pages = [["row"], *([[]] * 2000)]
    metastore = FakeMetastore({("main", "s"): []}, cut=lambda _: pages)
    asked = rows(metastore, CATALOGS, {}, before_page=lambda: None)
    assert next(asked) == "row"
    with pytest.raises(ListingError, match="1,000 pages in a row are empty"):
        next(asked)
    assert len(metastore.asked) == 1001


def test_empty_pages_between_others_are_many_and_no_fault() -> None:
    """A filter may leave nothing of most pages."""
    pages = [*([[]] * 999), ["a"], *([[]] * 999), ["b"]]
    metastore = FakeMetastore({("main", "s"): []}, cut=lambda _: pages)
    assert [*rows(metastore, CATALOGS, {}, before_page=lambda: None)] == ["a", "b"]


def test_a_page_that_is_no_page_fails_its_schema() -> None:
    class Odd(FakeMetastore):
        def get(self, path: str, query: Query = MappingProxyType({})) -> dict[str, Any]:
            return {"tables": "none"} if path.endswith("/tables") else super().get(path, query)

    assert failures(events_of(Odd({("main", "s"): []})))[0].covers == "schema"


@pytest.mark.parametrize(
    "row",
    [
        7,
        None,
        {},
        {"name": ""},
        table_info("main", "s", "odd", comment=3),
        table_info("main", "s", "\ud800"),
    ],
)
def test_a_malformed_row_is_a_failure_and_its_neighbours_are_listed(row: object) -> None:
    rows = [table_info("main", "s", "a"), row, table_info("main", "s", "b")]
    events = events_of(FakeMetastore({("main", "s"): rows}))
    assert [name for *_, name in listed(events)] == ["a", "b"]
    (failure,) = failures(events)
    assert failure.covers == "table"
    failure.what.encode()  # it goes into the inventory


def test_nameless_catalogs_are_failures_each_of_its_own() -> None:
    """Under one name they would be one failure, and the share that was evaluated too high."""
    catalogs = [{}, {"name": "main"}, 5, {"name": "\ud83d"}]
    metastore = FakeMetastore({("main", "s"): []}, catalogs=catalogs)
    found = failures(events_of(metastore))
    assert [failure.covers for failure in found] == ["catalog"] * 3
    assert [failure.what for failure in found] == [
        f"row {number} of the catalogs of https://w.example" for number in (1, 3, 4)
    ]


def test_nameless_schemas_are_failures_each_of_its_own() -> None:
    metastore = FakeMetastore({("main", "s"): [], ("main", ""): []}, schemas=[None, {"name": 3}])
    found = failures(events_of(metastore))
    assert [(failure.covers, failure.what) for failure in found] == [
        ("schema", f"row {number} of the schemas of catalog main") for number in (2, 3, 4)
    ]


def test_nameless_tables_are_failures_each_of_its_own() -> None:
    rows = [{"table_id": "1"}, table_info("main", "s", "a"), {"table_id": "2"}, None]
    pages = FakeMetastore({("main", "s"): rows}, cut=lambda rows: [[row] for row in rows])
    found = failures(events_of(pages))
    assert [(failure.covers, failure.what) for failure in found] == [
        ("table", f"row {number} of schema main.s") for number in (1, 3, 4)
    ]
    assert not any(lost_parts(failure) for failure in found)


def test_a_name_that_a_pattern_gives_and_nobody_lists_is_a_failure() -> None:
    """What a principal may not see looks like what is not there: it must not pass in silence."""
    scope = Scope(include=("main.s.t", "main.s.gone", "main.none.*", "prd.*", "*.x.y"))
    catalogs_listed: set[str] = set()
    events = events_of(metastore_of({("main", "s"): ["t"]}), scope, catalogs_listed=catalogs_listed)
    found = [*failures(events), *unlisted_catalogs(scope, catalogs_listed, ASKER)]
    assert {failure.what for failure in found} == {
        "table main.s.gone",
        "schema main.none",
        "catalog prd",
    }
    assert listed(events) == [("main", "s", "t")]
    assert all(is_unlisted(failure) for failure in found)


def test_a_refusal_is_not_taken_for_a_name_that_nobody_lists() -> None:
    """What another workspace lists may be forgotten of the latter, never of the former."""
    error = PermissionDenied("no")
    for place in (("schemas", "main"), ("tables", "main", "s")):
        metastore = metastore_of({("main", "s"): ["t"]}, errors={place: (0, error)})
        scope = Scope(include=("main.s.t",))
        (failure,) = failures(events_of(metastore, scope))
        assert not is_unlisted(failure)


@given(NAMES, NAMES)
def test_a_failure_says_what_it_is_about_for_any_name(catalog: str, schema: str) -> None:
    error = PermissionDenied("no")
    metastore = metastore_of(
        {(catalog, schema): []}, errors={("tables", catalog, schema): (0, error)}
    )
    (failure,) = failures(events_of(metastore))
    assert lost_parts(failure) == (catalog, schema)
    assert failure.what == f"schema {join_name((catalog, schema))}"
