"""JSON Schemas of draft 2020-12, written as draft 7 for editors that know no newer one."""

from __future__ import annotations

from typing import Any

_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_INNER = (
    *("items", "additionalProperties", "contains", "not", "if", "then", "else"),
    "propertyNames",
)


def as_draft7(schema: Any) -> Any:  # noqa: ANN401 -- a schema is an object, true or false
    """Return the schema in the words of draft 7.

    A list with a type for each place is `prefixItems` in the newer draft and `items` in the
    older, whose editors take `items: false` beside it for a ban on all members.
    """
    if not isinstance(schema, dict):
        return schema
    converted = {key: _inner(key, value) for key, value in schema.items() if key != "$schema"}
    if "prefixItems" in converted:
        rest = converted.pop("items", True)
        converted |= {"items": converted.pop("prefixItems"), "additionalItems": rest}
    return converted


def _inner(key: str, value: Any) -> Any:  # noqa: ANN401 -- any part of a schema
    if key in _MAPS and isinstance(value, dict):
        return {name: as_draft7(each) for name, each in value.items()}
    if key in _LISTS and isinstance(value, list):
        return [as_draft7(each) for each in value]
    return as_draft7(value) if key in _INNER else value
