"""A row of Unity Catalog's table listing, read into a document.

A row is a `TableInfo` as JSON, as `GET /api/2.1/unity-catalog/tables` gives it. The typed SDK
turns a table type or a format that it does not know into None; here such a word stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from lakewarden_collector.decoding import Converter
from lakewarden_collector.document import (
    Absence,
    Column,
    NonEmpty,
    PredictiveOptimization,
    TableDocument,
    Text,
)
from lakewarden_collector.document_rules import plausible
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.client.server_text import is_sound, sound
from lakewarden_collector.times import moment_of_millis, rfc3339, utc_now

STATISTICS_SIZE: Final = "spark.sql.statistics.totalSize"
"""Holds the bytes at the last ANALYZE: undated, so they order work and decide nothing."""

_Place = Annotated[int, Meta(ge=0, lt=2**31)]

_BYTES: Final = re.compile(r"[0-9]{1,18}")
"""A number of bytes that 64 bits hold."""

_BROWSED: Final = Absence(
    status="denied",
    reason="only browsed: to BROWSE alone Unity Catalog does not show it; SELECT on the table does",
)
_UNLISTED: Final = Absence(status="unsupported", reason="Unity Catalog lists none for this table")


_DIGITS: Final = re.compile(r"[0-9]{1,15}")
_FORMAT: Final = "data_source_format"
_ALWAYS: Final = ("owner", "table_type", _FORMAT)
"""What every table has, but for a view's format."""
_UNSTORED: Final = frozenset({"VIEW", "METRIC_VIEW"})

# assumes managed-iceberg-has-a-kind
_MANAGED_ICEBERG: Final = frozenset(
    {"TABLE_DELTA_ICEBERG_MANAGED", "TABLE_ICEBERG_UNIFORM_MANAGED"}
)
"""The two kinds of managed Iceberg tables (`SecurableKind`); their format may be given as DELTA."""
_PIPELINE_TYPES: Final = frozenset({"MATERIALIZED_VIEW", "STREAMING_TABLE"})
"""Always Delta tables, also where no format is given."""
_NO_FORMAT: Final = "UNKNOWN_DATA_SOURCE_FORMAT"

# assumes effective-flag-is-listed
_FLAGS: Final = {"ENABLE": True, "DISABLE": False}
"""Values of `effective_predictive_optimization_flag`; INHERIT would not say which."""
_FEDERATED: Final = "_FOREIGN_"
"""In the kinds of tables that another metastore keeps, whatever their type."""
_UNMAINTAINED: Final = frozenset({"EXTERNAL", "EXTERNAL_SHALLOW_CLONE"})
"""Types without predictive optimization: it is for managed tables only, whatever they inherit."""


class RowError(ValueError):
    """A row that isn't a table: a name is missing, or a value has a type the API never gives."""


class _Column(Struct):
    """A `ColumnInfo`; what is not named here is not read."""

    name: str
    type_text: str | None = None
    type_json: str | None = None
    nullable: bool | None = None
    comment: str | None = None
    position: _Place | None = None
    partition_index: _Place | None = None
    mask: dict[str, Any] | None = None


class _Row(Struct):
    """A `TableInfo`; what is not named here is not read."""

    catalog_name: NonEmpty
    schema_name: NonEmpty
    name: NonEmpty
    table_id: str | None = None
    table_type: str | None = None
    data_source_format: str | None = None
    owner: str | None = None
    comment: str | None = None
    created_at: Any = None
    updated_at: Any = None
    storage_location: str | None = None
    properties: dict[str, str | None] | None = None
    columns: list[_Column] | None = None
    browse_only: bool | None = None
    effective_predictive_optimization_flag: Any = None
    securable_kind: Any = None
    securable_kind_manifest: Any = None


LISTED: Final = frozenset({"full_name", "predictive_optimization", *_Row.__struct_fields__})
"""The fields of a document that a row has."""
_to_row: Final = Converter(_Row)
_to_document: Final = Converter(TableDocument)


def table_document(info: Mapping[str, Any]) -> tuple[TableDocument, int | None]:
    """Return the row's document, and the bytes of its optimizer statistics where it has them.

    An empty text or map does not travel. So in a whole row an absent comment, of the table or of a
    column, is empty, and absent properties are none; the listing leaves out neither unless asked
    to (`omit_properties`, `omit_columns`). In a row that is only browsed (`browse_only`) what is
    absent was withheld, and `evidence` says so. An empty owner is nobody; an absent one is not
    known. A time in the future or before 1970 is not known either. Code points that aren't Unicode
    text become U+FFFD, except in names.

    Raises `RowError`.
    """
    try:
        row = _to_row(info)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter for a key
        raise RowError(f"the row isn't a table as Unity Catalog describes one: {error}") from error
    row = _with_true_format(row)
    parts = (row.catalog_name, row.schema_name, row.name)
    if not is_sound(parts):
        raise RowError("its name isn't Unicode text")
    try:
        document = _document(row, join_name(parts))
        if not is_sound(document):
            document = _to_document(sound(msgspec.to_builtins(document)))
    except ValueError as error:
        raise RowError(f"the row contradicts itself or is impossible: {error}") from error
    return document, _statistics_size(document)


def is_browsed(info: Mapping[str, Any]) -> bool:
    """Whether a row is there by BROWSE alone, so that its metadata is selective."""
    return info.get("browse_only") is True


def _document(row: _Row, full_name: str) -> TableDocument:
    browsed = row.browse_only is True
    return TableDocument(
        full_name=full_name,
        catalog_name=row.catalog_name,
        schema_name=row.schema_name,
        name=row.name,
        table_id=row.table_id or UNSET,
        table_type=row.table_type or UNSET,
        data_source_format=row.data_source_format or UNSET,
        owner=UNSET if row.owner is None or (browsed and not row.owner) else row.owner,
        comment=_comment(row.comment, browsed=browsed),
        created_at=_time(row.created_at),
        updated_at=_time(row.updated_at),
        storage_location=row.storage_location or UNSET,
        properties=_properties(row, browsed=browsed),
        columns=_columns(row, browsed=browsed),
        predictive_optimization=_optimization(row),
        evidence=dict(_absences(row, browsed=browsed)),
    )


def _kinds(row: _Row) -> set[str]:
    """Return the securable kind, which the API gives in one of two places."""
    manifest = row.securable_kind_manifest
    nested = manifest.get("securable_kind") if isinstance(manifest, Mapping) else None
    return {kind for kind in (row.securable_kind, nested) if isinstance(kind, str)}


def _with_true_format(row: _Row) -> _Row:
    """Return the row with the format that its kind or its type has, whatever the listing says."""
    if not _MANAGED_ICEBERG.isdisjoint(_kinds(row)):
        table_type = row.table_type or "MANAGED"
        return structs.replace(row, data_source_format="ICEBERG", table_type=table_type)
    if row.table_type in _PIPELINE_TYPES and row.data_source_format in (None, "", _NO_FORMAT):
        return structs.replace(row, data_source_format="DELTA")
    return row


def _optimization(row: _Row) -> PredictiveOptimization:
    """Return the effective flag; a value that is not documented is not known."""
    if row.table_type in _UNMAINTAINED or any(_FEDERATED in kind for kind in _kinds(row)):
        return PredictiveOptimization(enabled=False)
    flag = row.effective_predictive_optimization_flag
    value = flag.get("value") if isinstance(flag, Mapping) else None
    if not isinstance(flag, Mapping) or not isinstance(value, str) or value not in _FLAGS:
        return PredictiveOptimization()
    origin = (flag.get("inherited_from_type"), flag.get("inherited_from_name"))
    words = [word for word in origin if isinstance(word, str) and word]
    return PredictiveOptimization(
        enabled=_FLAGS[value], inherited_from=" ".join(words) if words else UNSET
    )


def _properties(row: _Row, *, browsed: bool) -> dict[str, str] | UnsetType:
    """Return the properties; an empty map does not travel, so a whole row without them has none."""
    # assumes clustering-is-in-the-listing, whole-rows-have-all-properties
    if browsed and not row.properties:
        return UNSET
    return {key: value for key, value in (row.properties or {}).items() if value is not None}


def _comment(text: str | None, *, browsed: bool) -> Text:
    return text or (UNSET if browsed else "")


def _columns(row: _Row, *, browsed: bool) -> list[Column] | UnsetType:
    if row.columns is None or (browsed and not row.columns):
        return UNSET
    return [
        Column(
            name=column.name,
            type_text=column.type_text or UNSET,
            type_json=column.type_json or UNSET,
            nullable=UNSET if column.nullable is None else column.nullable,
            comment=_comment(column.comment, browsed=browsed),
            position=UNSET if column.position is None else column.position,
            partition_index=UNSET if column.partition_index is None else column.partition_index,
            mask=_without_nulls(column.mask) if column.mask else UNSET,
        )
        for column in row.columns
    ]


def _absences(row: _Row, *, browsed: bool) -> Iterator[tuple[str, Absence]]:
    """Yield why something is absent; columns are named one by one where they are all that lacks."""
    # assumes browsed-rows-are-marked
    if browsed:
        for part in ("columns", "comment", "properties", *_ALWAYS):
            if not getattr(row, part):
                yield part, _BROWSED
        commented = {column.name for column in row.columns or () if column.comment}
        for column in row.columns or ():
            if column.name not in commented:
                yield f"columns.{column.name}.comment", _BROWSED
        return
    if row.columns is None:
        yield "columns", _UNLISTED
    for part in _ALWAYS:
        lacking = row.owner is None if part == "owner" else not getattr(row, part)
        if lacking and not (part == _FORMAT and row.table_type in _UNSTORED):
            yield part, _UNLISTED


def _time(millis: object) -> Text:
    """Return milliseconds since 1970 as RFC 3339; zero is what an unset number looks like.

    Databricks writes a number; an open-source server writes its digits as text, as JSON made of
    protocol buffers does with numbers of 64 bits.
    """
    if isinstance(millis, str) and _DIGITS.fullmatch(millis):
        millis = int(millis)
    if type(millis) is not int or millis <= 0:
        return UNSET
    try:
        moment = moment_of_millis(millis)
    except OverflowError:
        return UNSET
    return rfc3339(moment) if plausible(moment, utc_now()) else UNSET


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 -- any part of a JSON value
    """Return JSON without the members and elements that are null: unknown is absent."""
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value if part is not None]
    return value


def _statistics_size(document: TableDocument) -> int | None:
    properties = document.properties or {}
    text = properties.get(STATISTICS_SIZE, "")
    return int(text) if _BYTES.fullmatch(text) else None
