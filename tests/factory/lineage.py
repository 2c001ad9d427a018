"""Has the lineage of a workspace say that others have read a table; only a double lets us.

On Databricks itself nobody writes `system.access.table_lineage` but Databricks, and what is read
there takes hours to show, and reads of one's own do not count. So it is not even tried there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from databricks.sdk import WorkspaceClient

from tests.factory.errors import FactoryError, Trouble
from tests.factory.factory import Made
from tests.factory.place import Schema
from tests.factory.values import literal
from tests.factory.warehouse import Warehouse
from tests.workspace.system_catalog import COLUMNS, LINEAGE

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_READER: Final = "reader@example.com"
_DEFINITION: Final = ", ".join(f"{name} {kind}" for name, kind in COLUMNS[LINEAGE])
_MAKING: Final = (
    f"CREATE SCHEMA IF NOT EXISTS {LINEAGE.rpartition('.')[0]}",
    f"CREATE TABLE IF NOT EXISTS {LINEAGE} ({_DEFINITION}) USING parquet",
)


def record_reads(client: WorkspaceClient, schema: Schema, tables: Sequence[Made]) -> None:
    """Add the reads that the specifications of the tables name, as of now.

    Raises `FactoryError`; its trouble is that the place does not offer it, unless it is a double.
    """
    if urlsplit(client.config.host or "").hostname not in _LOOPBACK:
        raise FactoryError(
            f"{LINEAGE} can't be written, so no table can be said to be read often",
            Trouble.DENIED,
            remedy="None: only Databricks writes it. The double of a workspace lets tests do so.",
        )
    read = [made for made in tables if made.spec.reads]
    if not read:
        return
    warehouse = Warehouse(client, schema)
    metastore = client.metastores.summary().metastore_id or ""
    for statement in (*_MAKING, *(_reads(metastore, schema, made) for made in read)):
        warehouse.run(statement, about=LINEAGE, whole=True)


def _reads(metastore: str, schema: Schema, made: Made) -> str:
    values = {
        "metastore_id": literal(metastore),
        "source_table_full_name": literal(made.full_name),
        "source_table_catalog": literal(schema.catalog),
        "source_table_schema": literal(schema.name),
        "source_table_name": literal(made.name),
        "created_by": literal(_READER),
        "event_time": "current_timestamp()",
        "event_date": "current_date()",
    }
    names, cells = ", ".join(values), ", ".join(values.values())
    return f"INSERT INTO {LINEAGE} ({names}) SELECT {cells} FROM range({made.spec.reads})"  # noqa: S608 -- literals are escaped
