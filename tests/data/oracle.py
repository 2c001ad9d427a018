"""A second opinion on every clustering decision, in plain Python.

Written from the text of the product's definition, never from the Rego, and in another shape: the
policies prove sets and a router orders them, this computes the outcome of each policy by hand.
Where the two disagree, one of them has misread the text.

Documents, settings and waivers are the plain JSON values that the router gets.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from databricks.sdk.service.catalog import DataSourceFormat, TableType

Json = dict[str, Any]

_TYPES: Final = {member.value for member in TableType}
_FORMATS: Final = {member.value for member in DataSourceFormat}
_STORED: Final = ("MANAGED", "EXTERNAL", "STREAMING_TABLE", "MATERIALIZED_VIEW")


@dataclass(frozen=True)
class Expected:
    """What a decision must say: its outcome and the kinds of proof, without their wording."""

    outcome: str
    would_be: str | None = None
    missing: frozenset[str] = frozenset()
    exemptions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Keys:
    """The clustering keys as lists of name parts; `readable` is false for a broken property."""

    parts: tuple[tuple[str, ...], ...] = ()
    readable: bool = True


_NOT_APPLICABLE: Final = Expected("not_applicable")
_PASS: Final = Expected("pass")
_FAIL: Final = Expected("fail")


def expect(policy: str, document: Json, settings: Json, waivers: list[Json], now: str) -> Expected:
    """Return what `policy` (`clustering.<name>`) must decide about `document`.

    `settings` are the clustering domain's; `now` is RFC 3339.
    """
    at = _time(now)
    clusterable = _clusterable(document)
    if isinstance(clusterable, str):
        decided = Expected("unknown", missing=frozenset({clusterable}))
    elif not clusterable:
        decided = _NOT_APPLICABLE
    else:
        decided = _DECIDE[policy.removeprefix("clustering.")](document, settings, at)
    waived = any(_covers(waiver, policy, document["full_name"], at) for waiver in waivers)
    if waived and decided.outcome in ("fail", "unknown"):
        return replace(
            decided,
            outcome="exempt",
            would_be=decided.outcome,
            exemptions=frozenset({"waiver"}),
        )
    return decided


def _clusterable(document: Json) -> bool | str:
    """Whether this kind of table can be clustered, or the evidence that would tell."""
    kind, stored_as = document.get("table_type"), document.get("data_source_format")
    if kind not in _TYPES:
        return "table_type"
    if kind not in _STORED:
        return False
    if stored_as not in _FORMATS:
        return "data_source_format"
    return stored_as in ("DELTA", "DELTA_UNIFORM_ICEBERG", "DELTA_UNIFORM_HUDI") or (
        kind == "MANAGED" and stored_as == "ICEBERG"
    )


def _on(document: Json, name: str) -> bool:
    return str(document.get("properties", {}).get(name, "")).casefold() == "true"


def keys_of(document: Json) -> Keys:
    """Read the clustering keys: the property, or `DESCRIBE DETAIL` where there is no property."""
    text = document.get("properties", {}).get("clusteringColumns")
    if text is not None:
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
    parts = [split_name(name) for name in document.get("detail", {}).get("clustering_columns", [])]
    if None in parts:
        return Keys(readable=False)
    return Keys(tuple(key for key in parts if key is not None))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def split_name(name: str) -> tuple[str, ...] | None:
    """Split a dotted name whose parts may stand in back-quotes; None if it is none.

    Inside back-quotes a doubled one stands for itself; elsewhere a back-quote that does not open
    a part is an ordinary character, as Spark prints it.
    """
    parts = []
    rest = name
    while True:
        part, rest = _quoted(rest[1:]) if rest.startswith("`") else _plain(rest)
        if not part or (rest and not rest.startswith(".")):
            return None
        parts.append(part)
        if not rest:
            return tuple(parts)
        rest = rest[1:]


def _plain(text: str) -> tuple[str, str]:
    part, dot, rest = text.partition(".")
    return part, dot + rest


def _quoted(text: str) -> tuple[str, str]:
    """Return what stands before the closing back-quote, nothing if there is none, and the rest."""
    part = ""
    while text:
        if text.startswith("``"):
            part, text = part + "`", text[2:]
        elif text.startswith("`"):
            return part, text[1:]
        else:
            part, text = part + text[0], text[1:]
    return "", ""


def _liquid(document: Json) -> bool:
    return bool(keys_of(document).parts) or _on(document, "clusterByAuto")


def _auto_optimize(document: Json, settings: Json) -> bool:
    flags = [
        _on(document, "delta.autoOptimize.optimizeWrite"),
        _on(document, "delta.autoOptimize.autoCompact"),
    ]
    enough = all(flags) if settings["require_both_auto_optimize_flags"] else any(flags)
    return enough and settings["accept_auto_optimize"]


def _small(document: Json, settings: Json, now: datetime) -> bool | None:
    """Whether the table is small; None where no size may decide that."""
    schema = document["schema_name"].lower()
    testing = any(_glob(pattern.lower(), schema) for pattern in settings["test_schemas"])
    limit = settings["test_size_threshold_bytes" if testing else "size_threshold_bytes"]
    size = document.get("size", {})
    count = size.get("bytes")
    if count is None:
        return None
    if size.get("exact") is True:
        return bool(count < limit)
    if "as_of" not in size:
        return None
    if now - _time(size["as_of"]) > timedelta(days=settings["max_size_age_days"]):
        return None
    low, high = (Fraction(factor) * limit for factor in settings["inexact_size_guard"])
    if count < low:
        return True
    return False if count > high else None


def _strategy_required(document: Json, settings: Json, now: datetime) -> Expected:
    if _liquid(document) or _auto_optimize(document, settings):
        return _PASS
    exemptions = set()
    if settings["honor_exclusion_flag"] and _on(document, settings["exclusion_property"]):
        exemptions.add("flag")
    if settings["exempt_small_tables"]:
        small = _small(document, settings, now)
        if small is None and not exemptions:
            return Expected("unknown", missing=frozenset({"size"}))
        if small:
            exemptions.add("rule")
    if exemptions:
        return Expected("exempt", would_be="fail", exemptions=frozenset(exemptions))
    return _FAIL


def _key_limit(document: Json, settings: Json, _now: datetime) -> Expected:
    count = len(keys_of(document).parts)
    if not count:
        return _NOT_APPLICABLE
    return _PASS if count <= settings["max_clustering_columns"] else _FAIL


def _keys_exist(document: Json, _settings: Json, _now: datetime) -> Expected:
    keys = keys_of(document)
    if not keys.readable:
        return _FAIL
    if not keys.parts:
        return _NOT_APPLICABLE
    if "columns" not in document:
        return Expected("unknown", missing=frozenset({"columns"}))
    names = {column["name"].lower() for column in document["columns"]}
    return _PASS if all(key[0].lower() in names for key in keys.parts) else _FAIL


def _no_exclusion_conflict(document: Json, settings: Json, _now: datetime) -> Expected:
    if not _on(document, settings["exclusion_property"]):
        return _NOT_APPLICABLE
    return _FAIL if _liquid(document) else _PASS


def _single_strategy(document: Json, settings: Json, _now: datetime) -> Expected:
    count = _liquid(document) + _auto_optimize(document, settings)
    return (_NOT_APPLICABLE, _PASS, _FAIL)[count]


_DECIDE: Final = {
    "strategy_required": _strategy_required,
    "key_limit": _key_limit,
    "keys_exist": _keys_exist,
    "no_exclusion_conflict": _no_exclusion_conflict,
    "single_strategy": _single_strategy,
}

POLICIES: Final = tuple(sorted(f"clustering.{name}" for name in _DECIDE))


def _covers(waiver: Json, policy: str, full_name: str, now: datetime) -> bool:
    if waiver["policy"] != policy:
        return False
    named = waiver.get("table") == full_name or (
        "pattern" in waiver and _glob(waiver["pattern"], full_name)
    )
    expires = waiver["expires"]
    if len(expires) == len("2026-11-23"):  # a date: through the end of that day
        return named and now < _time(f"{expires}T00:00:00Z") + timedelta(days=1)
    return named and now < _time(expires)


def _glob(pattern: str, text: str) -> bool:
    """Match with `*` for any run of characters, dots included, and `?` for any one."""
    wild = {"*": ".*", "?": "."}
    return bool(re.fullmatch("".join(wild.get(c, re.escape(c)) for c in pattern), text, re.DOTALL))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
