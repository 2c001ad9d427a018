"""The rows of a hand-made estate's system tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.workspace.estate import instant
from tests.workspace.selects import SystemTable
from tests.workspace.system_catalog import (
    CATALOG_TAGS,
    COLUMNS,
    LINEAGE,
    METRICS,
    SCHEMA_TAGS,
    TABLE_TAGS,
)

if TYPE_CHECKING:
    from tests.workspace.handmade_tables import MadeTable

Tags = Mapping[str, str]


def system_tables(
    tables: Sequence[MadeTable],
    catalog_tags: Iterable[tuple[str, Tags]],
    schema_tags: Iterable[tuple[str, str, Tags]],
    *,
    metastore_id: str,
    now: datetime,
) -> dict[str, SystemTable]:
    """Return the system tables that say these things, by full name."""
    of_tables = [
        (*table.parts, key, value) for table in tables for key, value in table.tags.items()
    ]
    of_schemas = [(c, s, key, value) for c, s, tags in schema_tags for key, value in tags.items()]
    of_catalogs = [(c, key, value) for c, tags in catalog_tags for key, value in tags.items()]
    rows: dict[str, Iterable[Sequence[Any]]] = {
        METRICS: list(_metrics(tables, metastore_id, now)),
        LINEAGE: list(_lineage(tables, metastore_id, now)),
        CATALOG_TAGS: of_catalogs,
        SCHEMA_TAGS: of_schemas,
        TABLE_TAGS: of_tables,
    }
    return {name: SystemTable(COLUMNS[name], rows[name].__iter__) for name in rows}


def _metrics(
    tables: Sequence[MadeTable], metastore_id: str, now: datetime
) -> Iterator[tuple[Any, ...]]:
    for table in tables:
        if table.metric_days is None:
            continue
        day = (now - timedelta(days=table.metric_days)).date().isoformat()
        known = table.metric_bytes is not None
        yield (
            "account",
            metastore_id,
            *table.parts,
            table.table_id,
            table.table_type,
            table.owner,
            instant(now - timedelta(days=100)),
            None,
            day,
            table.metric_bytes,
            table.files if known else None,
            None if "metrics" in table.optimization_unsaid else str(table.optimized).lower(),
        )


def _lineage(
    tables: Sequence[MadeTable], metastore_id: str, now: datetime
) -> Iterator[tuple[Any, ...]]:
    for table in tables:
        at = now - timedelta(days=table.read_days)
        for reader in table.reads:
            yield (
                metastore_id,
                ".".join(table.parts),
                *table.parts,
                "TABLE",
                None,
                reader,
                instant(at),
                at.date().isoformat(),
            )
