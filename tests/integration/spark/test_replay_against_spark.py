"""Random commits come to the same sizes and keys as Spark says."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.reading import read_entries
from tests.unit.collector.delta.random_logs import RandomLog

pytestmark = pytest.mark.spark


def test_random_logs_are_read_as_spark_reads_them(spark: Any, tmp_path: Path) -> None:  # noqa: ANN401 -- pyspark is not imported without need
    folders = [tmp_path / f"t{number}" for number in range(8)]
    for number, folder in enumerate(folders):
        RandomLog(folder, Random(number), plain=True).write()  # noqa: S311 -- makes up data

    entries = [Entry(parts=("c", "s", folder.name), uri=str(folder)) for folder in folders]
    for folder, document in zip(folders, read_entries(entries), strict=True):
        assert isinstance(document, TableDocument), document
        detail = spark.sql(f"DESCRIBE DETAIL delta.`{folder}`").collect()[0]
        assert document.size.bytes == detail.sizeInBytes
        assert document.size.files == detail.numFiles
        assert document.detail.clustering_columns == detail.clusteringColumns
        assert document.detail.table_features == sorted(detail.tableFeatures)
