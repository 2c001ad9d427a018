"""Sees to it that the schema is there in which tables are made."""

from __future__ import annotations

from databricks.sdk import WorkspaceClient

from tests.factory.place import Schema
from tests.factory.refusals import listed
from tests.factory.warehouse import DEADLINE, Warehouse


def provide(client: WorkspaceClient, schema: Schema, *, deadline: float = DEADLINE) -> bool:
    """Create the schema if it is absent, and say whether that was done; nobody drops it.

    Raises `FactoryError`, also where there is no warehouse.
    """
    warehouse = Warehouse(client, schema, deadline=deadline)
    schemas = listed(
        lambda: client.schemas.list(schema.catalog), f"the schemas of {schema.catalog}", schema
    )
    there = any(each.name == schema.name for each in schemas)
    if not there:
        # Not sent where it is there: it takes the right to create one, even if there is none to do.
        warehouse.run(f"CREATE SCHEMA IF NOT EXISTS {schema.sql}", about=str(schema), whole=True)
    return not there
