"""A row of the listing becomes a document that says no more than the row does."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.databricks.client.server_text import sound
from lakewarden_collector.sources.databricks.listing.documents import RowError, table_document
from tests.unit.collector.databricks.listing.fake_metastore import table_info

STORED = {"table_type": "MANAGED", "data_source_format": "DELTA"}

SCHEMA = Path(__file__).parents[5] / "policies/schemas/table.json"

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=6)
"""With halves of surrogate pairs, which JSON may carry and UTF-8 may not."""
OR_NULL = st.none()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ANY_TEXT, inner, max_size=2),
    max_leaves=4,
)


def fields(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=strategies)


SOUND_COLUMNS = st.lists(
    fields(
        dict.fromkeys(("type_text", "type_json", "comment"), OR_NULL | ANY_TEXT)
        | {key: OR_NULL | st.integers(0, 2**31 - 1) for key in ("position", "partition_index")}
        | {"nullable": OR_NULL | st.booleans(), "mask": OR_NULL | st.dictionaries(ANY_TEXT, JSON)}
        | {"type_name": JSON}
    ).flatmap(lambda column: ANY_TEXT.map(lambda name: {**column, "name": name})),
    max_size=3,
    unique_by=lambda column: fold(sound(column["name"])),
)
SOUND = fields(
    dict.fromkeys(
        ("table_id", "table_type", "data_source_format", "owner", "comment", "storage_location"),
        OR_NULL | ANY_TEXT,
    )
    | {key: JSON | st.integers(-(2**70), 2**70) for key in ("created_at", "updated_at")}
    | {
        "properties": OR_NULL | st.dictionaries(ANY_TEXT, OR_NULL | ANY_TEXT, max_size=3),
        "columns": OR_NULL | SOUND_COLUMNS,
        "browse_only": OR_NULL | st.booleans(),
        "row_filter": JSON,
        "effective_predictive_optimization_flag": JSON,
        "securable_kind": JSON,
        "securable_kind_manifest": JSON,
    }
)
STRANGE = st.dictionaries(
    st.sampled_from([*TableDocument.__struct_fields__, "browse_only", "name", "schema_name"]), JSON
)


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def assert_valid(document: TableDocument) -> None:
    encoded = msgspec.json.encode(document)
    assert msgspec.json.decode(encoded, type=TableDocument) == document
    validator().validate(json.loads(encoded))


@given(SOUND)
@settings(max_examples=300, deadline=None)
def test_every_row_as_the_api_describes_it_is_a_valid_document(row: dict[str, Any]) -> None:
    """Nulls, unknown words, odd times and broken text neither stop a table nor spoil the schema."""
    document, _ = table_document(table_info("c", "s", "t", **row))
    assert_valid(document)
    assert document.full_name == "c.s.t"


@given(JSON | STRANGE)
@settings(max_examples=300, deadline=None)
def test_any_json_is_a_valid_document_or_is_refused(row: Any) -> None:  # noqa: ANN401 -- any JSON
    if isinstance(row, dict):
        row = {"catalog_name": "c", "schema_name": "s", "name": "t", **row}
    try:
        document, _ = table_document(row)
    except RowError:
        return
    assert_valid(document)


def test_a_whole_row_is_read_word_by_word() -> None:
    document, hint = table_document(
        table_info(
            "main",
            "sales",
            "or`ders",
            table_id="id-1",
            table_type="A_TYPE_OF_TOMORROW",
            data_source_format="DELTA",
            owner="team",
            comment="rows of orders",
            created_at=1_700_000_000_123,
            updated_at=1_700_000_001_000,
            storage_location="s3://b/t",
            properties={"clusteringColumns": '[["a"]]', "spark.sql.statistics.totalSize": "77"},
            columns=[
                {
                    "name": "a",
                    "type_text": "int",
                    "type_json": '"integer"',
                    "type_name": "INT",
                    "nullable": False,
                    "comment": "the key",
                    "position": 0,
                    "partition_index": 0,
                    "mask": {"function_name": "main.f", "using_column_names": None},
                }
            ],
        )
    )
    assert json.loads(msgspec.json.encode(document)) == {
        "full_name": "main.sales.`or``ders`",
        "catalog_name": "main",
        "schema_name": "sales",
        "name": "or`ders",
        "table_id": "id-1",
        "table_type": "A_TYPE_OF_TOMORROW",
        "data_source_format": "DELTA",
        "owner": "team",
        "comment": "rows of orders",
        "created_at": "2023-11-14T22:13:20.123Z",
        "updated_at": "2023-11-14T22:13:21.000Z",
        "storage_location": "s3://b/t",
        "properties": {"clusteringColumns": '[["a"]]', "spark.sql.statistics.totalSize": "77"},
        "columns": [
            {
                "name": "a",
                "type_text": "int",
                "type_json": '"integer"',
                "nullable": False,
                "comment": "the key",
                "position": 0,
                "partition_index": 0,
                "mask": {"function_name": "main.f"},
            }
        ],
        "size": {},
        "detail": {},
        "access": {},
        "predictive_optimization": {},
        "definition": {},
        "evidence": {},
    }
    assert hint == 77


def test_a_browsed_row_says_what_it_withholds() -> None:
    """An absent property would otherwise count as one that is not set: a wrong refusal."""
    document, _ = table_document(table_info("c", "s", "t", browse_only=True, columns=[]))
    assert set(document.evidence) == {
        *("columns", "comment", "owner", "properties"),
        *("data_source_format", "table_type"),
    }
    assert {absence.status for absence in document.evidence.values()} == {"denied"}
    assert document.properties is UNSET
    assert document.columns is UNSET
    some, _ = table_document(
        table_info("c", "s", "t", browse_only=True, owner="o", comment="x", **STORED)
    )
    assert set(some.evidence) == {"columns", "properties"}


def test_a_whole_row_without_properties_has_none() -> None:
    """An empty map does not travel; taken for unknown it would leave plain tables undecided."""
    document, _ = table_document(table_info("c", "s", "t", owner="o", columns=[], **STORED))
    assert document.properties == {}
    assert document.columns == []
    assert document.evidence == {}


def test_a_whole_row_without_comments_has_none() -> None:
    """An empty text does not travel; taken for unknown it would leave bare tables undecided."""
    document, _ = table_document(
        table_info("c", "s", "t", owner="", columns=[{"name": "a"}], **STORED)
    )
    assert document.comment == ""
    assert [column.comment for column in document.columns or ()] == [""]
    assert document.owner == ""  # nobody, said in so many words
    assert document.evidence == {}


def test_a_browsed_row_with_columns_names_the_comments_that_it_withholds() -> None:
    row = table_info(
        *("c", "s", "t"),
        browse_only=True,
        owner="o",
        comment="x",
        properties={"a": "b"},
        columns=[{"name": "a.b"}, {"name": "b", "comment": "said"}],
        **STORED,
    )
    document, _ = table_document(row)
    assert set(document.evidence) == {"columns.a.b.comment"}


def test_a_row_that_contradicts_itself_is_refused() -> None:
    """Two columns of one name: Unity Catalog has no such table."""
    columns = [{"name": "a"}, {"name": "A", "comment": "said"}]
    for browsed in (True, False):
        with pytest.raises(RowError, match="the columns 'a' and 'A' have one name"):
            table_document(table_info("c", "s", "t", browse_only=browsed, columns=columns))


def test_a_whole_row_without_columns_or_owner_does_not_know_them() -> None:
    document, _ = table_document(table_info("c", "s", "t", **STORED))
    assert document.columns is UNSET
    assert set(document.evidence) == {"columns", "owner"}


@pytest.mark.parametrize("table_type", ["VIEW", "MANAGED", None])
def test_a_row_without_type_or_format_says_so_but_a_view_has_none(table_type: str | None) -> None:
    """Else a decision says that nobody asked for what Unity Catalog does not list."""
    row = table_info("c", "s", "t", owner="o", columns=[], table_type=table_type)
    document, _ = table_document(row)
    lacking = {None: {"table_type", "data_source_format"}, "MANAGED": {"data_source_format"}}
    assert set(document.evidence) == lacking.get(table_type, set())
    assert {absence.status for absence in document.evidence.values()} <= {"unsupported"}


@pytest.mark.parametrize("text", ["", "many", "-1", "1.5", "9" * 19, "9" * 5000, " 1"])
def test_statistics_that_are_no_number_of_bytes_are_no_hint(text: str) -> None:
    row = table_info("c", "s", "t", properties={"spark.sql.statistics.totalSize": text})
    assert table_document(row)[1] is None


@pytest.mark.parametrize(
    "millis", [0, -1, 10**13, 10**15, 10**30, "soon", "0", "9" * 30, 1.5, True]
)
def test_a_time_that_is_none_is_absent(millis: object) -> None:
    """Zero is what an unset number looks like; a table of tomorrow would never grow old."""
    document, _ = table_document(table_info("c", "s", "t", created_at=millis))
    assert document.created_at is UNSET


def test_a_time_in_the_future_is_absent() -> None:
    now = int(time.time() * 1000)
    row = table_info("c", "s", "t", created_at=now + 25 * 3_600_000, updated_at=now + 3_600_000)
    document, _ = table_document(row)
    assert document.created_at is UNSET
    assert document.updated_at is not UNSET  # a clock that is a little ahead


def test_a_time_may_be_digits_as_an_open_source_server_writes_them() -> None:
    document, _ = table_document(table_info("c", "s", "t", created_at="1700000000000"))
    assert document.created_at == "2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"catalog_name": None},
        {"properties": {"a": 1}},
        {"columns": [{"type_text": "int"}]},
        {"columns": [{"name": "a", "position": -1}]},
        {"name": "half \ud800"},
        {"a half \ud800": None},
    ],
)
def test_a_row_that_the_api_never_gives_is_refused(wrong: dict[str, Any]) -> None:
    """Guessing at a wrong type would decide a table by a value that nobody gave."""
    with pytest.raises(RowError):
        table_document(table_info("c", "s", "t") | wrong)


@pytest.mark.parametrize(
    ("flag", "read"),
    [
        ({"value": "ENABLE"}, {"enabled": True}),
        (
            {"value": "DISABLE", "inherited_from_type": "CATALOG", "inherited_from_name": "main"},
            {"enabled": False, "inherited_from": "CATALOG main"},
        ),
        (
            {"value": "ENABLE", "inherited_from_type": "METASTORE"},
            {"enabled": True, "inherited_from": "METASTORE"},
        ),
        ({"value": "INHERIT", "inherited_from_type": "CATALOG"}, {}),
        ({"value": "enable"}, {}),
        ({"value": None}, {}),
        ({"value": ["ENABLE"]}, {}),
        ({}, {}),
        ("ENABLE", {}),
        (None, {}),
    ],
)
def test_the_effective_flag_is_read_and_any_other_value_is_not_known(
    flag: object, read: dict[str, Any]
) -> None:
    row = table_info("c", "s", "t", effective_predictive_optimization_flag=flag, **STORED)
    document, _ = table_document(row)
    assert msgspec.to_builtins(document.predictive_optimization) == read


@pytest.mark.parametrize(
    "row",
    [
        {"table_type": "EXTERNAL", "data_source_format": "DELTA"},
        {**STORED, "securable_kind": "TABLE_FOREIGN_HIVE_METASTORE_MANAGED"},
    ],
)
def test_what_databricks_does_not_maintain_has_no_predictive_optimization(
    row: dict[str, Any],
) -> None:
    """It inherits the flag as any other table does, and nothing comes of it."""
    flag = {"value": "ENABLE", "inherited_from_type": "METASTORE", "inherited_from_name": "m"}
    info = table_info("c", "s", "t", effective_predictive_optimization_flag=flag, **row)
    document, _ = table_document(info)
    assert msgspec.to_builtins(document.predictive_optimization) == {"enabled": False}


@pytest.mark.parametrize(
    "kind",
    [
        {"securable_kind": "TABLE_DELTA_ICEBERG_MANAGED"},
        {"securable_kind": "TABLE_ICEBERG_UNIFORM_MANAGED"},
        {"securable_kind_manifest": {"securable_kind": "TABLE_DELTA_ICEBERG_MANAGED"}},
    ],
)
@pytest.mark.parametrize("given_format", ["DELTA", "ICEBERG", "UNKNOWN_DATA_SOURCE_FORMAT", None])
def test_managed_iceberg_is_known_by_its_kind(
    kind: dict[str, Any], given_format: str | None
) -> None:
    info = table_info(
        "c", "s", "t", table_type="MANAGED", data_source_format=given_format, owner="o", **kind
    )
    document, _ = table_document(info)
    assert (document.table_type, document.data_source_format) == ("MANAGED", "ICEBERG")
    assert set(document.evidence) == {"columns"}


def test_a_kind_that_says_managed_iceberg_says_the_type_too() -> None:
    info = table_info("c", "s", "t", owner="o", securable_kind="TABLE_DELTA_ICEBERG_MANAGED")
    assert table_document(info)[0].table_type == "MANAGED"


@pytest.mark.parametrize("table_type", ["STREAMING_TABLE", "MATERIALIZED_VIEW"])
@pytest.mark.parametrize("given_format", [None, "", "UNKNOWN_DATA_SOURCE_FORMAT"])
def test_what_a_pipeline_keeps_is_delta_where_no_format_is_given(
    table_type: str, given_format: str | None
) -> None:
    info = table_info(
        "c", "s", "t", table_type=table_type, data_source_format=given_format, owner="o"
    )
    document, _ = table_document(info)
    assert document.data_source_format == "DELTA"
    assert set(document.evidence) == {"columns"}


@pytest.mark.parametrize("given_format", ["DELTA_UNIFORM_ICEBERG", "PARQUET"])
def test_a_format_that_is_given_stays(given_format: str) -> None:
    info = table_info("c", "s", "t", table_type="STREAMING_TABLE", data_source_format=given_format)
    assert table_document(info)[0].data_source_format == given_format
    info = table_info(
        "c",
        "s",
        "t",
        table_type="MANAGED",
        securable_kind="TABLE_DELTA",
        data_source_format=given_format,
    )
    assert table_document(info)[0].data_source_format == given_format
