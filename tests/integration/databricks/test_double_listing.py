"""The double's listing API, as the unmodified databricks-sdk sees it."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.catalog import TableType

from tests.workspace.fastclock import client
from tests.workspace.faults import EmptyPages, UnknownWords
from tests.workspace.grants import Guarded
from tests.workspace.handmade import HandmadeEstate
from tests.workspace.results import Limits
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate

NAMES = ["a`b", "a.b", "a b", "x'; DROP TABLE y; --", "größe.表", "n" * 255, "a/b?c=d&e%20f"]
TABLES = "/api/2.1/unity-catalog/tables"


def estate_of(*names: str, **what: object) -> HandmadeEstate:
    estate = HandmadeEstate()
    for name in names:
        estate.catalog("main").schema("sales").table(name, **what)
    return estate


def test_every_table_is_listed_once_over_many_pages() -> None:
    estate = SyntheticEstate(500, 3, catalogs=1)
    with Workspace(estate, limits=Limits(tables_page=7, schemas_page=2)) as w:
        c = client(w)
        schemas = [s.name for s in c.schemas.list("catalog_00") if s.name]
        names = [t.full_name for s in schemas for t in c.tables.list("catalog_00", s)]
        assert sorted(map(str, names)) == [".".join(estate.parts_of(i)) for i in range(500)]
        assert w.log.requests["list_tables"] >= 500 // 7


def test_a_page_is_the_smaller_of_what_is_asked_and_what_the_server_gives() -> None:
    with Workspace(estate_of(*"abcdefgh"), limits=Limits(tables_page=5)) as w:
        query = {"catalog_name": "main", "schema_name": "sales"}
        get = client(w).api_client.do
        sizes = [
            len(get("GET", TABLES, query={**query, "max_results": n})["tables"]) for n in (0, 3, 50)
        ]
        assert sizes == [5, 3, 5]
        with pytest.raises(InvalidParameterValue, match="UC-PGRQD"):
            get("GET", TABLES, query=query)
        with pytest.raises(InvalidParameterValue, match="max_results"):
            get("GET", TABLES, query={**query, "max_results": -1})


def test_an_empty_page_with_a_token_does_not_end_the_walk() -> None:
    with Workspace(
        estate_of(*"abcde"),
        limits=Limits(tables_page=2),
        behaviours=[EmptyPages("list_tables", times=2)],
    ) as w:
        assert [t.name for t in client(w).tables.list("main", "sales")] == list("abcde")
        assert w.log.requests["list_tables"] == 5


def test_a_word_the_sdk_does_not_know_is_none_to_it_and_still_in_the_json() -> None:
    with Workspace(estate_of("t"), behaviours=[UnknownWords(table_type="SHARED_X")]) as w:
        c = client(w)
        assert next(c.tables.list("main", "sales")).table_type is None
        query = {"catalog_name": "main", "schema_name": "sales", "max_results": 0}
        answer = c.api_client.do("GET", TABLES, query=query)
        assert isinstance(answer, dict)
        assert answer["tables"][0]["table_type"] == "SHARED_X"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_listed_and_looked_up_unharmed(name: str) -> None:
    with Workspace(estate_of(name)) as w:
        c = client(w)
        listed = next(c.tables.list("main", "sales"))
        assert listed.name == name
        quoted = "main.sales.`" + name.replace("`", "``") + "`"
        for full_name in (quoted, str(listed.full_name)):
            path = (
                f"{TABLES}/{full_name.replace('%', '%25').replace('/', '%2F').replace('?', '%3F')}"
            )
            found = c.api_client.do("GET", path)
            assert isinstance(found, dict)
            assert found["table_id"] == listed.table_id


def test_columns_properties_and_usernames_are_left_out_where_asked_to() -> None:
    with Workspace(estate_of("t", clustering=[["region"]], comment="c")) as w:
        c = client(w)
        whole = next(c.tables.list("main", "sales"))
        assert whole.properties == {"clusteringColumns": '[["region"]]'}
        assert [x.name for x in whole.columns or []] == ["id", "region"]
        assert whole.owner == "team"
        bare = next(
            c.tables.list(
                "main", "sales", omit_columns=True, omit_properties=True, omit_username=True
            )
        )
        assert bare.columns == []  # the SDK makes an empty list of what is absent
        assert (bare.properties, bare.owner, bare.comment) == (None, None, "c")


def test_tables_that_are_only_browsed_come_if_asked_for_and_say_little() -> None:
    estate = Guarded(estate_of("seen", "browsed", "hidden"))
    estate.browse("main", "sales", "browsed")
    estate.hide("main", "sales", "hidden")
    with Workspace(estate) as w:
        c = client(w)
        assert [t.name for t in c.tables.list("main", "sales")] == ["seen"]
        rows = {t.name: t for t in c.tables.list("main", "sales", include_browse=True)}
        assert sorted(map(str, rows)) == ["browsed", "seen"]
        assert rows["browsed"].browse_only
        assert rows["browsed"].columns == []
        assert rows["browsed"].owner is None
        assert [t.full_name for t in c.tables.list_summaries("main")] == ["main.sales.seen"]


def test_summaries_span_a_catalog_and_know_like_patterns() -> None:
    estate = estate_of("orders", "order_lines", "people")
    estate.catalog("main").schema("hr").table("orders", table_type="VIEW")
    with Workspace(estate, limits=Limits(summaries_page=2)) as w:
        c = client(w)
        assert len(list(c.tables.list_summaries("main"))) == 4
        found = c.tables.list_summaries("main", table_name_pattern="order%")
        assert {(t.full_name, t.table_type) for t in found} == {
            ("main.sales.orders", TableType.MANAGED),
            ("main.sales.order_lines", TableType.MANAGED),
            ("main.hr.orders", TableType.VIEW),
        }


def test_what_is_refused_or_gone_is_told_apart() -> None:
    estate = Guarded(estate_of("t", "u"))
    estate.revoke_schema("main", "sales")
    with Workspace(estate) as w:
        c = client(w)
        with pytest.raises(PermissionDenied, match="USE SCHEMA"):
            list(c.tables.list("main", "sales"))
        with pytest.raises(NotFound, match="does not exist"):
            list(c.tables.list("main", "nowhere"))
        with pytest.raises(NotFound, match="does not exist"):
            list(c.schemas.list("nowhere"))


def test_who_asks_without_the_right_token_is_refused() -> None:
    with Workspace(estate_of("t")) as w:
        c = client(w)
        assert c.current_user.me().user_name == "scanner@example.com"
        assert c.metastores.summary().metastore_id == HandmadeEstate.metastore_id
        w.token = "another"  # noqa: S105 -- it opens nothing
        with pytest.raises(Exception, match="Credential"):
            client(w).current_user.me()
