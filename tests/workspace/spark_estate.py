"""An estate of real tables: Spark with Delta behind the workspace double.

Statements are executed by Spark, so sizes, clustering, errors and their classes are Spark's and
Delta's own; the listing is read from Spark's catalog and Delta's log. Names of three levels and of
any characters are put in place of Spark's two (`spark_names.py`, `spark_rewriting.py`).

What differs from a workspace: `CLUSTER BY AUTO` is accepted and recorded (`clusterByAuto` in the
listing and in DESCRIBE DETAIL) but never chooses a key; catalogs and owners are kept here, not in
Spark; managed tables of every format are let through; nobody is refused anything.
"""

# ruff: noqa: ANN401 -- pyspark is untyped here

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from tests.workspace.estate import Column, Json, Refused, SqlError, Table, Value
from tests.workspace.optimization import FLAG, described_as_json
from tests.workspace.spark_catalog import SparkCatalog, Stored
from tests.workspace.spark_dialect import (
    CreateCatalog,
    DescribeJson,
    DropCatalog,
    ForSpark,
    SetOwner,
    understand,
)
from tests.workspace.spark_errors import sql_error
from tests.workspace.spark_ledger import Ledger, no_such_table
from tests.workspace.spark_listing import table_info
from tests.workspace.spark_names import Names
from tests.workspace.spark_rewriting import Rewritten, find, rewritten
from tests.workspace.spark_values import table_of
from tests.workspace.spark_words import Name, quoted

_SETTINGS: Final = {
    "spark.sql.sources.default": "delta",  # as on Databricks
    # Delta's parser does not pass parameters on to Spark's, which puts them into the text while
    # it parses, unless told to bind them afterwards.
    "spark.sql.legacy.parameterSubstitution.constantsOnly": "true",
}
METASTORE: Final = "00000000-feed-0000-0000-000000000001"
_INFORMATION: Final = "information_schema"
_QUERIES: Final = ("SELECT", "WITH", "VALUES", "FROM")
_NOTHING: Final = Table(columns=(), rows=())


class SparkEstate:
    """An `Estate` over a running Spark with Delta; closing it drops what it made.

    `spark` is a session of which a new one is made, with settings of its own. The estate begins
    with the catalogs `main` and `system`, and in each an empty `information_schema`. Several
    estates on one Spark do not see each other.
    """

    blocking = True

    def __init__(self, spark: Any, *, metastore_id: str = METASTORE) -> None:
        self.metastore_id = metastore_id
        self._spark = spark.newSession()
        for key, value in _SETTINGS.items():
            self._spark.conf.set(key, value)
        self._catalog = SparkCatalog(self._spark)
        self._names = Names()
        self._ledger = Ledger()
        for name, _ in self._ledger.catalogs():
            self._add_information_schema(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop every schema of this estate, with what is in it."""
        for _, _, schema in self._names.schemas():
            self._spark.sql(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")

    def spark_name(self, catalog: str, schema: str, name: str) -> str:
        """Return what Spark itself calls a table, quoted, for asking it without the estate."""
        return quoted(self._names.schema(catalog, schema), self._names.table(name))

    def catalogs(self) -> Sequence[Json]:
        """Return each catalog as `CatalogInfo` has it."""
        return [
            {
                "name": name,
                "full_name": name,
                "catalog_type": kind,
                "owner": self._ledger.owner((name,)),
                "metastore_id": self.metastore_id,
            }
            for name, kind in self._ledger.catalogs()
        ]

    def schemas(self, catalog: str) -> Sequence[Json]:
        """Return each schema as `SchemaInfo` has it; raises `Refused` (404)."""
        if not self._ledger.has_catalog(catalog):
            raise Refused(404, "CATALOG_DOES_NOT_EXIST", f"Catalog '{catalog}' does not exist.")
        return [
            {
                "name": name,
                "catalog_name": parent,
                "full_name": f"{parent}.{name}",
                "owner": self._ledger.owner((parent, name)),
                "metastore_id": self.metastore_id,
                **({"comment": comment} if (comment := self._catalog.comment(found)) else {}),
            }
            for parent, name, found in self._names.schemas()
            if parent == catalog.lower() and self._catalog.has_schema(found)
        ]

    def tables(self, catalog: str, schema: str) -> Sequence[Json]:
        """Return each table and view as `TableInfo` has it; raises `Refused` (404)."""
        found = self._schema(catalog, schema)
        every = ((name, self._catalog.read(found, name)) for name in self._catalog.tables(found))
        return [
            self._info((catalog, schema, self._names.table_of(name)), stored)
            for name, stored in every
            if stored is not None  # else it was dropped just now
        ]

    def table(self, catalog: str, schema: str, name: str) -> Json:
        """Return one table or view as `TableInfo` has it; raises `Refused` (404)."""
        stored = self._catalog.read(self._schema(catalog, schema), self._names.table(name))
        if stored is None:
            full_name = f"{catalog}.{schema}.{name}"
            raise Refused(404, "TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.")
        return self._info((catalog, schema, name), stored)

    def execute(self, sql: str, parameters: Mapping[str, Value]) -> Table:
        """Run one statement to its end; raises `SqlError` for all that fails in it."""
        match understand(sql):
            case CreateCatalog(name, tolerant):
                self._ledger.create_catalog(name, tolerant=tolerant)
                self._add_information_schema(name)
            case DropCatalog() as drop:
                self._drop_catalog(drop)
            case SetOwner(kind, parts, owner):
                self._check(kind, parts)
                self._ledger.set_owner(parts, owner)
            case DescribeJson(parts):
                return self._described_as_json(parts)
            case ForSpark() as statement:
                return self._run(statement, parameters)
        return _NOTHING

    def _described_as_json(self, parts: tuple[str, ...]) -> Table:
        try:
            info = self.table(*parts)
        except Refused as error:
            raise no_such_table(parts) from error
        return described_as_json(info, shown=info[FLAG])

    def _run(self, asked: ForSpark, parameters: Mapping[str, Value]) -> Table:
        found = find(asked.text)
        for name in found.schemas:
            self._ledger.check_catalog(name.folded[0])
        if asked.auto and asked.head == "ALTER":  # nothing is left for Spark but to find the table
            asked = replace(asked, text=f"DESCRIBE DETAIL {quoted(*_parts(asked))}")
        before = self._id_of(asked.clusters)
        statement = rewritten(asked.text, self._names)
        answer = self._ask(statement, parameters)
        after = self._id_of(asked.clusters)
        if asked.clusters and (asked.head == "ALTER" or after != before):
            self._ledger.set_auto(after, auto=asked.auto)
        if asked.head == "DROP":
            for name in (*found.tables, *found.schemas):
                self._ledger.forget_owner(name.folded)
        if asked.auto and asked.head == "ALTER":
            return _NOTHING
        return answer if asked.head in _QUERIES else self._translated(answer)

    def _ask(self, statement: Rewritten, parameters: Mapping[str, Value]) -> Table:
        try:
            return table_of(self._spark.sql(statement.text, args=dict(parameters) or None))
        except (PySparkException, Py4JJavaError) as error:
            raise sql_error(error, statement, self._names) from error

    def _translated(self, answer: Table) -> Table:
        """Return a command's answer in the user's names; DESCRIBE DETAIL tells of AUTO too."""
        rows = [
            tuple(None if cell is None else self._names.cell(cell) for cell in row)
            for row in answer.rows
        ]
        columns = answer.columns
        names = [column.name for column in columns]
        if "clusteringColumns" in names and "id" in names:
            position = names.index("id")
            columns = (*columns, Column("clusterByAuto", "BOOLEAN", "BOOLEAN"))
            rows = [(*row, str(self._ledger.is_auto(row[position])).lower()) for row in rows]
        return Table(columns=columns, rows=rows)

    def _info(self, parts: tuple[str, str, str], stored: Stored) -> Json:
        catalog, schema, name = (part.lower() for part in parts)
        view = stored.view_text and self._names.restored(stored.view_text)
        return table_info(
            (catalog, schema, name),
            replace(stored, view_text=view),
            owner=self._ledger.owner((catalog, schema, name)),
            metastore_id=self.metastore_id,
            auto=self._ledger.is_auto(stored.table_id),
        )

    def _schema(self, catalog: str, schema: str) -> str:
        """Return Spark's schema; raises `Refused` where there is none."""
        self.schemas(catalog)
        found = self._names.schema(catalog, schema)
        if not self._catalog.has_schema(found):
            raise Refused(
                404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{catalog}.{schema}' does not exist."
            )
        return found

    def _stored(self, parts: tuple[str, ...]) -> Stored | None:
        catalog, schema, name = parts
        return self._catalog.read(self._names.schema(catalog, schema), self._names.table(name))

    def _id_of(self, name: Name | None) -> str | None:
        if name is None:
            return None
        catalog, schema, table = name.parts
        return self._catalog.table_id(self._names.schema(catalog, schema), self._names.table(table))

    def _check(self, kind: str, parts: tuple[str, ...]) -> None:
        """Raise `SqlError` where there is nothing of this name whose owner could change."""
        self._ledger.check_catalog(parts[0])
        if kind in ("TABLE", "VIEW") and (len(parts) != 3 or self._stored(parts) is None):
            raise no_such_table(parts)
        if kind in ("SCHEMA", "DATABASE") and not self._catalog.has_schema(
            self._names.schema(*parts)
        ):
            raise SqlError(
                "42704", "SCHEMA_NOT_FOUND", f"The schema {quoted(*parts)} cannot be found."
            )

    def _add_information_schema(self, catalog: str) -> None:
        """Give a catalog the schema that every one has; but for those of `system`, it is empty."""
        schema = quoted(self._names.schema(catalog, _INFORMATION))
        self._spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._ledger.set_owner((catalog, _INFORMATION), "System user")

    def _drop_catalog(self, drop: DropCatalog) -> None:
        if not self._ledger.has_catalog(drop.name) and drop.tolerant:
            return
        self._ledger.check_catalog(drop.name)
        schemas = [schema["name"] for schema in self.schemas(drop.name)]
        if schemas != [_INFORMATION] and not drop.cascade:
            raise SqlError("2BP01", "CATALOG_NOT_EMPTY", f"Catalog '{drop.name}' is not empty.")
        for schema in schemas:
            self._spark.sql(f"DROP SCHEMA {quoted(self._names.schema(drop.name, schema))} CASCADE")
        self._ledger.drop_catalog(drop.name)
        self._ledger.forget_owner((drop.name,))


def _parts(asked: ForSpark) -> tuple[str, ...]:
    return asked.clusters.parts if asked.clusters else ()
