"""The tables that the scenarios are about. Several scenarios share one, since each costs seconds.

The size specifications come first: small or large, with and without a reason to be exempt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.factory.specs import LARGE_ROWS, MIB, SMALL_ROWS, Spec, uuids

_WIDE: Final = uuids(LARGE_ROWS, MIB)
_EXCLUDED: Final = (("cluster_exclusion", "true"),)
_BY_ID: Final = "CLUSTER BY (id)"
_AUTO_OPTIMIZED: Final = (
    ("delta.autoOptimize.optimizeWrite", "true"),
    ("delta.autoOptimize.autoCompact", "true"),
)
_BY_NAME: Final = (("delta.columnMapping.mode", "name"),)
"""Without it Delta renames no column."""

OFTEN: Final = 1_200
"""Reads; more than the settings call frequent."""

# --- seven for exemption by size -----------------------------------------------------------------

SMALL: Final = Spec("small", rows=SMALL_ROWS, over=0, under=MIB)
SMALL_EXCLUDED: Final = replace(SMALL, name="small_excluded", properties=_EXCLUDED)
SMALL_CLUSTERED: Final = replace(SMALL, name="small_clustered", layout=_BY_ID)
LARGE: Final = Spec("large", f"id BIGINT, {_WIDE}", rows=LARGE_ROWS, over=MIB)
LARGE_EXCLUDED: Final = replace(LARGE, name="large_excluded", properties=_EXCLUDED)
EMPTY: Final = Spec("empty", rows=0, under=1)
BOUNDARY: Final = replace(SMALL, name="boundary", rows=500)
"""SQL cannot hit a byte: whatever size this one has is made the threshold, and one more."""

# --- strategies ----------------------------------------------------------------------------------

KEYED: Final = replace(
    LARGE,
    name="keyed",
    columns=f"order_date DATE, customer_id BIGINT, region STRING, {_WIDE}",
    layout="CLUSTER BY (order_date, customer_id)",
    reads=OFTEN,
)
NESTED_KEYS: Final = replace(
    LARGE,
    name="nested_keys",
    columns=f"id BIGINT, address STRUCT<city: STRING, geo: STRUCT<zip: INT>>, {_WIDE}",
    layout="CLUSTER BY (address.city, address.geo.zip, id)",
)
RENAMED_KEY: Final = replace(
    SMALL_CLUSTERED,
    name="renamed_key",
    properties=_BY_NAME,
    after=("ALTER TABLE {table} RENAME COLUMN id TO order_id",),
)
UNCLUSTERED_AGAIN: Final = replace(
    LARGE,
    name="unclustered_again",
    layout=_BY_ID,
    after=("ALTER TABLE {table} CLUSTER BY NONE",),
)
AUTOMATIC: Final = replace(LARGE, name="automatic", layout="CLUSTER BY AUTO")
AUTOMATIC_LATER: Final = replace(
    SMALL, name="automatic_later", after=("ALTER TABLE {table} CLUSTER BY AUTO",)
)
AUTOMATIC_NO_MORE: Final = replace(
    LARGE,
    name="automatic_no_more",
    layout="CLUSTER BY AUTO",
    after=("ALTER TABLE {table} CLUSTER BY NONE",),
)
AUTO_OPTIMIZED: Final = replace(
    LARGE, name="auto_optimized", properties=_AUTO_OPTIMIZED, reads=OFTEN
)
HALF_OPTIMIZED: Final = replace(LARGE, name="half_optimized", properties=_AUTO_OPTIMIZED[:1])

# --- contradictions, keys that are wrong, partitions ---------------------------------------------

EXCLUDED_AND_CLUSTERED: Final = replace(
    SMALL_CLUSTERED, name="excluded_and_clustered", properties=_EXCLUDED
)
TWO_STRATEGIES: Final = replace(SMALL_CLUSTERED, name="two_strategies", properties=_AUTO_OPTIMIZED)
FOUR_KEYS: Final = Spec(
    "four_keys",
    "id BIGINT, region STRING, tmp_code STRING, sold_on DATE",
    layout="CLUSTER BY (id, region, tmp_code, sold_on)",
    over=0,
    under=MIB,
)
KEY_WITHOUT_STATISTICS: Final = Spec(
    "key_without_statistics",
    "id BIGINT, region STRING",
    layout="CLUSTER BY (region)",
    # Delta refuses to cluster by such a column, but not to stop keeping statistics of a key.
    after=("ALTER TABLE {table} SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'id')",),
    over=0,
    under=MIB,
)
PARTITIONED: Final = replace(
    LARGE,
    name="partitioned",
    columns=f"id BIGINT, region STRING, {_WIDE}",
    layout="PARTITIONED BY (region)",
)

# --- what else an estate has ---------------------------------------------------------------------

EVERY_TYPE: Final = Spec(
    "every_type",
    "a STRING, b BIGINT, c INT, d SMALLINT, e TINYINT, f DOUBLE, g FLOAT, h DECIMAL(38, 18),"
    " i BOOLEAN, j DATE, k TIMESTAMP, l TIMESTAMP_NTZ, m BINARY, n ARRAY<STRING>,"
    " o MAP<STRING, BIGINT>, p STRUCT<x: INT, y: ARRAY<STRUCT<z: MAP<STRING, DECIMAL(3, 2)>>>>",
    over=0,
    under=MIB,
)
VIEW: Final = Spec("some_view", view="SELECT 1 AS id")
