"""DESCRIBE DETAIL read into a document, with the answers that real servers give."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest
from msgspec import UNSET

from lakewarden_collector.document import Absence, Size, TableDocument
from lakewarden_collector.sources.databricks.evidence.describe import (
    SecondLook,
    describable,
    describe,
    why_not,
)
from lakewarden_collector.sources.databricks.listing.lookup import TableLookup
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement
from tests.unit.collector.databricks.evidence.fake_workspace import table

NOW = "2026-11-23T05:10:00.000Z"
ROW: dict[str, str | None] = {
    "format": "delta",
    "id": "5a31ba44",
    "name": "main.s.t",
    "description": None,
    "location": "s3://lake/t",
    "createdAt": "2026-11-01T10:00:00.000+02:00",
    "lastModified": "2026-11-22T23:59:59Z",
    "partitionColumns": "[]",
    "clusteringColumns": '["region","`a.b`"]',
    "numFiles": "3",
    "sizeInBytes": "1073741824",
    "properties": '{"delta.enableDeletionVectors":"true"}',
    "minReaderVersion": "3",
    "minWriterVersion": "7",
    "tableFeatures": '["clustering","deletionVectors"]',
    "statistics": '{"numRowsDeletedByDeletionVectors":"3","numDeletionVectors":1}',
    "clusterByAuto": "false",
}


def described(
    document: TableDocument, answer: Rows | StatementError, look_up: SecondLook | None = None
) -> TableDocument:
    def run(statement: Statement) -> Rows:
        assert statement.kind == "describe_detail"
        if isinstance(answer, StatementError):
            raise answer
        return answer

    return describe(document, run, NOW, look_up)


def row(**changes: str | None) -> Rows:
    values = ROW | changes
    return Rows(columns=tuple(values), rows=(tuple(values.values()),))


def test_size_and_detail_are_read() -> None:
    before = table(evidence={"size": Absence(status="failed", reason="earlier")})
    document = described(before, row())
    assert document.size == Size(
        bytes=1073741824, files=3, origin="describe_detail", as_of=NOW, exact=True
    )
    assert document.evidence == {}
    detail = document.detail
    assert detail.clustering_columns == ["region", "`a.b`"]
    assert detail.partition_columns == []
    assert detail.table_features == ["clustering", "deletionVectors"]
    assert detail.properties == {"delta.enableDeletionVectors": "true"}
    assert (detail.min_reader_version, detail.min_writer_version) == (3, 7)
    assert detail.cluster_by_auto is False
    assert detail.statistics == {"numRowsDeletedByDeletionVectors": "3", "numDeletionVectors": "1"}
    assert detail.description is UNSET
    assert detail.created_at == "2026-11-01T08:00:00.000Z"
    assert detail.last_modified == "2026-11-22T23:59:59.000Z"
    assert msgspec.json.decode(msgspec.json.encode(document), type=TableDocument) == document


def test_empty_table_has_a_size_of_zero() -> None:
    document = described(table(), row(sizeInBytes="0", numFiles="0"))
    assert document.size.bytes == 0
    assert "size" not in document.evidence


def test_null_size_is_unknown_and_keeps_what_else_was_said() -> None:
    document = described(table(), row(sizeInBytes=None, numFiles=None, format="parquet"))
    assert document.size == Size()
    assert document.evidence["size"].status == "unsupported"
    assert document.detail.format == "parquet"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sizeInBytes", "-1"),
        ("sizeInBytes", "1e9"),
        ("sizeInBytes", ""),
        ("partitionColumns", "region"),
        ("partitionColumns", '[{"a":1}]'),
        ("properties", "null"),
        ("properties", '{"a":null}'),
        ("createdAt", "yesterday"),
        ("createdAt", "2026-11-23 05:10:00.0"),
        ("createdAt", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_value_unlike_the_documentation_is_unknown(column: str, value: str) -> None:
    document = described(table(), row(**{column: value}))
    snake = {
        "sizeInBytes": "size_in_bytes",
        "partitionColumns": "partition_columns",
        "properties": "properties",
        "createdAt": "created_at",
    }[column]
    assert getattr(document.detail, snake) is UNSET
    assert msgspec.json.decode(msgspec.json.encode(document), type=TableDocument) == document


def test_columns_that_a_server_does_not_have_are_unknown() -> None:
    document = described(table(), Rows(columns=("sizeInBytes",), rows=(("7",),)))
    assert document.size.bytes == 7
    assert document.detail.clustering_columns is UNSET


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("denied", "denied"),
        ("missing", "failed"),
        ("unsupported", "unsupported"),
        ("failed", "failed"),
    ],
)
def test_refusal_is_a_reason_with_the_error_class(kind: str, status: str) -> None:
    error = StatementError(
        kind=kind,  # type: ignore[arg-type]  # the four kinds, as text
        sql_state="42P01",
        error_class="SOME_CLASS",
        message="[SOME_CLASS] first line.\nsecond line" + "x" * 10_000,
    )
    before = table()
    document = described(before, error)
    why = document.evidence["size"]
    assert why.status == status
    assert "[SOME_CLASS] first line)" in str(why.reason)
    assert len(str(why.reason)) < 500
    assert document.size == before.size


@pytest.mark.parametrize(
    ("outcome", "status", "output"),
    [
        ("dropped", "failed", "it was dropped since it was listed"),
        ("there", "denied", "it needs USE CATALOG, USE SCHEMA, SELECT"),
        ("denied", "denied", "it needs USE CATALOG, USE SCHEMA, SELECT"),
        ("failed", "failed", "and it can't be looked up: why"),
        (None, "failed", "DESCRIBE DETAIL can't find it"),
    ],
)
def test_a_table_that_is_not_found_is_dropped_only_if_it_is_gone(
    outcome: Literal["there", "dropped", "denied", "failed"] | None, status: str, output: str
) -> None:
    """Without USE SCHEMA a table isn't found either; told that it's dropped, nobody would grant."""
    error = StatementError(kind="missing", error_class="TABLE_OR_VIEW_NOT_FOUND", message="gone")

    def look_up(*parts: str) -> TableLookup:
        assert parts == (table().catalog_name, table().schema_name, table().name)
        assert outcome is not None
        return TableLookup(outcome=outcome, reason="why")

    why = described(table(), error, look_up if outcome else None).evidence["size"]
    assert why.status == status
    assert output in str(why.reason)
    assert ("dropped" in str(why.reason)) == (outcome == "dropped")


def test_fatal_error_is_not_swallowed() -> None:
    with pytest.raises(StatementError):
        described(table(), StatementError(kind="failed", message="no warehouse", fatal=True))


def test_no_row_is_a_failure() -> None:
    document = described(table(), Rows(columns=("sizeInBytes",), rows=()))
    assert document.evidence["size"].status == "failed"


def test_name_is_quoted_part_by_part() -> None:
    sent = []

    def run(statement: Statement) -> Rows:
        sent.append(statement.text)
        return row()

    describe(table("a.b", "x'; DROP TABLE y; --"), run, NOW)
    describe(table(name="a`b"), run, NOW)
    assert sent == [
        "DESCRIBE DETAIL `a.b`.`s`.`x'; DROP TABLE y; --`",
        "DESCRIBE DETAIL `main`.`s`.`a``b`",
    ]


def test_name_that_cannot_be_written_is_a_reason_and_no_statement() -> None:
    document = described(table(name="a\nb"), StatementError(kind="failed", message="was sent"))
    assert document.evidence["size"].status == "unsupported"
    assert "was sent" not in str(document.evidence["size"].reason)


@pytest.mark.parametrize("kind", ["MANAGED", "EXTERNAL", "STREAMING_TABLE", "A_NEW_TYPE", UNSET])
def test_tables_with_a_log_and_new_kinds_are_described(kind: str) -> None:
    assert describable(table(table_type=kind))
    assert describable(table(table_type=kind, data_source_format=UNSET))


@pytest.mark.parametrize(
    "fields",
    [{"table_type": "VIEW"}, {"table_type": "METRIC_VIEW"}, {"data_source_format": "CSV"}],
)
def test_tables_without_a_log_cost_no_statement(fields: dict[str, str]) -> None:
    document = table(**fields)
    assert not describable(document)
    why = why_not(document)
    assert why is not None
    assert why.status == "unsupported"


@pytest.mark.parametrize(
    ("text", "read"),
    [("true", True), ("TRUE", True), ("false", False), ("yes", UNSET), ("", UNSET), (None, UNSET)],
)
def test_whether_databricks_chooses_the_keys_is_read(text: str | None, read: object) -> None:
    assert described(table(), row(clusterByAuto=text)).detail.cluster_by_auto is read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("{}", {}),
        ('{"a":"-1","b":"many","e":2}', {"a": "-1", "b": "many", "e": "2"}),
        ('{"a":null}', UNSET),
        ("[1]", UNSET),
        ("{", UNSET),
        (None, UNSET),
    ],
)
def test_statistics_are_text_and_what_is_no_map_of_it_is_not_known(
    text: str | None, read: object
) -> None:
    assert described(table(), row(statistics=text)).detail.statistics == read


def test_a_server_without_these_columns_is_read_as_before() -> None:
    """Open-source Delta has neither."""
    values = {k: v for k, v in ROW.items() if k not in ("clusterByAuto", "statistics")}
    document = described(table(), Rows(columns=tuple(values), rows=(tuple(values.values()),)))
    assert (document.detail.cluster_by_auto, document.detail.statistics) == (UNSET, UNSET)
