"""A lake that Spark with Delta writes and the Delta source reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.spark.lake import SparkLake


@pytest.fixture(scope="session")
def lake(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> SparkLake:  # noqa: ANN401 -- pyspark is untyped here
    """Make a lake with one schema, laid out as the Delta source expects it."""
    return SparkLake.create(spark, Path(tmp_path_factory.mktemp("lake")))
