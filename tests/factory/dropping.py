"""Finds the factory's tables in a schema, and drops them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import TableType

from tests.factory.errors import FactoryError
from tests.factory.naming import Run, recognise
from tests.factory.place import Schema
from tests.factory.refusals import listed
from tests.factory.warehouse import AT_ONCE, Warehouse


@dataclass(frozen=True)
class Left:
    """A table or view of the factory's that is there, or may be."""

    name: str
    run: Run
    is_view: bool


@dataclass(frozen=True)
class Dropped:
    """What became of tables that were to be dropped."""

    names: tuple[str, ...]
    failures: tuple[FactoryError, ...]


def left(client: WorkspaceClient, schema: Schema) -> list[Left]:
    """Return every table of the factory's in a schema, of whatever run; raises `FactoryError`."""
    tables = listed(
        lambda: client.tables.list(schema.catalog, schema.name, omit_columns=True),
        f"the tables of {schema}",
        schema,
    )
    return [
        Left(table.name, ours.run, is_view=table.table_type is TableType.VIEW)
        for table in tables
        if table.name and (ours := recognise(table.name))
    ]


def drop(client: WorkspaceClient, schema: Schema, tables: Sequence[Left]) -> Dropped:
    """Drop tables, some at once; what fails is told, and the others are dropped all the same.

    Raises `FactoryError` where there is no warehouse to drop them by.
    """
    if not tables:
        return Dropped((), ())
    warehouse = Warehouse(client, schema)

    def one(table: Left) -> FactoryError | None:
        kind = "VIEW" if table.is_view else "TABLE"
        statement = f"DROP {kind} IF EXISTS {schema.table(table.name)}"
        try:
            warehouse.run(statement, about=schema.full_name(table.name), whole=True)
        except FactoryError as error:
            return error
        return None

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="drop") as pool:
        ends = list(pool.map(one, tables))
    return Dropped(
        names=tuple(table.name for table, end in zip(tables, ends, strict=True) if end is None),
        failures=tuple(end for end in ends if end is not None),
    )
