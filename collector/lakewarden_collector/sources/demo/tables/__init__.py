"""The demo lakehouse's table of contents: a coffee roaster with a web shop."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import TableSpec
from lakewarden_collector.sources.demo.tables import (
    dev,
    prod_finance,
    prod_ops,
    prod_sales,
    staging,
)

TABLES: Final[tuple[TableSpec, ...]] = (
    *prod_sales.TABLES,
    *prod_finance.TABLES,
    *prod_ops.TABLES,
    *staging.TABLES,
    *dev.TABLES,
)
"""Every table of the demo lakehouse; no two show the same."""
