"""A Delta schema as the document's columns, and its physical names as logical ones.

The schema is the log's `schemaString` (Delta protocol, "Schema Serialization Format").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import Column

_PHYSICAL_NAME: Final = "delta.columnMapping.physicalName"
_COLUMN_MAPPING: Final = "delta.columnMapping."
_DECLARED_TYPE: Final = "__CHAR_VARCHAR_TYPE_STRING"
"""Where Spark keeps `varchar(10)`, which the log stores as `string`."""

_SQL_NAMES: Final = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}

Field = Mapping[str, Any]
"""One field of the schema: `name`, `type`, `nullable`, `metadata`."""


class _Schema(Struct):
    fields: list[dict[str, Any]]


_SCHEMA: Final = decoder(_Schema)


def schema_fields(schema_json: str | None) -> Sequence[Field]:
    """Return the top-level fields of a schema in JSON; none where there is no schema.

    Raises `MsgspecError` where it is malformed.
    """
    return [] if schema_json is None else _SCHEMA.decode(schema_json).fields


def document_columns(fields: Sequence[Field], partition_columns: Sequence[str]) -> list[Column]:
    """Return the columns in the schema's order; positions and partition indexes start at 0.

    Names are compared without case, as Delta does. Raises `KeyError` and `TypeError` where a field
    is malformed.
    """
    partition_index = {name.lower(): index for index, name in enumerate(partition_columns)}
    return [
        Column(
            name=field["name"],
            type_text=_type_text(field),
            type_json=msgspec.json.encode(_without_mapping(field)).decode(),
            nullable=field.get("nullable", True),
            comment=_comment(field),
            position=position,
            partition_index=partition_index.get(field["name"].lower(), UNSET),
        )
        for position, field in enumerate(fields)
    ]


def logical_path(fields: Sequence[Field], physical: Sequence[str]) -> list[str]:
    """Return the logical name parts of a column given by its physical ones.

    From the first part that the schema does not have, the parts stay as they are, so that a key
    without a column is still seen. Names are compared as Spark does: exactly, else without case.
    """
    path: list[str] = []
    level = fields
    for depth, part in enumerate(physical):
        found = _field_of(level, part)
        if found is None:
            return [*path, *physical[depth:]]
        path.append(found["name"])
        inner = found["type"]
        is_struct = isinstance(inner, Mapping) and inner.get("type") == "struct"
        level = inner["fields"] if is_struct else []
    return path


def _field_of(level: Sequence[Field], part: str) -> Field | None:
    exact = (field for field in level if _physical_name(field) == part)
    folded = (field for field in level if _physical_name(field).lower() == part.lower())
    return next(exact, None) or next(folded, None)


def _physical_name(field: Field) -> str:
    return str(_metadata(field).get(_PHYSICAL_NAME, field["name"]))


def _metadata(field: Field) -> Mapping[str, Any]:
    metadata: Mapping[str, Any] = field.get("metadata") or {}
    return metadata


def _comment(field: Field) -> str:
    comment = _metadata(field).get("comment")
    return comment if isinstance(comment, str) else ""


def _type_text(field: Field) -> str:
    declared = _metadata(field).get(_DECLARED_TYPE)
    return str(declared) if declared else sql_type(field["type"])


def sql_type(kind: str | Mapping[str, Any]) -> str:
    """Return a type as Spark spells it in SQL; raises `KeyError` where it is malformed."""
    if isinstance(kind, str):
        return _SQL_NAMES.get(kind, kind)
    match kind["type"]:
        case "array":
            return f"array<{sql_type(kind['elementType'])}>"
        case "map":
            return f"map<{sql_type(kind['keyType'])},{sql_type(kind['valueType'])}>"
        case "struct":
            members = (f"{field['name']}:{sql_type(field['type'])}" for field in kind["fields"])
            return f"struct<{','.join(members)}>"
        case other:
            return str(other)


def _without_mapping(schema: Any) -> Any:  # noqa: ANN401 -- any part of a JSON schema
    """Return the schema as Spark shows it, without what column mapping keeps in its metadata."""
    if isinstance(schema, Mapping):
        return {
            key: _without_mapping(value)
            for key, value in schema.items()
            if not key.startswith(_COLUMN_MAPPING)
        }
    if isinstance(schema, list):
        return [_without_mapping(part) for part in schema]
    return schema
