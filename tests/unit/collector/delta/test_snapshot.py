"""A document says of a table what its log and its files say."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.delta.entry import Declared, Entry
from lakewarden_collector.sources.delta.memory import MemoryBudget
from lakewarden_collector.sources.delta.snapshot import read_document
from lakewarden_collector.times import utc_now
from tests.unit.collector.delta.logs import ROWS, append_commit, commit_path, make_table

NOW = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)


def read(folder: Path, now: datetime = NOW) -> TableDocument:
    return read_document(
        Entry(parts=("main", "sales", "orders"), uri=str(folder)), now, MemoryBudget()
    )


def test_size_is_that_of_the_active_files_alone(tmp_path: Path) -> None:
    """Files that VACUUM would remove aren't part of the table."""
    folder = make_table(tmp_path / "t", appends=3)
    old = {*folder.glob("*.parquet")}
    write_deltalake(folder, ROWS, mode="overwrite")
    write_deltalake(folder, ROWS, mode="append")
    active = {*folder.glob("*.parquet")} - old

    size = read(folder).size
    assert (size.bytes, size.files) == (sum(f.stat().st_size for f in active), 2)
    assert (size.origin, size.exact, size.as_of) == ("delta_log", True, "2026-11-23T05:10:00.000Z")


def test_empty_table_has_size_zero_not_none(tmp_path: Path) -> None:
    """An absent size would leave every empty table undecided."""
    DeltaTable.create(tmp_path / "t", schema=DeltaTable(make_table(tmp_path / "s")).schema())
    size = read(tmp_path / "t").size
    assert (size.bytes, size.files) == (0, 0)


def test_metadata_is_carried_over(tmp_path: Path) -> None:
    folder = tmp_path / "odd # % ?name"
    write_deltalake(
        folder,
        ROWS,
        partition_by=["s"],
        name="n",
        description="all orders",
        configuration={"delta.appendOnly": "false"},
    )
    document = read(folder)
    detail = document.detail

    assert (document.full_name, document.comment) == ("main.sales.orders", "all orders")
    assert (document.table_type, document.data_source_format) == ("EXTERNAL", "DELTA")
    assert document.owner is UNSET
    assert document.properties == {"delta.appendOnly": "false"}
    assert document.table_id == detail.id == str(DeltaTable(folder).metadata().id)
    assert document.storage_location == detail.location == folder.as_uri()
    assert (detail.partition_columns, detail.clustering_columns) == (["s"], [])
    assert (detail.min_reader_version, detail.min_writer_version) == (1, 2)
    assert detail.table_features == ["appendOnly", "invariants"]
    assert [(c.name, c.type_text) for c in document.columns or []] == [
        ("id", "bigint"),
        ("s", "string"),
    ]


def test_what_the_list_declares_wins(tmp_path: Path) -> None:
    declared = Declared(
        table_type="MANAGED", data_source_format="DELTA_UNIFORM_ICEBERG", owner="team"
    )
    entry = Entry(parts=("a", "b", "c.d"), uri=str(make_table(tmp_path / "t")), declared=declared)
    document = read_document(entry, NOW, MemoryBudget())
    assert document.full_name == "a.b.`c.d`"
    assert document.name == "c.d"
    assert document.table_type == "MANAGED"
    assert document.data_source_format == "DELTA_UNIFORM_ICEBERG"
    assert document.owner == "team"


def test_last_change_is_the_last_commits_time(tmp_path: Path) -> None:
    folder = make_table(tmp_path / "t", appends=1)
    modified = datetime.fromtimestamp(commit_path(folder, 1).stat().st_mtime, UTC)
    text = modified.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    document = read(folder, utc_now())
    assert document.updated_at == document.detail.last_modified == text


@pytest.mark.parametrize(("enabled", "used"), [("true", True), ("false", False)])
def test_in_commit_timestamp_is_the_last_change_where_it_is_on(
    tmp_path: Path, enabled: str, *, used: bool
) -> None:
    """A copied table's files are young, but what is in a commit is copied with it."""
    folder = make_table(tmp_path / "t")
    first = commit_path(folder, 0)
    configuration = f'"configuration":{{"delta.enableInCommitTimestamps":"{enabled}"}}'
    first.write_text(first.read_text().replace('"configuration":{}', configuration))
    append_commit(folder, {"commitInfo": {"inCommitTimestamp": 1_700_000_000_123}})

    assert (read(folder, utc_now()).updated_at == "2023-11-14T22:13:20.123Z") is used


def test_importing_the_source_is_quick() -> None:
    """`lakewarden --help` must not wait for delta-rs and pyarrow."""
    code = (
        "import sys; import lakewarden_collector.sources.delta;"
        "sys.exit(','.join({'deltalake', 'pyarrow', 'obstore'} & {*sys.modules}) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
