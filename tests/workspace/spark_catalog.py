"""What Spark's catalog and Delta's log hold of a schema and of a table, read through the JVM."""

# ruff: noqa: ANN401 -- Java objects, and pyspark, are untyped here

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyspark.errors import AnalysisException

from tests.workspace.spark_words import quoted


@dataclass(frozen=True)
class Stored:
    """A table or view as Spark knows it.

    `kind` is MANAGED, EXTERNAL or VIEW; `fields` are the schema's in Spark's JSON; `properties`
    include Delta's features and `clusteringColumns`, as `SHOW TBLPROPERTIES` prints them. Times
    are milliseconds since 1970. `table_id` is Delta's, None for other formats.
    """

    kind: str
    provider: str | None
    comment: str | None
    created: int
    modified: int
    location: str | None
    view_text: str | None
    fields: list[dict[str, Any]]
    partitioned_by: list[str]
    properties: dict[str, str]
    table_id: str | None


class SparkCatalog:
    """Reads what one Spark session's built-in catalog holds; names are Spark's own."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark
        self._jvm = spark._jvm  # noqa: SLF001 -- pyspark's own catalog API tells too little
        self._session = spark._jsparkSession  # noqa: SLF001 -- see above

    def has_schema(self, schema: str) -> bool:
        """Whether there is such a schema."""
        return bool(self._external().databaseExists(schema))

    def comment(self, schema: str) -> str:
        """Return a schema's comment, empty where it has none."""
        return str(self._external().getDatabase(schema).description())

    def tables(self, schema: str) -> list[str]:
        """Return the tables and views of a schema; their names have no white space."""
        return sorted(self._external().listTables(schema).mkString(" ").split())

    def read(self, schema: str, name: str) -> Stored | None:
        """Return a table or view; None where there is none."""
        try:
            return self._read(schema, name)
        except AnalysisException as error:
            if error.getCondition() in ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND"):
                return None
            raise

    def table_id(self, schema: str, name: str) -> str | None:
        """Return Delta's id of a table; None where there is none, or it is of another format.

        It is in the log's metadata, and reading that costs a tenth of all that `read` asks.
        """
        identifier = self._identifier(schema, name)
        catalog = self._session.sessionState().catalog()
        if not catalog.tableExists(identifier):
            return None
        if _option(catalog.getTableMetadata(identifier).provider()) != "delta":
            return None
        log = self._jvm.org.apache.spark.sql.delta.DeltaLog
        snapshot = log.forTableWithSnapshot(self._session, identifier).productElement(1)
        return str(snapshot.metadata().id())

    def _identifier(self, schema: str, name: str) -> Any:
        some = self._jvm.scala.Some(schema)
        return self._jvm.org.apache.spark.sql.catalyst.TableIdentifier(name, some)

    def _read(self, schema: str, name: str) -> Stored:
        identifier = self._identifier(schema, name)
        known = self._session.sessionState().catalog().getTableMetadata(identifier)
        provider = _option(known.provider())
        kind = known.tableType().name()
        created = int(known.createTime())
        common = {
            "kind": kind,
            "provider": provider,
            "created": created,
            "location": _option(known.storage().locationUri()),
            "view_text": _option(known.viewText()),
        }
        if kind == "VIEW" or provider != "delta":
            return Stored(
                **common,
                comment=_option(known.comment()),
                modified=created,
                fields=json.loads(known.schema().json())["fields"],
                partitioned_by=known.partitionColumnNames().mkString("\n").split("\n"),
                properties=self._properties(schema, name) if kind != "VIEW" else {},
                table_id=None,
            )
        detail = self._spark.sql(f"DESCRIBE DETAIL {quoted(schema, name)}").collect()[0]
        log = self._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(self._session, identifier)
        metadata = log.unsafeVolatileSnapshot().metadata()
        return Stored(
            **common | {"created": _millis(detail.createdAt)},
            comment=detail.description,
            modified=_millis(detail.lastModified),
            fields=json.loads(metadata.schemaString())["fields"],
            partitioned_by=list(detail.partitionColumns),
            properties=self._properties(schema, name),
            table_id=detail.id,
        )

    def _properties(self, schema: str, name: str) -> dict[str, str]:
        rows = self._spark.sql(f"SHOW TBLPROPERTIES {quoted(schema, name)}").collect()
        return {row.key: row.value for row in rows}

    def _external(self) -> Any:
        return self._session.sharedState().externalCatalog()


def _option(value: Any) -> str | None:
    """Return what a Scala Option of text or of a URI holds."""
    return str(value.get()) if value.isDefined() else None


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
