"""The workspace whose output the pages show: small, with a bit of everything."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

from tests.support import commandline
from tests.workspace.estate import PRINCIPAL
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, MIB, HandmadeEstate
from tests.workspace.server import Workspace

HOST: Final = "https://dbc-a1b2c3d4-e5f6.cloud.databricks.com"
"""What the pages have in place of the double's address."""
_SHOWN: Final = {
    PRINCIPAL: "2f1c7a3e-58b1-4c0e-9a51-6f0d2b7c9e14",
    "warehouse of the double": "Starter",
}
_TEAM: Final = "sales-analytics"


def estate() -> Guarded:
    """Return three schemas in scope, of which one is not granted, and two catalogs left out.

    A size of the first is in the metrics history and far from 1 GiB, near to it, or not there.
    """
    estate = HandmadeEstate()
    sales = estate.catalog("prod").schema("sales")
    sales.table("orders", owner=_TEAM, bytes=9 * GIB, metric_bytes=9 * GIB, clustering=[["region"]])
    sales.table("order_lines", owner=_TEAM, bytes=48 * GIB, metric_bytes=47 * GIB)
    sales.table("regions", owner=_TEAM, bytes=4 * MIB, metric_bytes=4 * MIB)
    sales.table("carts", owner=_TEAM, bytes=1100 * MIB, metric_bytes=1000 * MIB)
    web = estate.catalog("prod").schema("web")
    web.table("clicks", owner="web", bytes=3 * GIB, table_type="EXTERNAL")
    sales.table("returns", owner=_TEAM, bytes=20 * MIB, table_type="EXTERNAL")
    sales.table("open_orders", owner=_TEAM, table_type="VIEW", format="UNKNOWN_DATA_SOURCE_FORMAT")
    finance = estate.catalog("prod").schema("finance")
    finance.table("payments", owner="finance-data", bytes=12 * GIB, metric_bytes=12 * GIB)
    estate.catalog("samples", "SYSTEM_CATALOG").schema("nyctaxi").table("trips")
    estate.catalog("partners", "DELTASHARING_CATALOG").schema("public").table("rates")
    guarded = Guarded(estate)
    guarded.revoke_schema("prod", "finance")
    guarded.deny_system("system.access.table_lineage")
    return guarded


def ask(*words: str, home: Path) -> CompletedProcess[str]:
    """Run `lakewarden` with the workspace as its profile `prod`; the pages' names in its output."""
    with Workspace(estate()) as workspace:
        (home / ".databrickscfg").unlink(missing_ok=True)
        workspace.profile(home / ".databrickscfg", "prod")
        ended = commandline.lakewarden(*words, cwd=home)
    for real, shown in {workspace.url: HOST, str(home): "~", **_SHOWN}.items():
        ended.stdout = ended.stdout.replace(real, shown)
        ended.stderr = ended.stderr.replace(real, shown)
    return ended
