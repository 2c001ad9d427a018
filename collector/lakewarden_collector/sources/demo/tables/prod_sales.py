"""The schema prod.sales: what the web shop sells, and to whom."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables.vocabulary import (
    AUTO,
    LARGE,
    MARA,
    ORDER,
    READING,
    SALES,
    SMALL,
)

TABLES: Final[tuple[TableSpec, ...]] = (
    TableSpec(
        full_name="prod.sales.orders",
        shows="large and clustered by two keys, as it should be",
        columns=ORDER,
        rows=LARGE,
        owner=SALES,
        keys=(("ordered_on",), ("customer_id",)),
    ),
    TableSpec(
        full_name="prod.sales.order_lines",
        shows="large without any strategy; its waiver has run out",
        columns=ORDER,
        rows=LARGE,
        owner=SALES,
        comment="TODO: say how this differs from orders",
    ),
    TableSpec(
        full_name="prod.sales.customers",
        shows="small, so that no strategy is asked for",
        columns=(("customer_id", "uuid"), ("city", "city"), ("since", "date")),
        rows=SMALL,
        owner=SALES,
    ),
    TableSpec(
        full_name="prod.sales.web_events",
        shows="clustered automatically, with the keys that AUTO chose: one strategy, not two",
        columns=READING,
        rows=SMALL,
        owner=SALES,
        properties=(AUTO,),
        keys=(("read_at",),),
    ),
    TableSpec(
        full_name="prod.sales.returns",
        shows="large and partitioned by month, which isn't a clustering strategy",
        columns=(*ORDER, ("month", "month")),
        rows=LARGE,
        owner=SALES,
        partition_by="month",
    ),
    TableSpec(
        full_name="prod.sales.campaigns",
        shows="empty: its size is 0, which is known and small",
        columns=(("campaign_id", "uuid"), ("starts_on", "date")),
        rows=0,
        owner=MARA,
    ),
    TableSpec(
        full_name="prod.sales.revenue_by_day",
        shows="a small materialized view, judged like a table",
        columns=(("ordered_on", "date"), ("total", "money")),
        rows=SMALL,
        owner=SALES,
        table_type="MATERIALIZED_VIEW",
    ),
    TableSpec(
        full_name="prod.sales.active_customers",
        shows="a view, which has no files to cluster",
        columns=(),
        rows=0,
        owner=SALES,
        making="nothing",
        table_type="VIEW",
        data_source_format="UNKNOWN_DATA_SOURCE_FORMAT",  # what Unity Catalog says of views
    ),
)
