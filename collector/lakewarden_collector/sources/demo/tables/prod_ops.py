"""The schema prod.ops: roasting, stock and delivery."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables.vocabulary import (
    AUTO,
    AUTO_COMPACT,
    EXCLUDED,
    LARGE,
    LOT,
    OPS,
    OPTIMIZE_WRITE,
    READING,
    SMALL,
)

TABLES: Final[tuple[TableSpec, ...]] = (
    TableSpec(
        full_name="prod.ops.shipments",
        shows="clustered by a field of a struct",
        columns=(("shipment_id", "uuid"), ("destination", "address"), ("shipped_at", "time")),
        rows=SMALL,
        owner=OPS,
        keys=(("destination", "city"), ("shipped_at",)),
    ),
    TableSpec(
        full_name="prod.ops.stock_levels",
        shows="clustered and auto-optimised, one strategy too many",
        columns=LOT,
        rows=SMALL,
        owner=OPS,
        properties=(OPTIMIZE_WRITE, AUTO_COMPACT),
        keys=(("lot_id",),),
    ),
    TableSpec(
        full_name="prod.ops.roaster_readings",
        shows="a clustered streaming table, written in several small files",
        columns=READING,
        rows=SMALL,
        owner=OPS,
        table_type="STREAMING_TABLE",
        keys=(("read_at",), ("machine_id",)),
        writes=6,
    ),
    TableSpec(
        full_name="prod.ops.suppliers",
        shows="clustered by a key that is no column",
        columns=LOT,
        rows=SMALL,
        owner=OPS,
        keys=(("supplier_id",), ("region",)),
    ),
    TableSpec(
        full_name="prod.ops.delivery_routes",
        shows="large with a clusteringColumns property that cannot be read: its key has no name",
        columns=LOT,
        rows=LARGE,
        owner=OPS,
        keys=((),),
    ),
    TableSpec(
        full_name="prod.ops.green_lots",
        shows="clustered automatically, with no keys chosen yet",
        columns=LOT,
        rows=SMALL,
        owner=OPS,
        properties=(AUTO,),
    ),
    TableSpec(
        full_name="prod.ops.label_scans",
        shows="excluded from clustering and auto-optimised, which go together",
        columns=LOT,
        rows=SMALL,
        owner=OPS,
        properties=(EXCLUDED, OPTIMIZE_WRITE, AUTO_COMPACT),
    ),
    TableSpec(
        full_name="prod.ops.maintenance",
        shows="of a type that no documentation knows: nothing can be said about it",
        columns=READING,
        rows=SMALL,
        owner=OPS,
        table_type="LIVING_TABLE",
    ),
)
