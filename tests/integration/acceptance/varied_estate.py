"""An estate that has something for every scenario to judge, and settings that ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.workspace.handmade import GIB, MIB, HandmadeEstate

_BOTH_FLAGS: Final = {
    "delta.autoOptimize.optimizeWrite": "true",
    "delta.autoOptimize.autoCompact": "true",
}
_EXCLUDED: Final = {"cluster_exclusion": "true"}

_SETTINGS: Final = """\
require_liquid_for_frequent_reads: true
frequent_reads: 3
frequent_min_bytes: 0
forbidden_key_patterns: [region]
test_schemas: [scratch]
"""


def varied_estate() -> HandmadeEstate:
    """Return tables of every strategy, exclusion and size, each of them read by somebody."""
    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("keyed", bytes=5 * GIB, clustering=[["id"]])
    sales.table("misled", bytes=5 * GIB, clustering=[["nowhere"]])
    sales.table("standardless", bytes=5 * GIB, clustering=[["region"]])
    sales.table("automatic", properties={"clusterByAuto": "true"})
    sales.table("optimised", bytes=5 * GIB, properties=_BOTH_FLAGS)
    sales.table("half", properties={"delta.autoOptimize.optimizeWrite": "true"})
    sales.table("twofold", clustering=[["id"]], properties=_BOTH_FLAGS)
    sales.table("contradictory", clustering=[["id"]], properties=_EXCLUDED)
    sales.table("excluded", bytes=5 * GIB, properties=_EXCLUDED)
    sales.table("vast", bytes=200 * GIB, properties=_EXCLUDED)
    sales.table("partitioned", bytes=5 * GIB, partitions=["region"])
    sales.table("large", bytes=9 * GIB)
    sales.table("medium", bytes=900 * MIB)
    sales.table("small", bytes=2 * MIB)
    sales.table("popular", bytes=5 * GIB)
    sales.table("view", table_type="VIEW", format="VIEW")
    scratch = estate.catalog("main").schema("scratch")
    scratch.table("tiny", bytes=MIB - 1)
    scratch.table("grown", bytes=MIB)
    for table in estate.every_table():
        table.reads = ["ann@example.com"] * (5 if table.name == "popular" else 1)
    return estate


def settings_for(folder: Path) -> Path:
    """Write the settings under which nothing is left unasked, and return their folder."""
    folder.mkdir()
    (folder / "clustering_config.yaml").write_text(_SETTINGS)
    return folder
