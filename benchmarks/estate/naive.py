"""What a script would do instead: list the tables, describe every one, ten at once.

Plain databricks-sdk with its own retries. It runs in a process of its own, on a sample: the whole
of it would take hours.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import TableInfo
from databricks.sdk.service.sql import StatementState

THREADS: Final = 10


def collect(client: WorkspaceClient, warehouse_id: str, tables: int) -> float:
    """Describe so many tables; return the seconds. The warehouse is woken before they count."""

    def describe(table: TableInfo) -> int:
        name = f"`{table.catalog_name}`.`{table.schema_name}`.`{table.name}`"
        answer = client.statement_execution.execute_statement(
            f"DESCRIBE DETAIL {name}", warehouse_id, wait_timeout="50s"
        )
        if answer.status is None or answer.status.state is not StatementState.SUCCEEDED:
            raise RuntimeError(f"{name}: {answer.status}")
        assert answer.manifest is not None  # noqa: S101 -- a statement that succeeded has both
        assert answer.manifest.schema is not None  # noqa: S101
        assert answer.result is not None  # noqa: S101
        assert answer.result.data_array is not None  # noqa: S101
        columns = [column.name for column in answer.manifest.schema.columns or ()]
        return int(answer.result.data_array[0][columns.index("sizeInBytes")])

    describe(next(_tables(client)))
    began = time.perf_counter()
    listed = list(islice(_tables(client), tables))
    with ThreadPoolExecutor(THREADS) as pool:
        sizes = list(pool.map(describe, listed))
    if len(sizes) != tables:
        raise RuntimeError(f"there are only {len(sizes)} tables")
    return time.perf_counter() - began


def _tables(client: WorkspaceClient) -> Iterator[TableInfo]:
    for catalog in client.catalogs.list():
        if catalog.name in ("system", "samples"):
            continue
        for schema in client.schemas.list(str(catalog.name)):
            if schema.name != "information_schema":
                yield from client.tables.list(str(catalog.name), str(schema.name))


if __name__ == "__main__":
    _warehouse_id, _count = sys.argv[1:]
    print(json.dumps(collect(WorkspaceClient(), _warehouse_id, int(_count))))
