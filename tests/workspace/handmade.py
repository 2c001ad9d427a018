"""An estate that a test states in a few lines, with any names.

    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("orders", bytes=3 * GIB, metric_bytes=2 * GIB, reads=["ann@example.com"])
    sales.table("a`b", clustering=[["region"]], tags={"tier": "gold"})
    with Workspace(estate) as w: …

Nothing is copied when the double opens: what a test changes counts from the next request on.
Grants, drops and denials are put around it by `grants.Guarded`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from tests.workspace.estate import Json, Refused, Table, Value
from tests.workspace.handmade_rows import system_tables
from tests.workspace.handmade_tables import MadeCatalog, MadeTable
from tests.workspace.selects import SystemTables
from tests.workspace.sqltext import DescribeDetail, DescribeJson, DescribeTable, not_found, read

MIB: Final = 1024**2
GIB: Final = 1024**3


class HandmadeEstate:
    """Catalogs as a test states them; names are found without regard to case, as in Spark."""

    blocking = False
    metastore_id = "4a4d0000-0000-4000-8000-00000000ade0"

    def __init__(self, *, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.made: dict[str, MadeCatalog] = {}

    def catalog(self, name: str, catalog_type: str = "MANAGED_CATALOG", **tags: str) -> MadeCatalog:
        """Return a catalog, made where it is new; the tags are added to it."""
        catalog = self.made.setdefault(name.lower(), MadeCatalog(name, catalog_type))
        catalog.tags.update(tags)
        return catalog

    def every_table(self) -> list[MadeTable]:
        """Return all tables."""
        schemas = [s for catalog in list(self.made.values()) for s in catalog.schemas.values()]
        return [table for schema in schemas for table in schema.tables.values()]

    def catalogs(self) -> Sequence[Json]:
        return [
            {"name": made.name, "catalog_type": made.catalog_type, "owner": "platform"}
            for made in self.made.values()
        ]

    def schemas(self, catalog: str) -> Sequence[Json]:
        made = self.made.get(catalog.lower())
        if made is None:
            raise Refused(404, "CATALOG_DOES_NOT_EXIST", f"Catalog '{catalog}' does not exist.")
        return [
            {"name": s.name, "catalog_name": made.name, "full_name": f"{made.name}.{s.name}"}
            for s in made.schemas.values()
        ]

    def tables(self, catalog: str, schema: str) -> Sequence[Json]:
        made = self.made.get(catalog.lower())
        found = made.schemas.get(schema.lower()) if made else None
        if found is None:
            raise Refused(
                404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{catalog}.{schema}' does not exist."
            )
        return [table.as_info(self.now) for table in found.tables.values()]

    def table(self, catalog: str, schema: str, name: str) -> Json:
        found = self._find((catalog, schema, name))
        if found is None:
            full_name = f"{catalog}.{schema}.{name}"
            raise Refused(404, "TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.")
        return found.as_info(self.now)

    def execute(self, sql: str, parameters: Mapping[str, Value]) -> Table:
        statement = read(sql)
        if isinstance(statement, DescribeDetail | DescribeJson):
            found = self._find(statement.parts)
            if found is None:
                raise not_found(".".join(statement.parts))
            detailed = isinstance(statement, DescribeDetail)
            return found.as_detail(self.now) if detailed else found.as_json(self.now)
        tags = [(made.name, made.tags) for made in self.made.values()]
        schema_tags = [
            (made.name, schema.name, schema.tags)
            for made in self.made.values()
            for schema in made.schemas.values()
        ]
        system = SystemTables(
            system_tables(
                self.every_table(),
                tags,
                schema_tags,
                metastore_id=self.metastore_id,
                now=self.now,
            ),
            now=self.now,
        )
        if isinstance(statement, DescribeTable):
            return system.describe(".".join(statement.parts))
        return system.select(statement.tokens, parameters)

    def _find(self, parts: Sequence[str]) -> MadeTable | None:
        names = [part.lower() for part in parts]
        if len(names) != 3 or names[0] not in self.made:
            return None
        schema = self.made[names[0]].schemas.get(names[1])
        return schema.tables.get(names[2]) if schema else None
