"""The catalog staging: copies and imports, some of them broken or waived."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables.vocabulary import (
    AUTO,
    AUTO_COMPACT,
    BOOKING,
    DATA,
    EXCLUDED,
    LOT,
    MIDDLING,
    OPTIMIZE_WRITE,
    ORDER,
    READING,
    SMALL,
)

TABLES: Final[tuple[TableSpec, ...]] = (
    TableSpec(
        full_name="staging.sales.orders_import",
        shows="damaged: its log breaks off in the middle of a line",
        columns=ORDER,
        rows=SMALL,
        owner=DATA,
        making="broken_log",
    ),
    TableSpec(
        full_name="staging.sales.loyalty_import",
        shows="a folder of files that isn't a table",
        columns=(("member_id", "uuid"), ("points", "number")),
        rows=SMALL,
        owner=DATA,
        making="no_table",
    ),
    TableSpec(
        full_name="staging.sales.customers_copy",
        shows="small now, with old versions beside it that do not count",
        columns=ORDER,
        rows=MIDDLING,
        owner=DATA,
        column_comments=(("customer_id", ""),),
        writes=3,
        replace=True,
    ),
    TableSpec(
        full_name="staging.sales.price_list",
        shows="clustered by a key that isn't a column, covered by a waiver",
        columns=(("lot_id", "uuid"), ("price", "money")),
        rows=SMALL,
        owner=DATA,
        keys=(("country",),),
    ),
    TableSpec(
        full_name="staging.finance.ledger_copy",
        shows="clustered and excluded at once, covered by a waiver",
        columns=BOOKING,
        rows=SMALL,
        owner=DATA,
        properties=(EXCLUDED,),
        keys=(("booked_on",),),
    ),
    TableSpec(
        full_name="staging.ops.stock_levels_copy",
        shows="clustered by five keys and auto-optimised as well, both covered by waivers",
        columns=LOT,
        rows=SMALL,
        owner=DATA,
        comment="N/A",
        properties=(OPTIMIZE_WRITE, AUTO_COMPACT),
        keys=(("lot_id",), ("supplier_id",), ("roast",), ("city",), ("kilograms",)),
    ),
    TableSpec(
        full_name="staging.ops.scale_readings",
        shows="external and clustered automatically, which only managed tables can be",
        columns=READING,
        rows=SMALL,
        owner=DATA,
        table_type="EXTERNAL",
        properties=(AUTO,),
    ),
)
