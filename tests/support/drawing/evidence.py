"""Sizes, reads and tags near what the settings ask, exact or not, there or not."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

Json = dict[str, Any]

_LIMITS: Final = [
    "size_threshold_bytes",
    "size_threshold_bytes",
    "test_size_threshold_bytes",
    "partition_min_bytes",
    "frequent_min_bytes",
    "exclusion_review_bytes",
]
_READ: Final = [
    *("clusteringColumns", "clusterByAuto"),
    *("delta.autoOptimize.optimizeWrite", "delta.autoOptimize.autoCompact"),
    *("delta.dataSkippingStatsColumns", "delta.dataSkippingNumIndexedCols"),
]
"""Properties that policies read."""
_KINDS: Final = [
    "predictive_optimization",
    *("size", "columns", "table_type", "access", "tags", "comment", "owner", "properties"),
]


def size(rng: random.Random, chosen: Json, now: datetime) -> Json:
    """Return a size near a limit or its guard band, or none, exact or aged."""
    found: Json = {}
    if rng.randrange(8):
        limit = chosen[rng.choice(_LIMITS)]
        factor = rng.choice([*chosen["inexact_size_guard"], 1, 1])
        edge = int(Fraction(str(factor)) * limit) + rng.choice([-1, 0, 1])
        found["bytes"] = max(0, edge if rng.randrange(4) else rng.choice([0, 10**6, 2**50]))
    if rng.randrange(3):
        found["exact"] = bool(rng.randrange(2))
    if rng.randrange(4):
        days = rng.choice([0, 1, chosen["max_size_age_days"], chosen["max_size_age_days"], 400])
        at = now - timedelta(days=days, seconds=rng.choice([-1, 0, 0, 1]))
        fraction = rng.choice(["", "", ".5"])
        found["as_of"] = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"
    return found


def access(rng: random.Random, chosen: Json) -> Json:
    """Return reads around the number that is often, or none."""
    found: Json = {}
    if rng.randrange(4):
        found["reads"] = max(0, chosen["frequent_reads"] + rng.choice([-1, 0, 0, 1, 5000]))
    if rng.randrange(3) == 0:
        found |= {"readers": rng.randrange(9), "window_days": 30}
    return found


def tags(rng: random.Random, chosen: Json) -> Json:
    """Return tags: the one that the settings name, none, or others that look like it."""
    name = chosen["exclusion_approval_tag"] or "reviewed"
    return rng.choice(
        [{}, {name: ""}, {name: "yes", "team": "sales"}, {name.swapcase(): "yes"}, {"x": name}]
    )


def optimization(rng: random.Random) -> Json:
    """Return whether predictive optimization is on, where it is known."""
    found: Json = {}
    if rng.randrange(3):
        found["enabled"] = bool(rng.randrange(2))
    if rng.randrange(2):
        found["inherited_from"] = rng.choice(["CATALOG main", "METASTORE metastore_aws"])
    return found


def absences(rng: random.Random, document: Json, chosen: Json) -> Json:
    """Return why some parts of a document are absent: whole ones, or some of the properties."""
    statuses = ["denied", "failed", "unsupported", "not_requested"]
    kinds = [kind for kind in _KINDS if _explained(document, kind)]
    if "properties" in document and rng.randrange(3) == 0:
        names = [name for name in (chosen["exclusion_property"], *_READ) if rng.randrange(4) == 0]
        kinds += [f"properties.{name}" for name in names if name not in document["properties"]]
        kinds += ["properties.*"] * (rng.randrange(4) == 0)
    silent = [each["name"] for each in document.get("columns", []) if "comment" not in each]
    kinds += [f"columns.{name}.comment" for name in silent if rng.randrange(2)]
    return {
        kind: {"status": rng.choice(statuses), "reason": "no SELECT"}
        for kind in kinds
        if "." in kind or rng.randrange(2)
    }


def _explained(document: Json, kind: str) -> bool:
    """Whether evidence may explain this: nothing of it is there, or a size that isn't exact."""
    value = document.get(kind)
    parts = ("size", "access", "predictive_optimization")
    return not value if kind in parts else value is None
