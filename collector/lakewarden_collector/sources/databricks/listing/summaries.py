"""The names that the table summaries of a catalog give.

`GET /api/2.1/unity-catalog/table-summaries` lists a whole catalog, 10,000 rows a page, each with
its full name: the parts unquoted with dots between.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lakewarden_collector.sources.databricks.listing.paging import ListingError
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.listing.sound_text import sound


def names_in_scope(rows: Iterable[Any], catalog: str, scope: Scope) -> tuple[str, ...]:
    """Return the full names that may be in scope, as Unity Catalog writes them, sorted, each once.

    A name with more dots than two may be split in several ways; it counts if one of them is in
    scope. Raises `ListingError` for a row without a name, and what iterating `rows` raises.
    """
    names = set()
    for row in rows:
        name = row.get("full_name") if isinstance(row, dict) else None
        if not isinstance(name, str):
            raise ListingError("a table summary has no `full_name`")
        names.add(sound(name))
    return tuple(sorted(name for name in names if _may_be_in_scope(name, catalog, scope)))


def _may_be_in_scope(full_name: str, catalog: str, scope: Scope) -> bool:
    rest = full_name.removeprefix(f"{catalog}.")
    dots = [place for place, character in enumerate(rest) if character == "."]
    return any(
        scope.refuses_schema(catalog, rest[:dot]) is None
        and scope.matches(catalog, rest[:dot], rest[dot + 1 :])
        for dot in dots
    )
