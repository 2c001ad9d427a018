"""Columns with types of every kind, told in every way: nested, empty, wide, half known."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
Kind = Any
"""A type as Spark writes it in JSON: text, or an object for a struct, an array, a map."""

NAMES: Final = [
    *("id", "Name", "ADDRESS", "a.b", "a", "tick`s", "größe", "event time", "ts", "x,y"),
]
FILLER: Final = "filler"
"""The column that brings those after it near the last leaf that counts."""
_GOOD: Final = [
    *("date", "timestamp", "timestamp_ntz", "string", "byte", "short", "integer", "long"),
    *("float", "double", "decimal(18,2)", "varchar(10)", "char(3)", "string collate UTF8_LCASE"),
]
_BAD: Final = ["boolean", "binary", "variant", "void", "interval day to second"]
_SQL: Final = {"byte": "tinyint", "short": "smallint", "integer": "int", "long": "bigint"}


@dataclass(frozen=True)
class Field:
    """A column, or a field of a struct."""

    name: str
    kind: Kind


def struct(*fields: Field) -> Kind:
    """Return a struct's type."""
    return {"type": "struct", "fields": [_whole(field) for field in fields]}


def fields(rng: random.Random) -> list[Field]:
    """Return the columns of a table, in order; each name is there at most once."""
    names = [name for name in NAMES if rng.randrange(4)]
    if rng.randrange(3):
        rng.shuffle(names)
    found = [Field(name, _kind(rng, name)) for name in names if rng.randrange(12)]
    if rng.randrange(3) == 0:
        place = rng.randrange(len(found) + 1)
        before = sum(_leaves(field.kind) for field in found[:place])
        found.insert(place, Field(FILLER, _filler(rng, 32 - before)))
    return found


def paths(columns: list[Field]) -> list[tuple[str, ...]]:
    """Return the paths of all columns and of all fields of structs, leaves or not."""
    return [path for column in columns for path in _below((column.name,), column.kind)]


def columns(rng: random.Random, known: list[Field]) -> list[Json]:
    """Return the columns as a source may write them: types, positions, partitions."""
    usual = rng.choice(["whole", "only", "text"])
    careless = rng.randrange(3) == 0
    found: list[Json] = []
    for field in known:
        careful = not careless or rng.randrange(5)
        reported = usual if careful else rng.choice(["whole", "only", "text", "neither"])
        found.append({"name": field.name} | _type(rng, field, reported))
    _positions(rng, found)
    if found and rng.randrange(6) == 0:
        rng.choice(found)["partition_index"] = rng.randrange(2)
    return found


def sql(kind: Kind) -> str:
    """Return a type as SQL has it."""
    if isinstance(kind, str):
        return _SQL.get(kind, kind)
    match kind["type"]:
        case "array":
            return f"array<{sql(kind['elementType'])}>"
        case "map":
            return f"map<{sql(kind['keyType'])},{sql(kind['valueType'])}>"
        case _:
            inner = (f"{field['name']}:{sql(field['type'])}" for field in kind["fields"])
            return f"struct<{','.join(inner)}>"


def _kind(rng: random.Random, name: str) -> Kind:
    match name, rng.randrange(4):
        case "ADDRESS", 0 | 1 | 2:
            geo = struct(Field("Lat", "double"), Field("x.y", rng.choice(_BAD)))
            return struct(Field("City", "string"), Field("geo", geo), Field("zip", "integer"))
        case "tick`s", 0 | 1:
            return struct(Field("none", struct()), Field("x.y", "long"))
        case "a", 0 | 1:
            return struct(Field("b", "date"), Field("c", _array(rng)))
        case _, 0:
            return rng.choice([*_BAD, _array(rng), struct()])
        case _:
            return rng.choice(_GOOD)


def _array(rng: random.Random) -> Kind:
    """Return an array or a map, of structs too: one leaf each."""
    inner = rng.choice(["string", struct(Field("b", "long"), Field("c", "long"))])
    if rng.randrange(2):
        return {"type": "array", "elementType": inner, "containsNull": True}
    return {"type": "map", "keyType": "string", "valueType": inner, "valueContainsNull": True}


def _filler(rng: random.Random, room: int) -> Kind:
    """Return a struct that takes all room that is left or nearly, or an array that only seems to.

    `room` is the number of leaves that the columns before it leave over of those that count.
    """
    count = room - rng.choice([0, 1, 1, 2, 5])
    if rng.randrange(4) == 0:
        wide = struct(*(Field(f"f{n}", "long") for n in range(count)))
        return {"type": "array", "elementType": wide, "containsNull": False}
    ends = [_array(rng), struct()] if rng.randrange(2) else []
    leaves = [Field(f"f{n}", "long") for n in range(count - sum(map(_leaves, ends)))]
    return struct(*leaves, *(Field(f"end{n}", end) for n, end in enumerate(ends)))


def _leaves(kind: Kind) -> int:
    if isinstance(kind, dict) and kind["type"] == "struct":
        return sum(_leaves(field["type"]) for field in kind["fields"])
    return 1


def _below(path: tuple[str, ...], kind: Kind) -> list[tuple[str, ...]]:
    found = [path]
    if isinstance(kind, dict) and kind["type"] == "struct":
        for field in kind["fields"]:
            found += _below((*path, field["name"]), field["type"])
    return found


def _whole(field: Field) -> Json:
    return {"name": field.name, "type": field.kind, "nullable": True, "metadata": {}}


def _type(rng: random.Random, field: Field, reported: str) -> Json:
    text = sql(field.kind)
    if rng.randrange(3) == 0:
        text = rng.choice([text.upper(), text.title()])
    found: Json = {}
    if reported == "text" or (reported in ("whole", "only") and rng.randrange(3)):
        found["type_text"] = text
    if reported in ("whole", "only"):
        value = _whole(field) if reported == "whole" else field.kind
        found["type_json"] = json.dumps(value, ensure_ascii=bool(rng.randrange(2)))
    return found


def _positions(rng: random.Random, found: list[Json]) -> None:
    """Give the columns positions, and list them in another order, or leave one position out."""
    how = rng.choice(["none", "none", "gaps", "shuffled", "partly"])
    if how == "none":
        return
    for number, column in enumerate(found):
        column["position"] = number * 3 if how == "gaps" else number
    if how != "gaps":
        rng.shuffle(found)
    if how == "partly" and found:
        del rng.choice(found)["position"]
