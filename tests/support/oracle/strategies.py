"""What a table is and how it is clustered: its kind, its keys, its strategies, its size."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import inf
from typing import Final

from databricks.sdk.service.catalog import DataSourceFormat, TableType

from tests.support.oracle.expected import Case
from tests.support.oracle.texts import any_glob, split_name, time

_TYPES: Final = {member.value for member in TableType}
_FORMATS: Final = {member.value for member in DataSourceFormat}
_STORED: Final = ("MANAGED", "EXTERNAL", "STREAMING_TABLE", "MATERIALIZED_VIEW")
_FLAGS: Final = ("delta.autoOptimize.optimizeWrite", "delta.autoOptimize.autoCompact")
DELTA: Final = ("DELTA", "DELTA_UNIFORM_ICEBERG", "DELTA_UNIFORM_HUDI")


@dataclass(frozen=True)
class Keys:
    """The clustering keys as lists of name parts; `readable` is false for a broken property."""

    parts: tuple[tuple[str, ...], ...] = ()
    readable: bool = True


def format_of(case: Case) -> str | None:
    """Return the format; what a pipeline keeps is Delta where none is given."""
    given: str | None = case.document.get("data_source_format")
    piped = case.document.get("table_type") in ("STREAMING_TABLE", "MATERIALIZED_VIEW")
    return "DELTA" if piped and given in (None, "", "UNKNOWN_DATA_SOURCE_FORMAT") else given


def clusterable(case: Case) -> bool | str:
    """Whether this kind of table can be clustered, or the evidence that would tell."""
    kind, stored_as = case.document.get("table_type"), format_of(case)
    if kind not in _TYPES:
        return "table_type"
    if kind not in _STORED:
        return False
    if stored_as not in _FORMATS:
        return "data_source_format"
    return stored_as in DELTA or (kind == "MANAGED" and stored_as == "ICEBERG")


def keys_of(case: Case) -> Keys:
    """Read the clustering keys: the property, or `DESCRIBE DETAIL` where there is no property."""
    text = case.properties.get("clusteringColumns")
    if text is not None:
        return _keys_in(text)
    names = case.document.get("detail", {}).get("clustering_columns", [])
    parts = [split_name(name) for name in names]
    if None in parts:
        return Keys(readable=False)
    return Keys(tuple(key for key in parts if key is not None))


def _keys_in(text: str) -> Keys:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return Keys(readable=False)
    if not isinstance(value, list):
        return Keys(readable=False)
    for key in value:
        if not isinstance(key, list) or not key or not all(isinstance(p, str) for p in key):
            return Keys(readable=False)
    return Keys(tuple(tuple(key) for key in value))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def keys_lacking(case: Case) -> set[str]:
    """Return what is lacking to know the keys; nothing where the details tell them."""
    described = "clustering_columns" in case.document.get("detail", {})
    if described and keys_of(case).readable:
        return set()
    return case.unread("clusteringColumns")


def optimized(case: Case) -> bool | None:
    """Whether predictive optimization is on; None where nobody knows, never for external tables."""
    if case.document["table_type"] == "EXTERNAL":
        return False
    known: bool | None = case.document.get("predictive_optimization", {}).get("enabled")
    return known


def automatic(case: Case) -> bool:
    """Whether the table was declared CLUSTER BY AUTO: the property tells, else the details."""
    if "clusterByAuto" in case.properties:
        return case.on("clusterByAuto")
    return case.document.get("detail", {}).get("cluster_by_auto") is True


def automatic_lacking(case: Case) -> set[str]:
    """Return what is lacking to know whether it was; nothing where the details tell."""
    reported = "cluster_by_auto" in case.document.get("detail", {})
    return set() if reported else case.unread("clusterByAuto")


def declared(case: Case) -> bool:
    """Whether liquid clustering was asked for, by keys or by AUTO."""
    return bool(keys_of(case).parts) or automatic(case)


def declared_lacking(case: Case) -> set[str]:
    """Return what is lacking to know whether liquid clustering was asked for."""
    return set() if declared(case) else keys_lacking(case) | automatic_lacking(case)


def liquid_lacking(case: Case) -> set[str]:
    """Return what is lacking to know whether the table has liquid clustering."""
    return set() if liquid(case) else keys_lacking(case) | automatic_lacking(case)


def strategy_lacking(case: Case) -> set[str]:
    """Return what is lacking to know every strategy of the table."""
    lacking = liquid_lacking(case)
    dark = {name for name in _FLAGS if case.unread(name)}
    bright = sum(case.on(name) for name in _FLAGS)
    enough = 2 if case.settings["require_both_auto_optimize_flags"] else 1
    if case.settings["accept_auto_optimize"] and bright < enough <= bright + len(dark):
        lacking |= case.unread(*dark)
    return lacking


def liquid(case: Case) -> bool:
    """Whether the table has keys that can be read, or AUTO, which may choose some.

    Without predictive optimization nobody chooses any.
    """
    return bool(keys_of(case).parts) or (automatic(case) and optimized(case) is not False)


def auto_flags(case: Case) -> int:
    """Return how many of the two auto-optimise flags are on."""
    return sum(case.on(name) for name in _FLAGS)


def flags_lacking(case: Case) -> set[str]:
    """Return what is lacking to know both flags."""
    return case.unread(*_FLAGS)


def auto_optimized(case: Case) -> bool:
    """Whether auto-optimise counts as a strategy here and is on."""
    enough = 2 if case.settings["require_both_auto_optimize_flags"] else 1
    return bool(case.settings["accept_auto_optimize"] and auto_flags(case) >= enough)


def below(case: Case, limit: int) -> bool | None:
    """Whether the table has fewer bytes than `limit`; None where no size may decide that."""
    size = case.document.get("size", {})
    count = size.get("bytes")
    if count is None:
        return _assumed_below(case, limit)
    if size.get("exact") is True:
        return bool(count < limit)
    if "as_of" not in size:
        return None
    age = case.now - time(size["as_of"])
    if not timedelta(0) <= age <= timedelta(days=case.settings["max_size_age_days"]):
        return None
    low, high = (Fraction(str(f)) * limit for f in case.settings["inexact_size_guard"])
    if count < low:
        return True
    return False if count > high else None


def _assumed_below(case: Case, limit: int) -> bool | None:
    """Whether a table has fewer bytes than `limit` by what planned tables count as."""
    bounds = {"large": (_threshold(case), inf), "small": (-inf, _threshold(case))}
    counts_as = case.settings["planned_tables_count_as"]
    if not case.document.get("definition", {}).get("tool") or counts_as not in bounds:
        return None
    least, most = bounds[counts_as]  # the number of bytes is at least the one, below the other
    if limit <= least:
        return False
    return True if limit >= most else None


def small(case: Case) -> bool | None:
    """Whether the table is small by the threshold of its schema; None where that is not known."""
    return below(case, _threshold(case))


def _threshold(case: Case) -> int:
    testing = any_glob(case.settings["test_schemas"], case.document["schema_name"])
    name = "test_size_threshold_bytes" if testing else "size_threshold_bytes"
    found: int = case.settings[name]
    return found


def excluded(case: Case) -> bool:
    """Whether the owner set the exclusion property."""
    return case.on(case.settings["exclusion_property"])


def exclusion_lacking(case: Case) -> set[str]:
    """Return what is lacking to know whether the owner did."""
    return case.unread(case.settings["exclusion_property"])
