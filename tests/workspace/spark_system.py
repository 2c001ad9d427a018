"""System tables for a `SparkEstate`: real tables of Spark, which a test fills.

A SELECT over them is parsed and run by Spark, so what it says of their rows is SQL's own meaning,
not a double's reading of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from tests.workspace.estate import Json, Value
from tests.workspace.spark_estate import SparkEstate
from tests.workspace.spark_words import quoted
from tests.workspace.system_catalog import COLUMNS, METRICS

Row = Mapping[str, Value]
"""Values by column; a column that is not named is NULL."""

_SYSTEM: Final = "system"


def make_system_tables(estate: SparkEstate) -> None:
    """Create the system tables that are not there yet, without rows."""
    for table, columns in COLUMNS.items():
        estate.execute(f"CREATE SCHEMA IF NOT EXISTS {table.rpartition('.')[0]}", {})
        definition = ", ".join(f"{name} {kind}" for name, kind in columns)
        # Parquet, because nobody asks for their details, and Delta takes longer.
        estate.execute(f"CREATE TABLE IF NOT EXISTS {table} ({definition}) USING parquet", {})


def fill(estate: SparkEstate, table: str, rows: Iterable[Row]) -> None:
    """Add rows to a system table."""
    columns = COLUMNS[table]
    values: list[str] = []
    parameters: dict[str, Value] = {}
    for number, row in enumerate(rows):
        if unknown := row.keys() - dict(columns).keys():
            raise ValueError(f"{table} has no column {sorted(unknown)}")
        given = [(name, kind, f"{name}_{number}") for name, kind in columns]
        cells = (
            f"CAST(:{marker} AS {kind})" if row.get(name) is not None else f"CAST(NULL AS {kind})"
            for name, kind, marker in given
        )
        values.append(f"SELECT {', '.join(cells)}")
        parameters |= {marker: row[name] for name, _, marker in given if row.get(name) is not None}
    if values:
        estate.execute(f"INSERT INTO {table} {' UNION ALL '.join(values)}", parameters)


def record_metrics(estate: SparkEstate, at: datetime) -> None:
    """Add yesterday's row of the metrics history for every managed Delta table, seen from `at`.

    Its figures are those of DESCRIBE DETAIL now. As on Databricks, external tables and views have
    none (facts 2.1 A).
    """
    fill(estate, METRICS, (_metric(estate, info, at) for info in managed_tables(estate)))


def managed_tables(estate: SparkEstate) -> Iterable[Json]:
    """Yield the listing's row of every managed Delta table, without those of `system`."""
    for catalog in estate.catalogs():
        if catalog["name"] == _SYSTEM:
            continue
        for schema in estate.schemas(catalog["name"]):
            for info in estate.tables(catalog["name"], schema["name"]):
                if info["table_type"] == "MANAGED" and info["data_source_format"] == "DELTA":
                    yield info


def _metric(estate: SparkEstate, info: Json, at: datetime) -> Row:
    name = (info["catalog_name"], info["schema_name"], info["name"])
    answer = estate.execute(f"DESCRIBE DETAIL {quoted(*name)}", {})
    detail = dict(zip((column.name for column in answer.columns), answer.rows[0], strict=True))
    return {
        "metastore_id": estate.metastore_id,
        "catalog_name": name[0],
        "schema_name": name[1],
        "table_name": name[2],
        "table_id": info["table_id"],
        "table_type": "MANAGED",
        "table_owner": info["owner"],
        "snapshot_date": (at - timedelta(days=1)).date(),
        "active_bytes": int(detail["sizeInBytes"] or 0),
        "active_files": int(detail["numFiles"] or 0),
        "predictive_optimization_enabled": "true",
    }
