"""Settings in words: the type and the default of each, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Setting(Struct, frozen=True, kw_only=True):
    """One setting, each part of it as Markdown."""

    name: str
    type: str
    default: str
    meaning: str


def setting_words(name: str, schema: Mapping[str, Any]) -> Setting:
    """Return the words for one property of a domain's settings schema."""
    return Setting(
        name=name,
        type=type_words(schema),
        default=value_words(schema.get("default")),
        meaning=str(schema.get("description", "")),
    )


def value_words(value: Any) -> str:  # noqa: ANN401 -- any value of YAML
    """Return a value as code, in the notation that JSON and YAML share."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def cell(text: str) -> str:
    """Return Markdown that does not end the cell or the row that it stands in."""
    return " ".join(text.split()).replace("|", r"\|")


def type_words(schema: Mapping[str, Any]) -> str:
    """Return a setting's type for a person; what has no short words may be anything."""
    words = "any value"
    match schema:
        case {"enum": values}:
            words = " or ".join(f"`{value}`" for value in values)
        case {"type": "integer" | "number" as number}:
            words = _number(number, schema)
        case {"type": "string"}:
            words = "text, not empty" if schema.get("minLength") else "text"
        case {"type": "boolean"}:
            words = "true or false"
        case {"type": "array"}:
            words = _list(schema)
        case {"type": "object"}:
            fields = ", ".join(f"`{name}`" for name in schema.get("properties", ()))
            words = f"mapping with {fields}" if fields else "mapping"
        case {"type": [*several]}:
            words = " or ".join(type_words({"type": each}) for each in several)
    return words


def _number(kind: str, schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    ends = [f"from {low}"] if low is not None else []
    ends += [f"to {high}"] if high is not None else []
    return " ".join([kind, *ends])


def _list(schema: Mapping[str, Any]) -> str:
    if members := schema.get("prefixItems"):
        return "list of " + ", then ".join(type_words(member) for member in members)
    members = schema.get("items")
    return f"list of {type_words(members)}" if isinstance(members, dict) and members else "list"
