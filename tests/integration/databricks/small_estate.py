"""A small estate of which each table takes another way to its size."""

from __future__ import annotations

from tests.workspace.handmade import GIB, MIB, HandmadeEstate


def six_tables() -> HandmadeEstate:
    """Six tables: the last three need describing, and `read` is the smallest of them."""
    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("clustered", bytes=5 * GIB, clustering=[["id"]])
    sales.table("small", bytes=MIB, metric_bytes=MIB)
    sales.table("large", bytes=9 * GIB, metric_bytes=8 * GIB)
    sales.table("close", bytes=GIB + 1, metric_bytes=GIB, tags={"tier": "gold"})
    sales.table("external", bytes=900 * MIB, table_type="EXTERNAL")
    sales.table("read", bytes=3 * MIB, reads=["ann@example.com"] * 3)
    return estate
