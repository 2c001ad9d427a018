"""The Delta source and Spark's `DESCRIBE DETAIL` agree to the byte on tables that Spark wrote.

Were one of these to fail, policies would judge by sizes and keys that the table does not have.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource
from tests.integration.spark.lake import SparkLake
from tests.integration.spark.specs import SPECS, Spec

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]


_NIGHTLY: Final = frozenset(
    {
        "classic_checkpoint",
        "multipart_checkpoint",
        "none_in_checkpoint",
        "optimized",
        "v2_json_checkpoint",
    }
)
"""Four commits and a new Spark session each; recorded logs of these forms are read each time."""


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(spec, id=spec.name, marks=[pytest.mark.nightly] * (spec.name in _NIGHTLY))
        for spec in SPECS
    ],
)
def test_document_says_what_describe_detail_says(
    spec: Spec, lake: SparkLake, tmp_path: Path
) -> None:
    _write(spec, lake)
    detail = lake.describe_detail(spec.name)

    document = lake.read(spec.name, tmp_path)

    assert _as_spark_prints(document) == _comparable(detail)
    assert (document.size.bytes, document.size.files) == (
        detail["sizeInBytes"],
        detail["numFiles"],
    )
    properties = dict(document.properties or {})
    keys = properties.pop("clusteringColumns", None)
    assert (None if keys is None else json.loads(keys)) == spec.keys
    assert properties == detail["properties"]


@pytest.mark.parametrize("name", ["all_types", "odd_names", "renamed"])
def test_columns_read_as_spark_spells_them(name: str, lake: SparkLake, tmp_path: Path) -> None:
    """A policy about columns would misjudge a type that is spelt in another way."""
    _write(next(spec for spec in SPECS if spec.name == name), lake)
    columns = lake.read(name, tmp_path).columns or []

    described = lake.spark.sql(f"DESCRIBE TABLE {name}").collect()[: len(columns)]
    assert [
        (column.name, _stored(column.type_text or ""), column.comment or None) for column in columns
    ] == [(row.col_name, row.data_type, row.comment) for row in described]

    shown = json.loads(lake.spark.table(name).schema.json())["fields"]
    assert [_without_char(json.loads(column.type_json or "")) for column in columns] == [
        _without_char(field) for field in shown
    ]


def test_declared_lengths_are_kept(lake: SparkLake, tmp_path: Path) -> None:
    """Unity Catalog shows `varchar(7)`, though the log stores a string."""
    _write(next(spec for spec in SPECS if spec.name == "all_types"), lake)
    types = {c.name: c.type_text for c in lake.read("all_types", tmp_path).columns or []}

    assert (types["o"], types["p"], types["w"]) == ("char(3)", "varchar(7)", "array<varchar(3)>")


def test_whole_lake_is_read_in_order(lake: SparkLake) -> None:
    """The layout that Spark leaves on disk gives every table, and nothing beside them."""
    _write(SPECS[0], lake)
    _write(SPECS[1], lake)
    found = list(DeltaSource(str(lake.root)).tables())

    assert not [item for item in found if isinstance(item, Failure)]
    names = [item.full_name for item in found if isinstance(item, TableDocument)]
    assert names == sorted(names)
    tables = {row.tableName for row in lake.spark.sql("SHOW TABLES").collect()}
    assert {name.rpartition(".")[2] for name in names} == tables


def _write(spec: Spec, lake: SparkLake) -> None:
    """Make a table, if no other test did, and leave of its log what the spec asks for."""
    if (lake.folder / spec.name).exists():
        return
    for key, value in spec.settings.items():
        lake.spark.conf.set(key, value)
    try:
        lake.run(statement.replace("{t}", spec.name) for statement in spec.sql)
    finally:
        for key in spec.settings:
            lake.spark.conf.unset(key)
    if spec.appended is not None:
        lake.append_commit(spec.name, spec.appended)
    if spec.checkpoint is not None:
        _leave_only_checkpoint(spec, lake)


def _leave_only_checkpoint(spec: Spec, lake: SparkLake) -> None:
    names = lake.log_files(spec.name)
    found = [name for name in names if fnmatch(name, spec.checkpoint or "") and name[0] != "."]
    assert found, f"Spark wrote no such checkpoint: {names}"
    log = lake.folder / spec.name / "_delta_log"
    assert bool([*log.glob("_sidecars/*.parquet")]) == spec.sidecars
    older = [name for name in names if name.endswith(".json") and name[:20] < found[-1][:20]]
    assert older, "no commit is older than the checkpoint"
    for name in older:
        (log / name).unlink()
    lake.forget()


def _as_spark_prints(document: TableDocument) -> dict[str, Any]:
    detail = document.detail
    return {
        "format": detail.format,
        "id": detail.id,
        "description": detail.description or None,
        "location": _path(detail.location or ""),
        "createdAt": detail.created_at,
        "lastModified": detail.last_modified,
        "partitionColumns": detail.partition_columns,
        "clusteringColumns": detail.clustering_columns,
        "numFiles": detail.num_files,
        "sizeInBytes": detail.size_in_bytes,
        "properties": detail.properties,
        "minReaderVersion": detail.min_reader_version,
        "minWriterVersion": detail.min_writer_version,
        "tableFeatures": detail.table_features,
    }


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    """Return Spark's row without the name, which is the catalog's, and times as text in UTC."""
    return {
        **{key: value for key, value in row.items() if key != "name"},
        "location": _path(row["location"]),
        "createdAt": _utc(row["createdAt"]),
        "lastModified": _utc(row["lastModified"]),
    }


def _utc(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def _stored(type_text: str) -> str:
    """Return a type as Delta stores it and Spark describes it: CHAR and VARCHAR are strings."""
    return re.sub(r"(var)?char\(\d+\)", "string", type_text)


def _without_char(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field without the note on CHAR and VARCHAR, which Spark keeps to itself."""
    metadata = field["metadata"]
    kept = {key: value for key, value in metadata.items() if not key.startswith("__CHAR_VARCHAR")}
    return {**field, "metadata": kept}
