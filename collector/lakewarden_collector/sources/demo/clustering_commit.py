"""Declares clustering keys on a Delta table on local disk, which delta-rs cannot do.

Facts come from the Delta transaction log protocol (PROTOCOL.md, "Clustered Table", "Domain
Metadata" and "Table Features"): the keys live in the metadata domain `delta.clustering`, and the
table must support the writer features `clustering` and `domainMetadata`, so writer version 7.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from deltalake import DeltaTable

CLUSTERING_DOMAIN: Final = "delta.clustering"

_TABLE_FEATURES_WRITER: Final = 7
_CLUSTERING_FEATURES: Final = ("clustering", "domainMetadata")

# What a writer version below 7 supports without saying so; version 7 must list it.
_IMPLIED_SINCE: Final = {
    2: ("appendOnly", "invariants"),
    3: ("checkConstraints",),
    4: ("changeDataFeed", "generatedColumns"),
    5: ("columnMapping",),
    6: ("identityColumns",),
}


def declare_clustering(table: Path, keys: Sequence[Sequence[str]]) -> int:
    """Append one commit that sets the clustering keys of `table`; return its version.

    A key is a list of name parts, `["address", "city"]` for a field of a struct; under column
    mapping the names are the physical ones. No keys means what `CLUSTER BY NONE` means. Keys are
    written as given: neither their number nor their columns are checked, so that a table can be
    wrong in the ways that policies look for. Raises `ValueError` for a partitioned table, which
    the protocol forbids to cluster, and `FileExistsError` where another writer was faster.
    """
    delta = DeltaTable(table)
    if delta.metadata().partition_columns:
        raise ValueError(f"{table}: a partitioned table can't be clustered")
    version = delta.version() + 1
    actions = [_commit_info(keys), *_protocol_upgrade(delta), _clustering_domain(keys)]
    lines = "".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions)
    with (table / "_delta_log" / f"{version:020d}.json").open("x", encoding="utf-8") as commit:
        commit.write(lines)
    return version


def _commit_info(keys: Sequence[Sequence[str]]) -> dict[str, Any]:
    names = ",".join(".".join(key) for key in keys)
    return {
        "commitInfo": {
            "timestamp": time.time_ns() // 1_000_000,
            "operation": "CLUSTER BY",
            "operationParameters": {"newClusteringColumns": names},
            "engineInfo": "lakewarden-demo",
        }
    }


def _protocol_upgrade(delta: DeltaTable) -> list[dict[str, Any]]:
    """Return the protocol action that the table still needs: one or none."""
    protocol = delta.protocol()
    supported = list(protocol.writer_features or ())
    if protocol.min_writer_version < _TABLE_FEATURES_WRITER:
        for since, features in _IMPLIED_SINCE.items():
            if since <= protocol.min_writer_version:
                supported.extend(features)
    lacking = [feature for feature in _CLUSTERING_FEATURES if feature not in supported]
    if not lacking:
        return []
    upgraded: dict[str, Any] = {
        "minReaderVersion": protocol.min_reader_version,
        "minWriterVersion": _TABLE_FEATURES_WRITER,
        "writerFeatures": [*supported, *lacking],
    }
    if protocol.reader_features is not None:
        upgraded["readerFeatures"] = list(protocol.reader_features)
    return [{"protocol": upgraded}]


def _clustering_domain(keys: Sequence[Sequence[str]]) -> dict[str, Any]:
    configuration = {
        "clusteringColumns": [list(key) for key in keys],
        "domainName": CLUSTERING_DOMAIN,
    }
    return {
        "domainMetadata": {
            "domain": CLUSTERING_DOMAIN,
            "configuration": json.dumps(configuration, separators=(",", ":")),
            "removed": False,
        }
    }
