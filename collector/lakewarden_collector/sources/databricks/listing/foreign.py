"""Foreign catalogs: whether their tables live in another system, or in storage that is one's own.

A catalog that federates a Hive metastore, AWS Glue included, shows tables whose files Unity Catalog
governs by its external locations. Their owners can cluster them; those of a database cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from lakewarden_collector.sources.databricks.client.interface import CONNECTIONS, Api
from lakewarden_collector.sources.databricks.client.server_text import error_text

FOREIGN: Final = "FOREIGN_CATALOG"
FEDERATED: Final = "HIVE_FEDERATED_CATALOG"
"""Our word for a foreign catalog over a Hive metastore; Unity Catalog has none."""

# assumes federated-metastores-are-told-by-their-connection
_HIVE: Final = frozenset({"HIVE_METASTORE", "GLUE"})
"""`connection_type` of such a connection (databricks-sdk, `ConnectionType`)."""
_PATHS: Final = "authorized_paths"
"""An option that catalogs over a Hive metastore need, and no others have."""


def catalog_type(api: Api, row: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return a catalog's type, and why that is in doubt; asks for its connection if need be."""
    kind = row.get("catalog_type")
    if kind != FOREIGN:
        return kind if isinstance(kind, str) else None, ""
    words, options = str(row.get("securable_kind") or ""), row.get("options")
    if any(hive in words for hive in _HIVE) or (isinstance(options, dict) and _PATHS in options):
        return FEDERATED, ""
    connection = row.get("connection_name")
    if not isinstance(connection, str) or not connection:
        return FOREIGN, ""
    try:
        answer = api.get(f"{CONNECTIONS}/{quote(connection, safe='')}")
    except (OSError, ValueError) as error:
        return FOREIGN, f"; its connection {connection} can't be read ({error_text(error)})"
    connection_type = answer.get("connection_type")
    federated = isinstance(connection_type, str) and connection_type.upper() in _HIVE
    return (FEDERATED if federated else FOREIGN), ""


def as_own(table_type: str, securable_kind: object) -> str:
    """Return the type of a table of a federated Hive metastore as that of a table of one's own."""
    words = str(securable_kind or "")
    if table_type != "FOREIGN":
        return table_type
    if words.endswith("_VIEW"):
        return "VIEW"
    return "EXTERNAL_SHALLOW_CLONE" if "SHALLOW_CLONE" in words else "EXTERNAL"
