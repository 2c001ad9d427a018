"""A lake that Spark writes, laid out `<root>/spark_catalog/<schema>/<table>`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.delta import DeltaSource

CATALOG: Final = "spark_catalog"
SCHEMA: Final = "written_by_spark"


@dataclass(frozen=True)
class SparkLake:
    """A schema whose tables Spark keeps in `folder`, below the lake's `root`."""

    spark: Any
    root: Path

    @property
    def folder(self) -> Path:
        """The schema's folder, one folder in it for each table."""
        return self.root / CATALOG / SCHEMA

    @classmethod
    def create(cls, spark: Any, root: Path) -> SparkLake:  # noqa: ANN401 -- pyspark is untyped here
        """Make the schema and let statements find its tables without a qualified name."""
        made = cls(spark, root)
        spark.sql(f"CREATE DATABASE {SCHEMA} LOCATION '{made.folder}'")
        spark.sql(f"USE {SCHEMA}")
        return made

    def run(self, statements: Iterable[str]) -> None:
        """Run SQL, one statement after the other."""
        for statement in statements:
            self.spark.sql(statement)

    def log_files(self, table: str) -> list[str]:
        """Return the names in a table's log, checkpoints and commits alike."""
        return sorted(path.name for path in (self.folder / table / "_delta_log").iterdir())

    def describe_detail(self, table: str) -> dict[str, Any]:
        """Return Spark's `DESCRIBE DETAIL` of a table."""
        row: dict[str, Any] = self.spark.sql(f"DESCRIBE DETAIL {table}").collect()[0].asDict()
        return row

    def read(self, table: str, scratch: Path) -> TableDocument:
        """Read one table through the Delta source, named in a list file in `scratch`."""
        listed = scratch / "tables.list"
        listed.write_text(f'{CATALOG}.{SCHEMA}.{table} = "{self.folder / table}"\n')
        (document,) = DeltaSource(str(listed)).tables()
        assert isinstance(document, TableDocument), document
        return document

    def append_commit(self, table: str, action: dict[str, object]) -> None:
        """Add a commit with one action to a table's log, after the latest that Spark wrote."""
        commits = [name for name in self.log_files(table) if fnmatch(name, "[0-9]*.json")]
        path = self.folder / table / "_delta_log" / f"{int(commits[-1][:20]) + 1:020d}.json"
        path.write_text(json.dumps(action) + "\n")
        self.forget()

    def forget(self) -> None:
        """Make Spark read logs again, so that it sees what was changed beneath it."""
        self.spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()  # noqa: SLF001 -- no public way
