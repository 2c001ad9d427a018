"""The demo's tables are Delta tables to Spark as well, and it reads them as the demo source does.

Were one of these to fail, the demo would show tables that no Delta engine takes for what they are
said to be.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.delta import DeltaSource
from lakewarden_collector.sources.demo import (
    TABLES,
    DemoLakehouse,
    DemoSource,
    build_demo,
    declare_clustering,
)
from lakewarden_collector.sources.demo.making import make_table
from lakewarden_collector.sources.demo.spec import TableSpec

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]


def clustered_by_columns(spec: TableSpec) -> bool:
    """Say whether every key names a column, without which Spark opens no clustered table."""
    columns = {name for name, _ in spec.columns}
    return all(key and key[0] in columns for key in spec.keys or ())


OPEN_TO_SPARK = [spec for spec in TABLES if spec.making == "delta" and clustered_by_columns(spec)]


@pytest.fixture(scope="module")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> DemoLakehouse:
    return build_demo(tmp_path_factory.mktemp("demo") / "lake", lambda _: None)


@pytest.fixture(scope="module")
def documents(lakehouse: DemoLakehouse) -> dict[str, TableDocument]:
    found = DemoSource(DeltaSource, str(lakehouse.root)).tables()
    return {item.full_name: item for item in found if isinstance(item, TableDocument)}


def describe_detail(spark: Any, folder: Path) -> dict[str, Any]:  # noqa: ANN401 -- pyspark is untyped here
    row: dict[str, Any] = spark.sql(f"DESCRIBE DETAIL delta.`{folder}`").collect()[0].asDict()
    return row


@pytest.mark.nightly
def test_spark_and_the_demo_source_agree(
    spark: Any,  # noqa: ANN401 -- see above
    lakehouse: DemoLakehouse,
    documents: dict[str, TableDocument],
) -> None:
    for spec in OPEN_TO_SPARK:
        row = describe_detail(spark, lakehouse.root / spec.folder)
        detail = documents[spec.full_name].detail
        reported = {
            "id": detail.id,
            "description": None if detail.description is UNSET else detail.description,
            "partitionColumns": detail.partition_columns,
            "clusteringColumns": detail.clustering_columns,
            "numFiles": detail.num_files,
            "sizeInBytes": detail.size_in_bytes,
            "properties": detail.properties,
            "minReaderVersion": detail.min_reader_version,
            "minWriterVersion": detail.min_writer_version,
            "tableFeatures": detail.table_features,
        }
        assert {name: row[name] for name in reported} == reported, spec.full_name
        assert row["clusteringColumns"] == [".".join(key) for key in spec.keys or ()]
        assert row["properties"] == dict(spec.properties)


def test_spark_reads_writes_and_clusters_a_table_whose_keys_were_declared(
    spark: Any,  # noqa: ANN401 -- see above
    tmp_path: Path,
) -> None:
    """The added commit must be one that Spark can go on from, not merely skip."""
    (spec,) = (spec for spec in TABLES if spec.full_name == "prod.ops.shipments")
    make_table(tmp_path, spec)
    folder = tmp_path / spec.folder
    table = f"delta.`{folder}`"

    spark.read.load(str(folder), "delta").write.save(str(folder), "delta", "append")
    (optimized,) = spark.sql(f"OPTIMIZE {table}").collect()
    assert optimized["metrics"]["numFilesRemoved"] == 2
    assert spark.read.load(str(folder), "delta").count() == 2 * spec.rows
    history = {row["operation"]: row for row in spark.sql(f"DESCRIBE HISTORY {table}").collect()}
    assert "destination.city" in history["OPTIMIZE"]["operationParameters"]["clusterBy"]

    spark.sql(f"ALTER TABLE {table} CLUSTER BY (shipment_id)")
    assert describe_detail(spark, folder)["clusteringColumns"] == ["shipment_id"]


def test_declaring_no_keys_is_what_cluster_by_none_means(
    spark: Any,  # noqa: ANN401 -- see above
    tmp_path: Path,
) -> None:
    """Spark must see the keys go as it saw them come."""
    (spec,) = (spec for spec in TABLES if spec.full_name == "prod.sales.web_events")
    make_table(tmp_path, spec)
    folder = tmp_path / spec.folder
    declare_clustering(folder, [])
    assert describe_detail(spark, folder)["clusteringColumns"] == []
