"""The tables that the estate of real Spark tables is judged by."""

from __future__ import annotations

from typing import Final

from tests.integration.spark.specs import SPECS, Spec

_NAMES: Final = (
    "plain",
    "empty",
    "clustered",
    "partitioned",
    "nested",
    "renamed",
    "odd_names",
    "deletion_vectors",
    "cluster_by_none",
    "clustered_later",
    "replaced",
    "all_types",
)

TABLES: Final[tuple[Spec, ...]] = tuple(spec for spec in SPECS if spec.name in _NAMES)

STRANGE: Final = (
    "a`b",
    "a.b",
    "a b",
    "x'; drop table y; --",
    'q"uo"te',
    "größe_名前_🦆",
    "back\\slash/and:colon%20",
    "_",
    "select",
    "1a",
    "w" * 255,
    "名" * 255,
)
"""Names that a table may have; Unity Catalog keeps names in lower case."""
