"""Documents beside a policy's examples: one field of them is changed to what else tables have.

An example shows one table that fails and one that passes. A policy may decide by what neither has
(`not_applicable` for a view, a tag, the number of reads), and would then decide without it as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.kit.example_decisions import EXAMPLE_CLOCK, EXAMPLE_TABLE
from lakewarden.kit.rego_module import RegoModule, texts_in
from lakewarden_collector.decoding import Converter
from lakewarden_collector.document import TableDocument
from lakewarden_collector.document_rules import MOST
from lakewarden_collector.names import join_name

Paths = frozenset[tuple[str, ...]]
"""What a policy reads of its input, such as `("size", "bytes")`; an empty path is all of it."""

_to_document: Final = Converter(TableDocument)
_EPOCH: Final = "1970-01-01T00:00:00Z"
_TYPES: Final = (
    "EXTERNAL",
    "EXTERNAL_SHALLOW_CLONE",
    "FOREIGN",
    "MANAGED",
    "MANAGED_SHALLOW_CLONE",
    "MATERIALIZED_VIEW",
    "METRIC_VIEW",
    "STREAMING_TABLE",
    "VIEW",
)
_FORMATS: Final = ("DELTA", "DELTASHARING", "ICEBERG", "PARQUET", "UNKNOWN_DATA_SOURCE_FORMAT")
_PROSE: Final = "Orders as they were placed, one row each, corrected nightly by the sales team."
_OWNERS: Final = ("", "jo@acme.example", "sales-analytics", "7d4f9a52-0c1e-4d6b-9a3f-2b8c5e6d7f10")

_OTHERS: Final[Mapping[str, tuple[Any, ...]]] = {
    "table_id": ("", "0"),
    "table_type": _TYPES,
    "data_source_format": _FORMATS,
    "owner": _OWNERS,
    "comment": ("", _PROSE),
    "created_at": (_EPOCH, EXAMPLE_CLOCK),
    "updated_at": (_EPOCH, EXAMPLE_CLOCK),
    "storage_location": ("", "s3://lake/main/sales/orders"),
    "columns": (
        [],
        [{**each, "comment": _PROSE, "nullable": False} for each in EXAMPLE_TABLE["columns"]],
        [{**each, "mask": {}, "partition_index": 0} for each in EXAMPLE_TABLE["columns"]],
    ),
    "size": tuple(
        {"bytes": each, "files": each, "origin": "delta_log", "as_of": EXAMPLE_CLOCK, "exact": True}
        for each in (0, MOST)
    ),
    "detail": tuple(
        {
            "format": "delta" if each else "",
            "id": _OWNERS[3],
            "name": "main.sales.orders",
            "description": _PROSE if each else "",
            "location": "s3://lake/main/sales/orders",
            "created_at": EXAMPLE_CLOCK if each else _EPOCH,
            "last_modified": EXAMPLE_CLOCK if each else _EPOCH,
            "partition_columns": each,
            "clustering_columns": each,
            "cluster_by_auto": False,
            "num_files": MOST if each else 0,
            "size_in_bytes": MOST if each else 0,
            "properties": {},
            "min_reader_version": 3 if each else 1,
            "min_writer_version": 7 if each else 2,
            "table_features": ["clustering"] if each else [],
            "statistics": {},
        }
        for each in ([], ["city"])
    ),
    "access": tuple(
        {"reads": each, "readers": each, "window_days": each, "last_read_at": time}
        for each, time in ((0, _EPOCH), (MOST, EXAMPLE_CLOCK))
    ),
    "predictive_optimization": tuple(
        {"enabled": each, "inherited_from": "CATALOG main"} for each in (False, True)
    ),
}
"""Other values of each field; numbers and times are the least and the most there is."""

_MAPS: Final = ("properties", "tags")
_KEY: Final = re.compile(r"[\w.:-]{1,60}")
_KIND: Final = re.compile(r"[A-Z][A-Z_]+")
_TEXTS: Final = ("true", "false")


class Variant(Struct, frozen=True, kw_only=True):
    """An example of a policy, with another value in a `field`; empty for the example itself."""

    policy_id: str
    side: str
    table: Mapping[str, Any]
    field: str = ""


def is_document(table: Mapping[str, Any]) -> bool:
    """Whether it is a table document, so that its parts are what they have to be."""
    try:
        _to_document(table)
    except msgspec.ValidationError:
        return False
    return True


def varied(
    table: Mapping[str, Any], read: Paths, module: RegoModule, settings: Iterable[Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the table with one other value in a field that the policy reads, and the field.

    Texts that the policy names, and those of its settings, are tried as kinds of tables and as
    names and values of tags and properties.
    """
    stated = {text for text, _ in texts_in(module.rules)}
    names = {*stated, *(each for each in settings if isinstance(each, str))}
    keys = sorted(name for name in names if _KEY.fullmatch(name))
    for field in (*_OTHERS, *_MAPS):
        paths = [path for path in read if not path or path[0] == field]
        if not paths:
            continue
        others: Iterable[Any] = _OTHERS.get(field, ())
        if field in ("table_type", "data_source_format"):
            others = dict.fromkeys((*others, *filter(_KIND.fullmatch, sorted(stated))))
        if field in _MAPS:
            known = [*keys, *(path[1] for path in paths if len(path) > 1)]
            values = dict.fromkeys((*_TEXTS, *keys))
            others = ({}, *(dict.fromkeys(known, value) for value in values))
        if field == "predictive_optimization" and _auto(table):
            continue  # where it is not known, CLUSTER BY AUTO counts as a strategy nonetheless
        for value in others:
            if value != table.get(field):
                yield field, _agreeing({**table, field: value}, field)


def _auto(table: Mapping[str, Any]) -> bool:
    return str(table.get("properties", {}).get("clusterByAuto")).lower() == "true"


def _agreeing(table: dict[str, Any], changed: str) -> dict[str, Any]:
    """Return the table with what its `detail` says twice as the other parts, or they as `detail`.

    A policy may read either of the two, and decides by the other one where one is absent.
    """
    detail = table["detail"]
    columns, properties = table.get("columns", []), table.get("properties", {})
    if changed == "detail" and detail["partition_columns"]:
        properties = {**properties, "clusteringColumns": json.dumps([["city"]])}
        columns = [
            {**each, "partition_index": 0} if each["name"] == "city" else each for each in columns
        ]
    stated = {
        "partition_columns": [each["name"] for each in columns if "partition_index" in each],
        "clustering_columns": _keys(properties.get("clusteringColumns", "[]")),
        "cluster_by_auto": _auto(table),
        "properties": properties,
    }
    detail = {name: stated.get(name, value) for name, value in detail.items()}
    parts = {"detail": detail, "columns": columns, "properties": properties}
    return {**table, **{name: part for name, part in parts.items() if name in table}}


def _keys(text: str) -> list[str]:
    try:
        return [join_name(parts) for parts in json.loads(text)]
    except (TypeError, ValueError):
        return []


def reads(read: Paths, kind: str) -> bool:
    """Whether a policy that reads these paths may read a part of a document, or a leaf of it."""
    part, _, leaf = kind.partition(".")
    return any(
        not path or (path[0] == part and (not leaf or len(path) == 1 or path[1] == leaf))
        for path in read
    )
