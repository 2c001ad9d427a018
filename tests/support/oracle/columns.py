"""The schema of a table: its columns in order, their types, the leaves that statistics count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from tests.support.oracle.expected import Json

Path = tuple[str, ...]

_ELIGIBLE: Final = {
    *("date", "timestamp", "timestamp_ntz", "string", "varchar", "char"),
    *("byte", "tinyint", "short", "smallint", "integer", "int", "long", "bigint"),
    *("float", "double", "decimal"),
}


def in_order(columns: list[Json]) -> list[Json]:
    """Return the columns by position where every one of them has one, else as they are listed."""
    if all("position" in column for column in columns):
        return sorted(columns, key=lambda column: int(column["position"]))
    return columns


def type_of(column: Json) -> Any:  # noqa: ANN401 -- a type as Spark writes it in JSON
    """Return the column's type as Spark's JSON has it, or None where nothing tells it all.

    `type_json` is the whole field or only its type. Of a type in SQL the name is returned; one
    that begins with `struct` does not tell its fields in a way that is read here.
    """
    if "type_json" in column:
        found = json.loads(column["type_json"])
        return found["type"] if isinstance(found, dict) and "name" in found else found
    if "type_text" not in column or column["type_text"].lower().startswith("struct"):
        return None
    return column["type_text"].lower()


def leaves(kind: Any) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 -- see type_of
    """Yield the path below the column, in lower case, and the type of each leaf, in order."""
    if isinstance(kind, dict) and kind["type"] == "struct":
        for field in kind["fields"]:
            for path, leaf in leaves(field["type"]):
                yield (field["name"].lower(), *path), leaf
    else:
        yield (), kind


def eligible(kind: Any) -> bool:  # noqa: ANN401 -- see type_of
    """Whether a leaf of this type may be a clustering key."""
    if not isinstance(kind, str):
        return False
    name = re.match(r"[a-z_]*", kind)
    return name is not None and name.group() in _ELIGIBLE
