"""One small local Spark with Delta, for the tests and for the workspace double that they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.integration.spark.jars import jar_files
from tests.integration.spark.java import java_trouble

_JAVA: Final = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # short lives
    " -XX:ReservedCodeCacheSize=192m"  # 48 MB are full after a minute, and nothing is compiled then
)
_SETTINGS: Final = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "1",  # 50 cost seconds for each new table
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class NoJavaError(Exception):
    """There is no Java here with which Spark could run."""


@contextmanager
def running_spark(warehouse: Path) -> Iterator[Any]:
    """Start Spark, and end its JVM when the context is left; its tables are files in `warehouse`.

    Raises `NoJavaError`, and `JarError` where a jar of Delta cannot be had.
    """
    if trouble := java_trouble():
        raise NoJavaError(trouble)
    jars = jar_files()
    from pyspark import SparkContext  # noqa: PLC0415 -- costly, and not needed to say what lacks
    from pyspark.sql import SparkSession  # noqa: PLC0415 -- see above

    builder = SparkSession.builder.master("local[2]").appName("lakewarden-tests")
    settings = {
        **_SETTINGS,
        "spark.jars": ",".join(map(str, jars)),
        "spark.sql.warehouse.dir": str(warehouse),
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    gateway = SparkContext._gateway  # noqa: SLF001 -- pyspark offers no other way to end its JVM
    try:
        yield session
    finally:
        try:
            session.stop()
        finally:
            assert gateway is not None
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(60)
            SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001 -- see above
