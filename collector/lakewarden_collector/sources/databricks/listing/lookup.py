"""What has become of one table since it was listed."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from databricks.sdk.errors import NotFound, PermissionDenied

from lakewarden_collector.sources.databricks.api import Api
from lakewarden_collector.sources.databricks.listing.paging import TABLES
from lakewarden_collector.sources.databricks.listing.troubles import told

Verdict = Literal["there", "dropped", "denied", "failed"]

_AMBIGUOUS = "the API takes names with dots between, so it cannot be asked for one with its own"


def look_up(api: Api, catalog: str, schema: str, name: str) -> tuple[Verdict, str]:
    """Ask for one table by its name; return what became of it and the reason in words.

    `GET /api/2.1/unity-catalog/tables/{full_name}` takes the three names with dots between and
    knows no back-quotes, so for a name with a dot of its own the answer counts only if it is about
    that very table. `failed` is also what asking was. Raises `Interrupted` as `api` does.
    """
    parts = (catalog, schema, name)
    path = f"{TABLES}/{'.'.join(quote(part, safe='') for part in parts)}"
    plain = not any("." in part for part in parts)
    try:
        info = api.get(path, {"include_browse": True})
    except NotFound as error:
        return ("dropped", told(error)) if plain else ("failed", _AMBIGUOUS)
    except PermissionDenied as error:
        return ("denied", told(error)) if plain else ("failed", _AMBIGUOUS)
    except (OSError, ValueError) as error:
        return "failed", told(error)
    answered = (info.get("catalog_name"), info.get("schema_name"), info.get("name"))
    return ("there", "") if plain or answered == parts else ("failed", _AMBIGUOUS)
