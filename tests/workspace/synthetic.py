"""An estate of any size that nobody made: decided by a seed, built as it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal

from tests.workspace.estate import PRINCIPAL, Json, Refused, Table, Value
from tests.workspace.optimization import described_as_json, flag
from tests.workspace.selects import SystemTable, SystemTables
from tests.workspace.sqltext import DescribeDetail, DescribeJson, DescribeTable, not_found, read
from tests.workspace.synthetic_facts import CLUSTERED, MANAGED, Facts, Shape
from tests.workspace.synthetic_infos import described, info
from tests.workspace.synthetic_rows import column_sets, lineage, metrics, tags
from tests.workspace.system_catalog import (
    CATALOG_TAGS,
    COLUMNS,
    LINEAGE,
    METRICS,
    SCHEMA_TAGS,
    TABLE_TAGS,
)

Metrics = Literal["fresh", "stale", "null", "empty"]

_TABLE: Final = re.compile(r"table_(\d{6})")
_SCHEMA: Final = re.compile(r"schema_(\d{4})")


class SyntheticEstate:
    """Tables in schemas in catalogs, all Delta, with a truth that tests can ask for.

    `metrics` says what `system.storage.table_metrics_history` holds: figures of yesterday, of a
    month ago, rows with NULL figures, or no rows at all (facts 2.1 A). It has managed tables only.
    `hint_share` of the tables have `spark.sql.statistics.totalSize` in their properties.
    """

    blocking = False
    metastore_id = "5e0c9d3a-0000-4000-8000-0000000d0b1e"

    def __init__(
        self,
        tables: int,
        schemas: int,
        *,
        catalogs: int = 4,
        clustered_share: float = 0.4,
        managed_share: float = 0.8,
        band_share: float = 0.02,
        schema_skew: float = 0.3,
        columns: int = 12,
        metrics: Metrics = "fresh",
        hint_share: float = 0.5,
        read_share: float = 0.2,
        tag_share: float = 0.1,
        seed: int = 0,
        now: datetime | None = None,
    ) -> None:
        self._arguments = (
            tables,
            schemas,
            {
                "catalogs": catalogs,
                "clustered_share": clustered_share,
                "managed_share": managed_share,
                "band_share": band_share,
                "schema_skew": schema_skew,
                "columns": columns,
                "metrics": metrics,
                "hint_share": hint_share,
                "read_share": read_share,
                "tag_share": tag_share,
                "seed": seed,
                "now": now,
            },
        )
        self.shape = Shape(
            tables, schemas, catalogs, clustered_share, managed_share, band_share, schema_skew
        )
        self.facts = Facts(self.shape, seed)
        self.metrics = metrics
        self.now = now or datetime.now(UTC)
        self.hint_share, self.read_share, self.tag_share = hint_share, read_share, tag_share
        self._seed = seed
        self.column_sets = column_sets(columns)
        self._system = SystemTables(
            {
                METRICS: self._source(METRICS),
                LINEAGE: self._source(LINEAGE),
                CATALOG_TAGS: self._source(CATALOG_TAGS),
                SCHEMA_TAGS: self._source(SCHEMA_TAGS),
                TABLE_TAGS: self._source(TABLE_TAGS),
            },
            now=self.now,
        )
        self.tables = lru_cache(maxsize=64)(self._tables)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, self._arguments

    # --- the truth, for assertions -------------------------------------------------------------

    def __len__(self) -> int:
        return self.shape.tables

    def parts_of(self, i: int) -> tuple[str, str, str]:
        """Return the name of a table by its number."""
        schema = self.facts.schema_of(i)
        return self._catalog_of(schema), f"schema_{schema:04d}", f"table_{i:06d}"

    def number_of(self, full_name: str) -> int:
        """Return the number of a table by its name."""
        return int(full_name[-6:])

    def size_of(self, full_name: str) -> int:
        """Return the exact bytes of a table."""
        return self.facts.bytes[self.number_of(full_name)]

    def is_clustered(self, i: int) -> bool:
        """Whether a table has clustering keys."""
        return bool(self.facts.flags[i] & CLUSTERED)

    def is_managed(self, i: int) -> bool:
        """Whether a table is managed; else it is external, and has no metrics."""
        return bool(self.facts.flags[i] & MANAGED)

    def metric_bytes_of(self, i: int) -> int | None:
        """Return the bytes that the metrics history tells of a table; None where it does not."""
        if self.metrics in ("null", "empty") or not self.is_managed(i):
            return None
        return self.facts.metric_bytes[i]

    def id_of(self, i: int) -> str:
        """Return the `table_id` of a table."""
        return f"{self._seed & 0xFFFFFFFF:08x}-0000-4000-8000-{i:012x}"

    # --- the estate ----------------------------------------------------------------------------

    def catalogs(self) -> Sequence[Json]:
        names = [f"catalog_{n:02d}" for n in range(self.shape.catalogs)]
        own = [{"name": n, "catalog_type": "MANAGED_CATALOG", "owner": "platform"} for n in names]
        return [
            *own,
            {"name": "samples", "catalog_type": "DELTASHARING_CATALOG", "owner": "System user"},
            {"name": "system", "catalog_type": "SYSTEM_CATALOG", "owner": "System user"},
        ]

    def schemas(self, catalog: str) -> Sequence[Json]:
        names = [
            f"schema_{n:04d}" for n in range(self.shape.schemas) if self._catalog_of(n) == catalog
        ]
        if not names and catalog not in {row["name"] for row in self.catalogs()}:
            raise Refused(404, "CATALOG_DOES_NOT_EXIST", f"Catalog '{catalog}' does not exist.")
        return [
            {"name": name, "catalog_name": catalog, "full_name": f"{catalog}.{name}"}
            for name in [*names, "information_schema"]
        ]

    def _tables(self, catalog: str, schema: str) -> Sequence[Json]:
        found = _SCHEMA.fullmatch(schema)
        number = int(found[1]) if found else -1
        if not 0 <= number < self.shape.schemas or self._catalog_of(number) != catalog:
            if schema == "information_schema":
                return []
            raise Refused(
                404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{catalog}.{schema}' does not exist."
            )
        starts = self.facts.starts
        return [info(self, i) for i in range(starts[number], starts[number + 1])]

    def table(self, catalog: str, schema: str, name: str) -> Json:
        i = self._find((catalog, schema, name))
        if i is None:
            full_name = f"{catalog}.{schema}.{name}"
            raise Refused(404, "TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.")
        return info(self, i)

    def execute(self, sql: str, parameters: Mapping[str, Value]) -> Table:
        statement = read(sql)
        if isinstance(statement, DescribeTable):
            return self._system.describe(".".join(statement.parts))
        if not isinstance(statement, DescribeDetail | DescribeJson):
            return self._system.select(statement.tokens, parameters)
        i = self._find(statement.parts)
        if i is None:
            raise not_found(".".join(statement.parts))
        if isinstance(statement, DescribeJson):
            return described_as_json(info(self, i), shown=flag())
        return described(self, i)

    def prepare(self) -> None:
        """Make the rows of the system tables now: 2 s for 100,000 tables."""
        self._system.load()

    def _find(self, parts: tuple[str, ...]) -> int | None:
        found = _TABLE.fullmatch(parts[-1].lower())
        i = int(found[1]) if found else self.shape.tables
        if i >= self.shape.tables or self.parts_of(i) != tuple(p.lower() for p in parts):
            return None
        return i

    def _catalog_of(self, schema: int) -> str:
        return f"catalog_{schema % self.shape.catalogs:02d}"

    def share_of(self, i: int, what: str) -> float:
        """Return a number from 0 to 1 that is always the same for this table and this word."""
        mixed = (i * 2_654_435_761 + sum(map(ord, what)) * 40_503 + self._seed * 97) & 0xFFFFFFFF
        mixed = ((mixed >> 16) ^ mixed) * 0x45D9F3B & 0xFFFFFFFF
        return ((mixed >> 16) ^ mixed) / 0x100000000

    def _source(self, full_name: str) -> SystemTable:
        def rows() -> Iterator[tuple[Any, ...]]:
            if full_name == METRICS:
                return metrics(self)
            if full_name == LINEAGE:
                return lineage(self, PRINCIPAL)
            return tags(self, full_name)

        return SystemTable(COLUMNS[full_name], rows)


def _again(tables: int, schemas: int, options: dict[str, Any]) -> SyntheticEstate:
    return SyntheticEstate(tables, schemas, **options)
