"""What the demo's tables are made of: numbers of rows, owners, columns, properties.

Sizes follow from the rows: about 85 bytes a row of two UUIDs. `LARGE` rows weigh more than the
demo's general threshold of 2 MiB, `MIDDLING` rows less than that but more than the 1 MiB that
counts in `pytest_test_data`, `SMALL` rows less than both (../config/clustering_config.yaml).
"""

from __future__ import annotations

from typing import Final

from lakewarden_collector.sources.demo.spec import Columns

LARGE: Final = 32_000
MIDDLING: Final = 17_000
SMALL: Final = 400

SALES: Final = "sales-analytics"
FINANCE: Final = "finance-data"
OPS: Final = "supply-chain"
DATA: Final = "data-platform"
MARA: Final = "mara.lind@example.com"
TOMAS: Final = "tomas.ferrer@example.com"
JO: Final = "jo.park@example.com"

ORDER: Final[Columns] = (
    ("order_id", "uuid"),
    ("customer_id", "uuid"),
    ("ordered_on", "date"),
    ("status", "status"),
    ("total", "money"),
)
BOOKING: Final[Columns] = (
    ("booking_id", "uuid"),
    ("account_id", "uuid"),
    ("booked_on", "date"),
    ("amount", "money"),
)
LOT: Final[Columns] = (
    ("lot_id", "uuid"),
    ("supplier_id", "uuid"),
    ("roast", "roast"),
    ("city", "city"),
    ("kilograms", "number"),
)
READING: Final[Columns] = (
    ("reading_id", "uuid"),
    ("machine_id", "uuid"),
    ("read_at", "time"),
    ("value", "number"),
)

NO_ORDER_COMMENTS: Final = tuple((name, "") for name, _ in ORDER)

OPTIMIZE_WRITE: Final = ("delta.autoOptimize.optimizeWrite", "true")
AUTO_COMPACT: Final = ("delta.autoOptimize.autoCompact", "true")
AUTO: Final = ("clusterByAuto", "true")
EXCLUDED: Final = ("cluster_exclusion", "true")
TWO_STATISTICS: Final = ("delta.dataSkippingNumIndexedCols", "2")
