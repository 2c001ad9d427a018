"""What of a metastore is looked at, by patterns, and what is left out without being asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lakewarden_collector.patterns import fold
from lakewarden_collector.sources.databricks.listing.patterns import NamePattern

HIVE_METASTORE: Final = "hive_metastore"
INFORMATION_SCHEMA: Final = "information_schema"

_OTHERS_CATALOGS: Final = {
    "system": "Databricks' own tables",
    "samples": "Databricks' sample data",
    HIVE_METASTORE: "the workspace's legacy metastore, not governed by Unity Catalog",
}
_INTERNAL: Final = "__databricks_internal"

# `catalog_type` of `GET /api/2.1/unity-catalog/catalogs`; one that is not here is looked at.
_OTHERS_TYPES: Final = {
    "DELTASHARING_CATALOG": "shared by another metastore, which governs its tables",
    "FOREIGN_CATALOG": "a foreign catalog: its tables live in another system",
    "SYSTEM_CATALOG": "Databricks' own tables",
    "INTERNAL_CATALOG": "Databricks' own tables",
    "MANAGED_ONLINE_CATALOG": "online tables, copies that serve lookups",
}


class Scope:
    """Include and exclude patterns over full names; no include pattern means everything.

    Some catalogs, and each `information_schema`, are left out unless an include pattern names them
    literally. A catalog or a schema is refused only where no table in it could be in scope. What
    include patterns name literally has to be there, unless it isn't `required`.
    """

    def __init__(
        self, include: Sequence[str] = (), exclude: Sequence[str] = (), *, required: bool = True
    ) -> None:
        self._required = required
        self.include = tuple(include)
        self.exclude = tuple(exclude)
        self._include = [NamePattern(text) for text in include]
        self._exclude = [NamePattern(text) for text in exclude]

    def matches(self, catalog: str, schema: str, name: str) -> bool:
        """Whether a table of a schema that is in scope is in scope itself."""
        parts = (catalog, schema, name)
        included = not self._include or any(pattern.matches(parts) for pattern in self._include)
        return included and not any(pattern.matches(parts) for pattern in self._exclude)

    def refuses_catalog(self, catalog: str, catalog_type: str | None = None) -> str | None:
        """Return why nothing of a catalog is in scope; None where something may be."""
        if not self._named_literally(0, catalog):
            if catalog.startswith(_INTERNAL):
                return "Databricks' own tables"
            others = _OTHERS_CATALOGS.get(catalog) or _OTHERS_TYPES.get(catalog_type or "")
            if others is not None:
                return others
        return self._refuses((catalog,))

    def refuses_schema(self, catalog: str, schema: str) -> str | None:
        """Return why nothing of a schema of a catalog in scope is in scope; None where some may."""
        if schema == INFORMATION_SCHEMA and not self._named_literally(1, schema):
            return "views over the catalog's own metadata"
        return self._refuses((catalog, schema))

    def named(self, *prefix: str) -> frozenset[str]:
        """Return the names that include patterns give literally below a catalog or a schema.

        Without a prefix these are catalogs.
        """
        found = (
            pattern.literal(len(prefix)) for pattern in self._include if _begins(pattern, prefix)
        )
        return frozenset(name for name in found if name is not None)

    def missed(self, listed: Iterable[str], *prefix: str) -> list[str]:
        """Return, sorted, the names that include patterns give literally and that aren't listed."""
        if not self._required:
            return []
        known = {fold(name) for name in listed}
        return sorted(name for name in self.named(*prefix) if fold(name) not in known)

    def _refuses(self, prefix: Sequence[str]) -> str | None:
        if any(pattern.covers(prefix) for pattern in self._exclude):
            return "an exclude pattern matches all of it"
        if self._include and not any(pattern.reaches(prefix) for pattern in self._include):
            return "no include pattern matches anything in it"
        return None

    def _named_literally(self, depth: int, name: str) -> bool:
        return any(_same(pattern.literal(depth), name) for pattern in self._include)


def _begins(pattern: NamePattern, prefix: Sequence[str]) -> bool:
    return all(_same(pattern.literal(depth), part) for depth, part in enumerate(prefix))


def _same(literal: str | None, name: str) -> bool:
    return literal is not None and fold(literal) == fold(name)
