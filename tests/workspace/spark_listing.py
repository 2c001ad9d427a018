"""A table that Spark stores as Unity Catalog's `TableInfo` has it (facts 5, SDK `catalog.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.workspace.estate import Json
from tests.workspace.optimization import FLAG, flag
from tests.workspace.spark_catalog import Stored
from tests.workspace.spark_values import type_name

_DECLARED: Final = "__CHAR_VARCHAR_TYPE_STRING"
"""Where Spark keeps `varchar(7)`, which it stores as a string."""

_SQL_NAMES: Final = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}


def table_info(
    parts: tuple[str, str, str], stored: Stored, *, owner: str, metastore_id: str, auto: bool
) -> Json:
    """Return what the listing says; what Spark does not know is absent.

    `auto` says that the table was declared `CLUSTER BY AUTO`, which open-source Spark has not.
    """
    catalog, schema, name = parts
    info: Json = {
        "name": name,
        "catalog_name": catalog,
        "schema_name": schema,
        "full_name": ".".join(parts),
        "table_type": stored.kind,
        "owner": owner,
        "created_by": owner,
        "updated_by": owner,
        "created_at": stored.created,
        "updated_at": stored.modified,
        "metastore_id": metastore_id,
        "columns": _columns(stored),
        "properties": _properties(stored, auto=auto),
        FLAG: flag(),
    }
    optional = {
        "table_id": stored.table_id,
        "data_source_format": stored.provider and stored.provider.upper(),
        "comment": stored.comment,
        "storage_location": stored.location,
        "view_definition": stored.view_text,
    }
    return info | {key: value for key, value in optional.items() if value}


def _properties(stored: Stored, *, auto: bool) -> dict[str, str]:
    """Return the properties; automatic clustering without keys yet shows an empty list.

    That it does is not verified against a workspace (facts 9, number 7).
    """
    if not auto:
        return stored.properties
    return {"clusteringColumns": "[]", **stored.properties, "clusterByAuto": "true"}


def _columns(stored: Stored) -> list[Json]:
    indexes = {name: index for index, name in enumerate(stored.partitioned_by)}
    return [
        _column(field, position, indexes.get(field["name"]))
        for position, field in enumerate(stored.fields)
    ]


def _column(field: Mapping[str, Any], position: int, partition_index: int | None) -> Json:
    metadata = field.get("metadata") or {}
    text = metadata.get(_DECLARED) or _type_text(field["type"])
    column: Json = {
        "name": field["name"],
        "type_text": text,
        "type_name": type_name(text),
        "type_json": json.dumps(_without_mapping(field), ensure_ascii=False, separators=(",", ":")),
        "position": position,
        "nullable": field["nullable"],
    }
    if "comment" in metadata:
        column["comment"] = metadata["comment"]
    if partition_index is not None:
        column["partition_index"] = partition_index
    return column


def _type_text(kind: str | Mapping[str, Any]) -> str:
    if isinstance(kind, str):
        return _SQL_NAMES.get(kind, kind)
    if kind["type"] == "array":
        return f"array<{_type_text(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{_type_text(kind['keyType'])},{_type_text(kind['valueType'])}>"
    if kind["type"] == "struct":
        inner = (f"{field['name']}:{_type_text(field['type'])}" for field in kind["fields"])
        return f"struct<{','.join(inner)}>"
    raise ValueError(f"a type that no table here should have: {kind}")


def _without_mapping(part: Any) -> Any:  # noqa: ANN401 -- any part of a schema in JSON
    """Return a schema without what Delta's column mapping keeps in it, which is the log's own."""
    if isinstance(part, Mapping):
        return {
            key: _without_mapping(value)
            for key, value in part.items()
            if not key.startswith("delta.columnMapping.")
        }
    return [_without_mapping(inner) for inner in part] if isinstance(part, list) else part
