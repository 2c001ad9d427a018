"""Which endpoint a request is for (SDK: the paths in service/catalog.py and service/sql.py)."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

_UC: Final = "/api/2.1/unity-catalog/"
_SQL: Final = "/api/2.0/sql/statements"
_FIXED: Final = {
    "/.well-known/databricks-config": "config",
    "/api/2.0/preview/scim/v2/Me": "me",
    _UC + "metastore_summary": "metastore_summary",
    _UC + "catalogs": "list_catalogs",
    _UC + "schemas": "list_schemas",
    _UC + "tables": "list_tables",
    _UC + "table-summaries": "table_summaries",
    _SQL: "execute",
    "/api/2.0/sql/warehouses": "list_warehouses",
    "/__log": "log",
}


def route(method: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Return the kind of a request and what its path names."""
    if kind := _FIXED.get(path):
        return kind, ()
    if path.startswith(_SQL + "/"):
        words = path[len(_SQL) + 1 :].split("/")
        if words[1:] == ["cancel"] and method == "POST":
            return "cancel", (words[0],)
        if len(words) == 4 and words[1:3] == ["result", "chunks"]:
            return "chunk", (words[0], words[3])
        if len(words) == 1:
            return "poll", (words[0],)
    for start, kind in (
        (_UC + "tables/", "get_table"),
        (_UC + "connections/", "get_connection"),
        ("/api/2.0/sql/warehouses/", "warehouse"),
        ("/external/", "link"),
    ):
        if path.startswith(start):
            return kind, (unquote(path[len(start) :]),)
    return "unknown", ()
