"""One table of a synthetic estate, as the listing and DESCRIBE DETAIL tell it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.workspace.estate import Json, Table, instant
from tests.workspace.optimization import FLAG, flag
from tests.workspace.synthetic_facts import AUTO, CLUSTERED, MANAGED, PARTITIONED
from tests.workspace.system_catalog import detail

if TYPE_CHECKING:
    from tests.workspace.synthetic import SyntheticEstate


def info(estate: SyntheticEstate, i: int) -> Json:
    """Return a table as `TableInfo` has it."""
    catalog, schema, name = estate.parts_of(i)
    flags = estate.facts.flags[i]
    created = int((estate.now - timedelta(days=30 + i % 700)).timestamp() * 1000)
    managed = bool(flags & MANAGED)
    info: Json = {
        "name": name,
        "catalog_name": catalog,
        "schema_name": schema,
        "full_name": f"{catalog}.{schema}.{name}",
        "table_type": "MANAGED" if managed else "EXTERNAL",
        "data_source_format": "DELTA",
        "storage_location": f"s3://lake/{estate.id_of(i)}",
        "owner": f"team_{i % 40:02d}",
        "created_at": created,
        "created_by": "loader@example.com",
        "updated_at": created + 86_400_000,
        "updated_by": "loader@example.com",
        "metastore_id": estate.metastore_id,
        "table_id": estate.id_of(i),
        "securable_kind": "TABLE_DELTA" if managed else "TABLE_DELTA_EXTERNAL",
        "properties": _properties(estate, i),
        FLAG: flag(),
        "columns": estate.column_sets[bool(flags & PARTITIONED)][i % 8],
    }
    if i % 10 < 7:
        info["comment"] = f"What the loader of team_{i % 40:02d} writes, number {i}."
    return info


def _properties(estate: SyntheticEstate, i: int) -> dict[str, str]:
    flags = estate.facts.flags[i]
    properties = {
        "delta.minReaderVersion": "3",
        "delta.minWriterVersion": "7",
        "delta.feature.deletionVectors": "supported",
        "delta.enableDeletionVectors": "true",
        "delta.lastUpdateVersion": str(i % 500),
    }
    if flags & CLUSTERED:
        properties["clusteringColumns"] = '[["c_000"],["c_001"]]' if i % 2 else '[["c_001"]]'
        properties["delta.feature.clustering"] = "supported"
    if flags & AUTO:
        properties["clusterByAuto"] = "true"
    if estate.share_of(i, "hint") < estate.hint_share:
        properties["spark.sql.statistics.totalSize"] = str(estate.facts.bytes[i] * 9 // 10)
    return properties


def described(estate: SyntheticEstate, i: int) -> Table:
    """Return a table's DESCRIBE DETAIL."""
    flags = estate.facts.flags[i]
    return detail(
        {
            "format": "delta",
            "id": estate.id_of(i),
            "name": ".".join(estate.parts_of(i)),
            "location": f"s3://lake/{estate.id_of(i)}",
            "createdAt": instant(estate.now - timedelta(days=30 + i % 700)),
            "lastModified": instant(estate.now - timedelta(hours=i % 24)),
            "partitionColumns": ["c_002"] if flags & PARTITIONED else [],
            "clusteringColumns": ["c_001"] if flags & CLUSTERED else [],
            "numFiles": estate.facts.files(i),
            "sizeInBytes": estate.facts.bytes[i],
            "properties": {"delta.enableDeletionVectors": "true"},
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "tableFeatures": ["appendOnly", "deletionVectors", "invariants"],
            "clusterByAuto": bool(flags & AUTO),
        }
    )
