"""What has become of one table since it was listed."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from databricks.sdk.errors import NotFound, PermissionDenied

from lakewarden_collector.sources.databricks.api import Api
from lakewarden_collector.sources.databricks.listing.paging import TABLES

Standing = Literal["there", "dropped", "denied", "unknown"]


def look_up(api: Api, catalog: str, schema: str, name: str) -> Standing:
    """Ask for one table by its name (`GET /api/2.1/unity-catalog/tables/{full_name}`).

    The path takes the three names with dots between and knows no back-quotes, so for a name with a
    dot of its own the answer is `unknown` unless it is about that very table. It is also `unknown`
    where asking failed. Raises `Interrupted` as `api` does.
    """
    parts = (catalog, schema, name)
    path = f"{TABLES}/{'.'.join(quote(part, safe='') for part in parts)}"
    plain = not any("." in part for part in parts)
    try:
        info = api.get(path, {"include_browse": True})
    except NotFound:
        return "dropped" if plain else "unknown"
    except PermissionDenied:
        return "denied" if plain else "unknown"
    except (OSError, ValueError):
        return "unknown"
    answered = (info.get("catalog_name"), info.get("schema_name"), info.get("name"))
    return "there" if plain or answered == parts else "unknown"
