"""Requests for the router, full of edges: documents, settings and waivers as plain JSON values.

Everything is drawn from a `random.Random`, so that one generator serves both a fixed seed (large
runs) and hypothesis, whose `randoms()` can be shrunk.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from databricks.sdk.service.catalog import DataSourceFormat, TableType
from hypothesis import strategies as st

from tests.data.oracle import POLICIES

Json = dict[str, Any]

NOW: Final = "2026-11-23T05:10:00Z"
_AT: Final = datetime.fromisoformat(NOW)

DEFAULTS: Final[Json] = {
    "size_threshold_bytes": 1073741824,
    "test_size_threshold_bytes": 1048576,
    "test_schemas": ["pytest_test_data"],
    "exempt_small_tables": True,
    "honor_exclusion_flag": True,
    "exclusion_property": "cluster_exclusion",
    "max_clustering_columns": 4,
    "accept_auto_optimize": True,
    "require_both_auto_optimize_flags": True,
    "inexact_size_guard": [0.5, 2.0],
    "max_size_age_days": 7,
    "partition_min_bytes": 1099511627776,
    "require_liquid_for_frequent_reads": False,
    "frequent_reads": 1000,
    "frequent_min_bytes": 1073741824,
    "exclusion_review_bytes": 107374182400,
    "exclusion_approval_tag": "",
    "allowed_key_patterns": [],
    "forbidden_key_patterns": [],
    "required_leading_keys": [],
}

_OTHER_SETTINGS: Final[dict[str, list[Any]]] = {
    "size_threshold_bytes": [0, 1, 1000, 268435456, 5 * 2**40],
    "test_size_threshold_bytes": [0, 4096],
    "test_schemas": [[], ["PYTEST_*"], ["none", "s?les"], ["*"], ["pytest.test.data"]],
    "exempt_small_tables": [False],
    "honor_exclusion_flag": [False],
    "exclusion_property": ["no.cluster", "clusterByAuto"],
    "max_clustering_columns": [1, 2, 6],
    "accept_auto_optimize": [False],
    "require_both_auto_optimize_flags": [False],
    "inexact_size_guard": [[1, 1], [0, 4], [0.25, 1.5]],
    "max_size_age_days": [0, 1, 0.5, 30],
}

_CLUSTERABLE: Final = [
    ("MANAGED", "DELTA"),
    ("MANAGED", "ICEBERG"),
    ("EXTERNAL", "DELTA"),
    ("EXTERNAL", "DELTA_UNIFORM_ICEBERG"),
    ("STREAMING_TABLE", "DELTA"),
    ("MATERIALIZED_VIEW", "DELTA_UNIFORM_HUDI"),
]
_TYPES: Final = [member.value for member in TableType] + [None, "", "managed", "TEMPORARY"]
_FORMATS: Final = [member.value for member in DataSourceFormat] + [
    None,
    "",
    "delta",
    "UNKNOWN_DATA_SOURCE_FORMAT",
]

_ON: Final = ["true", "TRUE", "True", "tRuE"]
_OFF: Final = ["false", "1", "yes", "", " true", "on"]

_COLUMNS: Final = ["id", "Name", "ADDRESS", "a.b", "tick`s", "größe", "event time", "ts"]
_KEYS: Final = [
    [["id"]],
    [["ID"], ["address", "city"]],
    [["größe"], ["NAME"]],
    [["a.b"], ["tick`s", "x.y"]],
    [["id"], ["name"], ["address"], ["ts"]],
    [["id"], ["name"], ["address"], ["ts"], ["event time"]],
    [["missing"]],
    [["id"], ["address.city"]],
    [[""]],
    [["id"], ["id"]],
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


def settings(rng: random.Random) -> Json:
    """Return complete settings: the defaults with some of them changed."""
    return {
        name: rng.choice(_OTHER_SETTINGS[name])
        if name in _OTHER_SETTINGS and rng.randrange(5) == 0
        else default
        for name, default in DEFAULTS.items()
    }


def document(rng: random.Random, number: int, chosen: Json) -> Json:
    """Return one valid table document, its sizes and properties near what `chosen` settings ask."""
    schema = rng.choice(["sales", "pytest_test_data", "PyTest_Test_Data", "tmp"])
    catalog = rng.choice(["prod", "dev"])
    found: Json = {
        "full_name": f"{catalog}.{schema}.t{number}",
        "catalog_name": catalog,
        "schema_name": schema,
        "name": f"t{number}",
        "size": _size(rng, chosen),
        "detail": {},
        "access": {},
        "evidence": {},
    }
    found |= _kind(rng)
    if rng.randrange(8):
        found["properties"] = _properties(rng, chosen)
    if rng.randrange(4):
        names = [name for name in _COLUMNS if rng.randrange(6)] if rng.randrange(10) else []
        found["columns"] = [{"name": name, "type_text": "string"} for name in names]
    if rng.randrange(2):
        found["detail"]["clustering_columns"] = rng.choice(_DETAIL)
    if rng.randrange(3) == 0:
        found["detail"]["partition_columns"] = rng.choice([[], ["id"]])
    for evidence in ("size", "columns", "table_type"):
        if rng.randrange(4) == 0:
            found["evidence"][evidence] = {"status": "denied", "reason": "no SELECT"}
    return found


def waivers(rng: random.Random, documents: list[Json]) -> list[Json]:
    """Return waivers, some active, some expired, some about nothing here."""
    return [_waiver(rng, documents) for _ in range(rng.randrange(6))]


def request(rng: random.Random, size: int) -> Json:
    """Return one request for the router about `size` documents."""
    chosen = settings(rng) if rng.randrange(3) else dict(DEFAULTS)
    documents = [document(rng, number, chosen) for number in range(size)]
    return {
        "policies": list(POLICIES),
        "settings": {"clustering": chosen},
        "waivers": waivers(rng, documents),
        "now": NOW,
        "tables": documents,
    }


def requests(size: int) -> st.SearchStrategy[Json]:
    """Return a strategy of requests about `size` documents each."""
    return st.randoms(use_true_random=False).map(lambda rng: request(rng, size))


def _kind(rng: random.Random) -> Json:
    """Return a table type and a format: mostly of a table that can be clustered, maybe absent."""
    found: Json = dict(
        zip(("table_type", "data_source_format"), rng.choice(_CLUSTERABLE), strict=True)
    )
    if rng.randrange(5) == 0:
        found["table_type"] = rng.choice(_TYPES)
    if rng.randrange(6) == 0:
        found["data_source_format"] = rng.choice(_FORMATS)
    return {key: value for key, value in found.items() if value is not None}


def _properties(rng: random.Random, chosen: Json) -> Json:
    names = [
        chosen["exclusion_property"],
        "clusterByAuto",
        "delta.autoOptimize.optimizeWrite",
        "delta.autoOptimize.autoCompact",
    ]
    found = {}
    for name in names:
        if rng.randrange(3) == 0:
            found[name] = rng.choice(_ON if rng.randrange(3) else _OFF)
    if found.get("delta.autoOptimize.optimizeWrite") and rng.randrange(2):
        found["delta.autoOptimize.autoCompact"] = rng.choice(_ON)
    match rng.randrange(6):
        case 0 | 1:
            text = json.dumps(rng.choice(_KEYS), ensure_ascii=bool(rng.randrange(2)))
            found["clusteringColumns"] = text if rng.randrange(4) else f" {text}\n"
        case 2:
            found["clusteringColumns"] = rng.choice(_BROKEN)
        case _:
            pass
    return found


def _size(rng: random.Random, chosen: Json) -> Json:
    """Return a size near a threshold or its guard band, or none, exact or aged."""
    found: Json = {}
    if rng.randrange(8):
        limit = chosen[rng.choice(["size_threshold_bytes", "test_size_threshold_bytes"])]
        factor = rng.choice([*chosen["inexact_size_guard"], 1, 1])
        edge = int(Fraction(factor) * limit) + rng.choice([-1, 0, 1])
        found["bytes"] = max(0, edge if rng.randrange(4) else rng.choice([0, 10**6, 2**50]))
    if rng.randrange(3):
        found["exact"] = bool(rng.randrange(2))
    if rng.randrange(4):
        days = rng.choice([0, 1, chosen["max_size_age_days"], chosen["max_size_age_days"], 400])
        at = _AT - timedelta(days=days, seconds=rng.choice([-1, 0, 0, 1]))
        fraction = rng.choice(["", "", ".5"])
        found["as_of"] = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"
    return found


def _waiver(rng: random.Random, documents: list[Json]) -> Json:
    found: Json = {
        "policy": rng.choice([*POLICIES, "clustering.no_such_policy"]),
        "reason": "moved next quarter",
        "owner": "data@example.com",
        "approved_by": "governance@example.com",
        "expires": rng.choice(
            [
                "2026-11-22",
                "2026-11-23",
                "2027-01-31",
                "2026-11-23T05:09:59Z",
                NOW,
                "2026-11-23T05:10:01Z",
                "2026-11-23T07:00:00+01:00",
            ]
        ),
    }
    if rng.randrange(2):
        found["ticket"] = "GOV-7"
    if rng.randrange(2):
        found["table"] = rng.choice([*documents, {"full_name": "prod.none.such"}])["full_name"]
    else:
        found["pattern"] = rng.choice(
            ["*", "prod.*", "*.sales.*", "dev.sales.t?", "prod.sales", "PROD.*", "*_data.t1*"]
        )
    return found
