"""The Spark that all tests of a session share; it starts when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.spark.jars import JarError, jar_files
from tests.integration.spark.java import java_trouble


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start one small local Spark for all tests, and end its JVM with them."""
    if trouble := java_trouble():
        pytest.skip(f"needs Java: {trouble}")
    try:
        jars = jar_files()
    except JarError as error:
        pytest.fail(f"the Delta jars are missing; run `make jars`: {error}", pytrace=False)
    from pyspark import SparkContext  # noqa: PLC0415 -- costly, and not needed to skip
    from pyspark.sql import SparkSession  # noqa: PLC0415 -- see above

    settings = {
        "spark.jars": ",".join(map(str, jars)),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "1",  # 50 cost seconds for each new table
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # short lives
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[2]").appName("lakewarden-tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    gateway = SparkContext._gateway  # noqa: SLF001 -- pyspark offers no other way to end its JVM
    yield session
    session.stop()
    assert gateway is not None
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(60)
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001 -- see above
