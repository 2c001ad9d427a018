"""One table, asked for by its name: whether it is there, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import quote

from databricks.sdk.errors import NotFound, PermissionDenied
from msgspec import Struct

from lakewarden_collector.sources.databricks.client.interface import TABLES, Api
from lakewarden_collector.sources.databricks.client.server_text import error_text

_AMBIGUOUS: Final = (
    "the API separates names with dots, so it can't look up a name that contains one"
)


class TableLookup(Struct, frozen=True, kw_only=True):
    """What became of one table, the reason in words, and its object in the API if it is there."""

    outcome: Literal["there", "dropped", "denied", "failed"]
    reason: str = ""
    info: Mapping[str, Any] = {}


def look_up(api: Api, catalog: str, schema: str, name: str) -> TableLookup:
    """Ask for one table by its name.

    `GET /api/2.1/unity-catalog/tables/{full_name}` takes the three names with dots between and
    knows no back-quotes, so for a name with a dot of its own the answer counts only if it is about
    that very table. `failed` is also what asking was. Raises `Interrupted` as `api` does.
    """
    parts = (catalog, schema, name)
    path = f"{TABLES}/{'.'.join(quote(part, safe='') for part in parts)}"
    ambiguous = any("." in part for part in parts)
    try:
        info = api.get(path, {"include_browse": True})
    except (NotFound, PermissionDenied) as error:
        if ambiguous:
            return TableLookup(outcome="failed", reason=_AMBIGUOUS)
        gone = isinstance(error, NotFound)
        return TableLookup(outcome="dropped" if gone else "denied", reason=error_text(error))
    except (OSError, ValueError) as error:
        return TableLookup(outcome="failed", reason=error_text(error))
    answered = (info.get("catalog_name"), info.get("schema_name"), info.get("name"))
    if ambiguous and answered != parts:
        return TableLookup(outcome="failed", reason=_AMBIGUOUS)
    return TableLookup(outcome="there", info=info)
