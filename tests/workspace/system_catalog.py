"""The tables of the `system` catalog that the double has, and what DESCRIBE DETAIL looks like.

Columns from facts 2.1 (table_metrics_history as seen on an enabled account), 4 (table_lineage) and
5 (information_schema tags); the fifteen columns of DESCRIBE DETAIL from real Spark (real
components) and `clusterByAuto`, which Databricks adds (facts 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tests.workspace.estate import Column, Table

METRICS: Final = "system.storage.table_metrics_history"
LINEAGE: Final = "system.access.table_lineage"
CATALOG_TAGS: Final = "system.information_schema.catalog_tags"
SCHEMA_TAGS: Final = "system.information_schema.schema_tags"
TABLE_TAGS: Final = "system.information_schema.table_tags"

_TAG: Final = (("tag_name", "string"), ("tag_value", "string"))
_CATALOG: Final = (("catalog_name", "string"),)
_SCHEMA: Final = (*_CATALOG, ("schema_name", "string"))
_TABLE: Final = (*_SCHEMA, ("table_name", "string"))

COLUMNS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    METRICS: (
        ("account_id", "string"),
        ("metastore_id", "string"),
        *_TABLE,
        ("table_id", "string"),
        ("table_type", "string"),
        ("table_owner", "string"),
        ("table_creation_time", "timestamp"),
        ("table_dropped_time", "timestamp"),
        ("snapshot_date", "date"),
        ("active_bytes", "bigint"),
        ("active_files", "bigint"),
        ("predictive_optimization_enabled", "string"),
    ),
    LINEAGE: (
        ("metastore_id", "string"),
        ("source_table_full_name", "string"),
        ("source_table_catalog", "string"),
        ("source_table_schema", "string"),
        ("source_table_name", "string"),
        ("source_type", "string"),
        ("target_table_full_name", "string"),
        ("created_by", "string"),
        ("event_time", "timestamp"),
        ("event_date", "date"),
    ),
    CATALOG_TAGS: (*_CATALOG, *_TAG),
    SCHEMA_TAGS: (*_SCHEMA, *_TAG),
    TABLE_TAGS: (*_TABLE, *_TAG),
}

DetailValue = str | int | bool | Sequence[str] | Mapping[str, str] | None

_ARRAY: Final = ("ARRAY", "ARRAY<STRING>")
DETAIL: Final = (
    Column("format"),
    Column("id"),
    Column("name"),
    Column("description"),
    Column("location"),
    Column("createdAt", "TIMESTAMP", "TIMESTAMP"),
    Column("lastModified", "TIMESTAMP", "TIMESTAMP"),
    Column("partitionColumns", *_ARRAY),
    Column("clusteringColumns", *_ARRAY),
    Column("numFiles", "LONG", "BIGINT"),
    Column("sizeInBytes", "LONG", "BIGINT"),
    Column("properties", "MAP", "MAP<STRING, STRING>"),
    Column("minReaderVersion", "INT", "INT"),
    Column("minWriterVersion", "INT", "INT"),
    Column("tableFeatures", *_ARRAY),
    Column("clusterByAuto", "BOOLEAN", "BOOLEAN"),
)


def detail(
    values: Mapping[str, DetailValue],
) -> Table:
    """Return the one row of DESCRIBE DETAIL; what `values` does not name is NULL."""
    return Table(DETAIL, (tuple(_text(values.get(column.name)) for column in DETAIL),))


def _text(value: DetailValue) -> str | None:
    """Return a value as JSON_ARRAY has it: booleans in lower case, arrays and maps as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return msgspec.json.encode(value).decode()
