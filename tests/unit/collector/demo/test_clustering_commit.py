"""Clustering keys declared in the log, as the Delta protocol asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from lakewarden_collector.sources.demo.clustering_commit import declare_clustering

ROWS = pa.table({"id": pa.array([1, 2, 3]), "city": ["Bremen", "Genoa", "Lisbon"]})


def actions(table: Path, version: int) -> list[dict[str, Any]]:
    """Return the actions of one commit."""
    commit = table / "_delta_log" / f"{version:020d}.json"
    return [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table of three rows at version 0."""
    write_deltalake(tmp_path / "table", ROWS)
    return tmp_path / "table"


def test_keys_are_written_as_lists_of_name_parts(table: Path) -> None:
    """Readers look for exactly this domain and shape."""
    assert declare_clustering(table, [["address", "city"], ["id"]]) == 1
    domain = next(a["domainMetadata"] for a in actions(table, 1) if "domainMetadata" in a)
    assert domain["domain"] == "delta.clustering"
    assert domain["removed"] is False
    assert json.loads(domain["configuration"])["clusteringColumns"] == [["address", "city"], ["id"]]


def test_the_protocol_lists_what_the_older_version_implied(table: Path) -> None:
    """Features left out of the list are switched off by the upgrade."""
    declare_clustering(table, [["id"]])
    protocol = next(a["protocol"] for a in actions(table, 1) if "protocol" in a)
    assert protocol == {
        "minReaderVersion": 1,
        "minWriterVersion": 7,
        "writerFeatures": ["appendOnly", "invariants", "clustering", "domainMetadata"],
    }


def test_a_second_declaration_leaves_the_protocol_alone(table: Path) -> None:
    """A protocol action where nothing changed would conflict with every concurrent writer."""
    declare_clustering(table, [["id"]])
    assert declare_clustering(table, [["city"]]) == 2
    assert [kind for action in actions(table, 2) for kind in action] == [
        "commitInfo",
        "domainMetadata",
    ]


def test_reader_features_survive(tmp_path: Path) -> None:
    """A table with deletion vectors would become unreadable."""
    path = tmp_path / "table"
    write_deltalake(path, ROWS, configuration={"delta.enableDeletionVectors": "true"})
    before = DeltaTable(path).protocol()
    declare_clustering(path, [["id"]])
    after = DeltaTable(path).protocol()
    assert before.reader_features
    assert after.reader_features == before.reader_features
    assert after.min_reader_version == before.min_reader_version
    assert set(after.writer_features or ()) == {
        *(before.writer_features or ()),
        "clustering",
        "domainMetadata",
    }


def test_delta_rs_still_reads_the_table(table: Path) -> None:
    """The demo's clustered tables would be failures."""
    declare_clustering(table, [["id"]])
    read = DeltaTable(table)
    assert read.version() == 1
    assert read.count() == 3


def test_a_partitioned_table_is_refused(tmp_path: Path) -> None:
    """The protocol forbids it, and Spark would refuse the table."""
    write_deltalake(tmp_path / "table", ROWS, partition_by="city")
    with pytest.raises(ValueError, match="partitioned"):
        declare_clustering(tmp_path / "table", [["id"]])
    assert DeltaTable(tmp_path / "table").version() == 0


def test_a_folder_that_is_not_a_table_is_refused(tmp_path: Path) -> None:
    """A log would be started in the wrong place."""
    with pytest.raises(DeltaError):
        declare_clustering(tmp_path, [["id"]])
