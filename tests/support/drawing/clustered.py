"""Properties and details about clustering: keys, flags, statistics, well formed or not."""

from __future__ import annotations

import json
import random
from typing import Any, Final

from tests.support.drawing.schemas import FILLER, Field, paths

Json = dict[str, Any]
Path = tuple[str, ...]

_ON: Final = ["true", "TRUE", "True", "tRuE"]
_OFF: Final = ["false", "1", "yes", "", " true", "on"]
_FLAGS: Final = ["delta.autoOptimize.optimizeWrite", "delta.autoOptimize.autoCompact"]

_KEYS: Final = [
    [["id"]],
    [["ID"], ["address", "city"]],
    [["größe"], ["NAME"]],
    [["a.b"], ["tick`s", "x.y"]],
    [["id"], ["name"], ["address", "geo", "lat"], ["ts"]],
    [["id"], ["name"], ["address"], ["ts"], ["event time"]],
    [["missing"]],
    [["id"], ["address.city"]],
    [[""]],
    [["id"], ["id"]],
    [["id", "more"]],
    [],
]
_BROKEN: Final = [
    "",
    "id",
    "null",
    "true",
    "{}",
    '"id"',
    "[",
    "[[]]",
    '["id"]',
    '[["id"],[]]',
    "[[1]]",
    '[["id",null]]',
    '[[["id"]]]',
    '[["id"]] x',
    "NaN",
    "[NaN]",
    "[['id']]",
    '{"id":["id"]}',
]
_DETAIL: Final = [
    [],
    ["id"],
    ["`a.b`", "ADDRESS.city"],
    ["tick`s"],
    ["`tick``s`.x"],
    ["missing", "ts"],
    ["event time"],
    ["id", "name", "address", "ts", "größe"],
    ["`unclosed"],
    ["``"],
    ["`id`x"],
    ["id."],
    [".id"],
    [""],
]
_COUNTS: Final = [
    *(
        "-1",
        "-1",
        "-2",
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "32",
        "33",
        "34",
        "100",
        "99999999999999999999",
    ),
    *("", "many", "3.0", "1e1", " 3", "3 ", "0x3", "null", "-", "--1", "-1.0", "3,0"),
]
_NO_LISTS: Final = [
    "",
    " ",
    ",",
    "id,",
    ",id",
    "id,,ts",
    "`unclosed",
    "id..x",
    "id.",
    "`id`x",
    "``",
]


def properties(rng: random.Random, exclusion: str, columns: list[Field]) -> Json:
    """Return properties about a table of these columns; `exclusion` is the excluding one's name."""
    if rng.randrange(5) == 0:  # an exclusion counts only where nothing clusters
        return {exclusion: rng.choice(_ON)}
    found: Json = {}
    for name in (exclusion, "clusterByAuto", *_FLAGS):
        if rng.randrange(3) == 0:
            found[name] = rng.choice(_ON if rng.randrange(3) else _OFF)
    if _FLAGS[0] in found and rng.randrange(2):
        found[_FLAGS[1]] = rng.choice(_ON)
    match rng.randrange(8):
        case 0 | 1 | 2 | 3:
            text = json.dumps(keys(rng, columns), ensure_ascii=bool(rng.randrange(2)))
            found["clusteringColumns"] = text if rng.randrange(4) else f" {text}\n"
        case 4:
            found["clusteringColumns"] = rng.choice(_BROKEN)
        case _:
            pass
    if rng.randrange(3) == 0:
        found["delta.dataSkippingNumIndexedCols"] = rng.choice(_COUNTS)
    if rng.randrange(4) == 0:
        found["delta.dataSkippingStatsColumns"] = _listed(rng, columns)
    return found


def around_leaf_32(rng: random.Random) -> Json:
    """Return a table of plain columns with a key or two where the first 32 leaves end.

    Mostly nothing but predictive optimization decides about them.
    """
    names = [f"c{number}" for number in range(1, 36)]
    chosen = [[rng.choice(names[29:])] for _ in range(rng.choice([1, 1, 2]))]
    found: Json = {"clusteringColumns": json.dumps(chosen)}
    if rng.randrange(3) == 0:
        found["clusterByAuto"] = rng.choice(_ON)
    if rng.randrange(6) == 0:
        found["delta.dataSkippingNumIndexedCols"] = rng.choice(["32", "33", "-1"])
    return {
        "table_type": rng.choice(["MANAGED", "STREAMING_TABLE", "MATERIALIZED_VIEW", "EXTERNAL"]),
        "data_source_format": "DELTA",
        "properties": found,
        "columns": [{"name": name, "type_text": "bigint"} for name in names],
    }


def keys(rng: random.Random, columns: list[Field]) -> list[list[str]]:
    """Return keys, mostly of paths that the columns have, in any case."""
    there = paths(columns)
    if not there or rng.randrange(4) == 0:
        return rng.choice(_KEYS)
    for number, column in enumerate(columns):
        if column.name == FILLER and rng.randrange(3):  # where the leaves that count may end
            there = paths([column])[-3:] + paths(columns[number + 1 : number + 3])
    count = rng.choice([1, 1, 1, 2, 2, 3, 5])
    return [_recased(rng, rng.choice(there)) for _ in range(count)]


def detail(rng: random.Random, columns: list[Field]) -> list[str]:
    """Return keys as `DESCRIBE DETAIL` prints them, or something like them."""
    if rng.randrange(2):
        return rng.choice(_DETAIL)
    return [_printed(rng, path) for path in keys(rng, columns)]


def _recased(rng: random.Random, path: Path) -> list[str]:
    match rng.randrange(4):
        case 0:
            return [part.upper() for part in path]
        case 1:
            return [part.lower() for part in path]
        case _:
            return list(path)


def _printed(rng: random.Random, path: Path | list[str]) -> str:
    """Return a dotted name; parts that need back-quotes have them, and some others."""
    parts = []
    for part in path:
        quoted = not part.isidentifier() or rng.randrange(6) == 0
        parts.append("`" + part.replace("`", "``") + "`" if quoted else part)
    return ".".join(parts)


def _listed(rng: random.Random, columns: list[Field]) -> str:
    """Return a list of columns with statistics: well formed with blanks, or none at all."""
    if rng.randrange(6) == 0:
        return rng.choice(_NO_LISTS)
    there = [*paths(columns), ("missing",), ("address",)]
    names = [_printed(rng, _recased(rng, rng.choice(there))) for _ in range(rng.randrange(1, 6))]
    if rng.randrange(8) == 0:
        names.append(rng.choice(_NO_LISTS))
    blanks = ["", "", " ", "  ", "\t"]
    return ",".join(f"{rng.choice(blanks)}{name}{rng.choice(blanks)}" for name in names)
