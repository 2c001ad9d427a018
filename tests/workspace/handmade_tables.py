"""The catalogs, schemas and tables of a hand-made estate."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from lakewarden_collector.names import spark_name
from tests.workspace.estate import Json, SqlError, Table, instant
from tests.workspace.optimization import FLAG, described_as_json, flag
from tests.workspace.system_catalog import detail


@dataclass(kw_only=True)
class MadeTable:
    """One table. `bytes` None is a NULL figure; without `metric_days` it has no metrics row.

    `metric_days` says how many days ago its last metrics row was written, `metric_bytes` what it
    says (None: NULL). `reads` names the reader of each lineage event, `read_days` how long ago
    they were. `info` overrides single fields of `TableInfo`; a value of None removes one.
    `optimized` says whether predictive optimization is on, which all sources tell alike but those
    that are named in `optimization_unsaid`: `listing`, `metrics`, `json`.
    """

    catalog: str
    schema: str
    name: str
    table_type: str = "MANAGED"
    format: str = "DELTA"
    bytes: int | None = 1000
    files: int | None = 1
    metric_bytes: int | None = None
    metric_days: int | None = None
    clustering: Sequence[Sequence[str]] | None = None
    partitions: Sequence[str] = ()
    columns: Sequence[tuple[str, str]] = (("id", "bigint"), ("region", "string"))
    properties: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    reads: Sequence[str] = ()
    read_days: int = 1
    owner: str = "team"
    comment: str | None = None
    table_id: str = ""
    error: SqlError | None = None
    """What DESCRIBE DETAIL fails with."""
    json_error: SqlError | None = None
    """What DESCRIBE TABLE EXTENDED … AS JSON fails with."""
    optimized: bool = True
    optimization_unsaid: Collection[str] = ()
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = "\0".join(self.parts)
        self.table_id = self.table_id or str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        if self.metric_bytes is not None and self.metric_days is None:
            self.metric_days = 0

    @property
    def parts(self) -> tuple[str, str, str]:
        """The three parts of its name."""
        return self.catalog, self.schema, self.name

    def as_info(self, now: datetime) -> Json:
        """Return `TableInfo`; Unity Catalog writes a full name without quotes (SDK)."""
        properties = dict(self.properties)
        if self.clustering is not None:
            properties["clusteringColumns"] = msgspec.json.encode(self.clustering).decode()
        created = int((now - timedelta(days=100)).timestamp() * 1000)
        info: Json = {
            "name": self.name,
            "catalog_name": self.catalog,
            "schema_name": self.schema,
            "full_name": ".".join(self.parts),
            "table_type": self.table_type,
            "data_source_format": self.format,
            "owner": self.owner,
            "comment": self.comment,
            "created_at": created,
            "updated_at": created,
            "table_id": self.table_id,
            "storage_location": f"s3://lake/{self.table_id}",
            "properties": properties,
            "columns": [self._column(n) for n in range(len(self.columns))],
        }
        if "listing" not in self.optimization_unsaid:
            info[FLAG] = flag(enabled=self.optimized)
        return {k: v for k, v in (info | dict(self.info)).items() if v is not None}

    def as_detail(self, now: datetime) -> Table:
        """Return its DESCRIBE DETAIL; raises `SqlError` where there is none.

        A view is refused, and a table that is not Delta has NULL figures (real components).
        """
        if self.error is not None:
            raise self.error
        if self.table_type in ("VIEW", "METRIC_VIEW"):
            text = f"'DESCRIBE DETAIL' expects a table but {'.'.join(self.parts)} is a view."
            raise SqlError("42809", "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", text)
        delta = self.format == "DELTA"
        return detail(
            {
                "format": self.format.lower(),
                "id": self.table_id,
                "name": spark_name(self.parts),
                "location": f"s3://lake/{self.table_id}",
                "createdAt": instant(now - timedelta(days=100)),
                "lastModified": instant(now - timedelta(hours=1)),
                "partitionColumns": list(self.partitions),
                "clusteringColumns": [spark_name(key) for key in self.clustering or ()],
                "numFiles": self.files if delta else None,
                "sizeInBytes": self.bytes if delta else None,
                "properties": dict(self.properties),
                "minReaderVersion": 1 if delta else None,
                "minWriterVersion": 2 if delta else None,
                "tableFeatures": ["appendOnly", "invariants"] if delta else None,
            }
        )

    def as_json(self, now: datetime) -> Table:
        """Return its DESCRIBE TABLE EXTENDED … AS JSON; raises `SqlError` where there is none."""
        if self.json_error is not None:
            raise self.json_error
        output = "json" not in self.optimization_unsaid
        shown = flag(enabled=self.optimized) if output else None
        return described_as_json(self.as_info(now), shown=shown)

    def _column(self, n: int) -> Json:
        name, kind = self.columns[n]
        json_type = "long" if kind == "bigint" else kind
        column: Json = {
            "name": name,
            "type_text": kind,
            "type_name": {"bigint": "LONG"}.get(kind, kind.upper()),
            "type_json": msgspec.json.encode(
                {"name": name, "type": json_type, "nullable": True, "metadata": {}}
            ).decode(),
            "position": n,
            "nullable": True,
        }
        if name in self.partitions:
            column["partition_index"] = list(self.partitions).index(name)
        return column


@dataclass
class MadeSchema:
    """One schema, its tags and its tables by name."""

    catalog: str
    name: str
    tags: dict[str, str] = field(default_factory=dict)
    tables: dict[str, MadeTable] = field(default_factory=dict)

    def table(self, name: str, **what: Any) -> MadeTable:  # noqa: ANN401 -- the fields of MadeTable
        """Add a table, or replace one."""
        made = MadeTable(catalog=self.catalog, schema=self.name, name=name, **what)
        self.tables[name.lower()] = made
        return made

    def drop(self, name: str) -> None:
        """Drop a table."""
        del self.tables[name.lower()]


@dataclass
class MadeCatalog:
    """One catalog, its tags and its schemas by name."""

    name: str
    catalog_type: str = "MANAGED_CATALOG"
    tags: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, MadeSchema] = field(default_factory=dict)

    def schema(self, name: str, **tags: str) -> MadeSchema:
        """Return a schema, made where it is new; the tags are added to it."""
        schema = self.schemas.setdefault(name.lower(), MadeSchema(self.name, name))
        schema.tags.update(tags)
        return schema
