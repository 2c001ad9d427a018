"""Requests for the router, full of edges: documents, settings and waivers as plain JSON values.

Everything is drawn from a `random.Random`, so that one generator serves a fixed seed (large runs)
and hypothesis, which draws the seeds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from databricks.sdk.service.catalog import DataSourceFormat, TableType

from tests.support.drawing import clustered, evidence, schemas, words
from tests.support.drawing import settings as drawn_settings
from tests.support.drawing.waivers import NOW, waiver
from tests.support.oracle.opinion import POLICIES

Json = dict[str, Any]

__all__ = ["ALL_DEFAULTS", "DEFAULTS", "DEFAULT_SETTINGS", "NOW", "about", "document", "request"]

DEFAULT_SETTINGS: Final = drawn_settings.DEFAULTS
"""The default settings of each domain of policies about tables."""

ALL_DEFAULTS: Final[dict[str, Json]] = DEFAULT_SETTINGS | {
    "approval": {
        "max_life_days": 366,
        "ticket_severities": ["critical", "high"],
        "ticket_pattern": "*",
    }
}
"""The same with the domains of policies about waivers, which the router's oracle doesn't know."""

DEFAULTS: Final[Json] = DEFAULT_SETTINGS["clustering"]
"""The default settings of the clustering domain."""

_AT: Final = datetime.fromisoformat(NOW)
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


def request(rng: random.Random, size: int, policies: Sequence[str] = POLICIES) -> Json:
    """Return one request for the router about `size` documents, with settings for some of them."""
    usual = drawn_settings.settings(rng)
    found: Json = {"policies": list(policies), "settings": usual, "now": NOW}
    if rng.randrange(2):
        found["variants"] = drawn_settings.variants(rng, usual)
        found["variant"] = [rng.randrange(-1, len(found["variants"])) for _ in range(size)]
    found["tables"] = [document(rng, n, settings_of(found, n)) for n in range(size)]
    names = [table["full_name"] for table in found["tables"]]
    found["waivers"] = [waiver(rng, names, policies) for _ in range(rng.randrange(24))]
    return found


def about(policy: str, chosen: Json, tables: Sequence[Json]) -> Json:
    """Return a request about one policy; `chosen` are some settings of its domain."""
    domain = policy.partition(".")[0]
    return {
        "policies": [policy],
        "settings": DEFAULT_SETTINGS | {domain: DEFAULT_SETTINGS[domain] | chosen},
        "waivers": [],
        "now": NOW,
        "tables": list(tables),
    }


def settings_of(asked: Json, number: int) -> dict[str, Json]:
    """Return the settings by domain that are meant for a request's table of this number."""
    index = asked["variant"][number] if "variant" in asked else -1
    changed = asked["variants"][index] if index >= 0 else {}
    return {domain: changed.get(domain, usual) for domain, usual in asked["settings"].items()}


def document(rng: random.Random, number: int, chosen: dict[str, Json]) -> Json:
    """Return one valid table document, near what the `chosen` settings, by domain, ask."""
    clustering, documentation = chosen["clustering"], chosen["documentation"]
    schema = rng.choice(["sales", "pytest_test_data", "PyTest_Test_Data", "tmp"])
    catalog = rng.choice(["prod", "dev"])
    known = schemas.fields(rng) if rng.randrange(10) else []
    found: Json = {
        "full_name": f"{catalog}.{schema}.t{number}",
        "catalog_name": catalog,
        "schema_name": schema,
        "name": f"t{number}",
        "size": evidence.size(rng, clustering, _AT),
        "detail": {},
        "access": evidence.access(rng, clustering),
        "predictive_optimization": evidence.optimization(rng),
    }
    found |= _kind(rng)
    if rng.randrange(8):
        found["properties"] = clustered.properties(rng, clustering["exclusion_property"], known)
    if rng.randrange(5):
        found["columns"] = schemas.columns(rng, known)
        words.describe(rng, found["columns"], documentation)
    if rng.randrange(2):
        found["detail"]["clustering_columns"] = clustered.detail(rng, known)
    if rng.randrange(4) == 0:
        found["detail"]["cluster_by_auto"] = bool(rng.randrange(2))
    if rng.randrange(3) == 0:
        found["detail"]["partition_columns"] = rng.choice([[], ["id"]])
    if rng.randrange(3):
        found["tags"] = evidence.tags(rng, clustering)
    if rng.randrange(5):
        found["comment"] = words.comment(rng, documentation)
    if rng.randrange(6):
        found["owner"] = rng.choice(words.OWNERS)
    if rng.randrange(20) == 0:
        found |= clustered.around_leaf_32(rng)
    found["evidence"] = evidence.absences(rng, found, clustering)
    return found | _planned(rng, found)


def _planned(rng: random.Random, document: Json) -> Json:
    """Return what makes a plan's document of some, mostly without their size."""
    if rng.randrange(4):
        return {"definition": {}}  # what every source writes of a table that is there
    definition = {"tool": rng.choice(["terraform", "dbt", "sql"]), "file": "main.tf", "line": 1}
    action = rng.choice([None, "create", "update", "no-op"])
    size = document["size"] if rng.randrange(4) == 0 else {}
    why = document["evidence"]
    if not size and rng.randrange(5):
        status = rng.choice(["known_after_apply", "not_requested"])
        why = why | {"size": {"status": status, "reason": "It is planned."}}
    return {
        "definition": definition | ({"action": action} if action else {}),
        "size": size,
        "evidence": why,
    }


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
