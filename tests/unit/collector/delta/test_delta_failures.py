"""What is wrong with one table is said with place and remedy, and the other tables are read.

About `source.py`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource
from tests.unit.collector.delta.logs import (
    CLUSTERED_PROTOCOL,
    append_commit,
    checkpoint,
    commit_path,
    domain,
    make_table,
)

Damage = Callable[[Path], object]


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def no_log(folder: Path) -> None:
    shutil.rmtree(folder / "_delta_log")


def broken_line(folder: Path) -> None:
    with commit_path(folder, 1).open("a") as file:
        file.write('\n{"add": {"path"\n')


def wrong_type(folder: Path) -> None:
    append_commit(folder, {"commitInfo": {}}, {"add": {"path": "p", "size": "big"}})


def bad_schema(folder: Path) -> None:
    metadata = {"id": "i", "schemaString": "nonsense", "partitionColumns": []}
    append_commit(folder, {"metaData": {**metadata, "format": {"provider": "parquet"}}})


def columns_of_one_name(folder: Path) -> None:
    names = ("id", "Day", "DAY")  # Spark writes them with spark.sql.caseSensitive
    fields = [{"name": name, "type": "long", "nullable": True, "metadata": {}} for name in names]
    schema = json.dumps({"type": "struct", "fields": fields})
    metadata = {"id": "i", "schemaString": schema, "partitionColumns": []}
    append_commit(folder, {"metaData": {**metadata, "format": {"provider": "parquet"}}})


def gap(folder: Path) -> None:
    commit_path(folder, 1).unlink()


def no_beginning(folder: Path) -> None:
    commit_path(folder, 0).unlink()


def broken_checkpoint(folder: Path) -> None:
    checkpoint(folder, "classic")
    (path,) = folder.glob("_delta_log/*.checkpoint.parquet")
    path.write_bytes(path.read_bytes()[:-20])


def lost_sidecar(folder: Path) -> None:
    checkpoint(folder, "v2_json")
    (path,) = folder.glob("_delta_log/_sidecars/*")
    path.unlink()


def unknown_feature(folder: Path) -> None:
    versions = {"minReaderVersion": 3, "minWriterVersion": 7}
    features = {"readerFeatures": ["timeTravel9"], "writerFeatures": ["timeTravel9"]}
    append_commit(folder, {"protocol": versions | features})


def new_protocol(folder: Path) -> None:
    append_commit(folder, {"protocol": {"minReaderVersion": 9, "minWriterVersion": 9}})


def coordinated(folder: Path) -> None:
    configuration = {"delta.coordinatedCommits.commitCoordinator-preview": "dynamodb"}
    append_commit(folder, {"metaData": {"id": "i", "configuration": configuration}})


def bad_domain(folder: Path) -> None:
    append_commit(folder, CLUSTERED_PROTOCOL, domain("delta.clustering", '{"clusteringColumns":7}'))


@pytest.mark.parametrize(
    ("damage", "where", "reason", "remedy"),
    [
        (empty, "", "isn't a Delta table", "Remove it"),
        (no_log, "", "isn't a Delta table", "Remove it"),
        (broken_line, "/_delta_log/{1}.json:3", "truncated", "Restore"),
        (wrong_type, "/_delta_log/{3}.json:2", "size of a file", "RESTORE"),
        (bad_schema, "/_delta_log/{3}.json:1 (schemaString)", "malformed", "Restore"),
        (
            columns_of_one_name,
            "/_delta_log/{3}.json:1 (schemaString)",
            "the columns 'Day' and 'DAY' have one name",
            "Rename",
        ),
        (gap, "/_delta_log/{1}.json", "commit 1 is missing", "Restore"),
        (no_beginning, "/_delta_log/{0}.json", "commit 0 is missing", "Restore"),
        (broken_checkpoint, "/_delta_log/{2}.checkpoint.parquet", "damaged", "Restore"),
        (lost_sidecar, "/_delta_log/_sidecars/*.parquet", "missing", "Restore"),
        (unknown_feature, "/_delta_log", "timeTravel9", "DROP FEATURE"),
        (coordinated, "/_delta_log", "coordinator (dynamodb)", "through Databricks"),
        (new_protocol, "/_delta_log", "reader version 9", "DROP FEATURE"),
        (
            bad_domain,
            "/_delta_log/{3}.json:2 (domain delta.clustering)",
            "Expected `array | null`",
            "Restore",
        ),
    ],
)
def test_damage_is_named_and_the_others_go_on(
    tmp_path: Path, damage: Damage, where: str, reason: str, remedy: str
) -> None:
    schema = tmp_path / "lake" / "main" / "sales"
    for name in ("before", "broken", "later"):
        make_table(schema / name, appends=2)
    damage(schema / "broken")

    before, failure, later = DeltaSource(str(tmp_path / "lake")).tables()

    assert isinstance(before, TableDocument)
    assert isinstance(later, TableDocument)
    assert isinstance(failure, Failure)
    assert failure.what == "main.sales.broken"
    expected = where.format(*(f"{version:020d}" for version in range(9)))
    assert Path(failure.where).match(str(schema / "broken") + expected)
    assert reason in failure.reason
    assert remedy in failure.remedy
    assert "\n" not in failure.reason


def test_every_cut_of_a_commit_is_read_or_named(tmp_path: Path) -> None:
    """However a write broke off, the table is a document or a failure, never a crash."""
    folder = make_table(tmp_path / "lake" / "c" / "s" / "t", appends=1)
    path = commit_path(folder, 1)
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        (found,) = DeltaSource(str(tmp_path / "lake")).tables()
        if isinstance(found, TableDocument):
            # What was read is a whole number of actions, so no action was cut in two.
            assert all(json.loads(line) for line in whole[:length].splitlines())


def test_a_panic_in_rust_is_one_tables_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries in Rust panic with an exception that is not an `Exception`."""

    class Panic(BaseException):
        pass

    def panic(*_: object) -> None:
        raise Panic("the executor has crashed")

    monkeypatch.setattr("lakewarden_collector.sources.delta.reading.read_document", panic)
    make_table(tmp_path / "lake" / "c" / "s" / "t")
    (failure,) = DeltaSource(str(tmp_path / "lake")).tables()
    assert isinstance(failure, Failure)
    assert "the executor has crashed" in failure.reason
