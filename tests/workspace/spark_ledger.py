"""What open-source Spark has no place for: catalogs, owners, and CLUSTER BY AUTO."""

from __future__ import annotations

from typing import Final

from tests.workspace.estate import SqlError
from tests.workspace.spark_words import quoted

OWNER: Final = "data-platform"
"""Who owns what was given to nobody."""

MANAGED, SYSTEM = "MANAGED_CATALOG", "SYSTEM_CATALOG"

Parts = tuple[str, ...]
"""A catalog's, schema's or table's name in lower case, part by part."""


class Ledger:
    """Catalogs by name, owners by name, and the ids of the tables that are clustered by AUTO."""

    def __init__(self) -> None:
        self._catalogs = {"main": MANAGED, "system": SYSTEM}
        self._owners: dict[Parts, str] = {}
        self._auto: set[str] = set()

    def catalogs(self) -> list[tuple[str, str]]:
        """Return each catalog's name and type."""
        return sorted(self._catalogs.items())

    def has_catalog(self, name: str) -> bool:
        """Whether there is such a catalog."""
        return name.lower() in self._catalogs

    def check_catalog(self, name: str) -> None:
        """Raise `SqlError` where there is no such catalog."""
        if not self.has_catalog(name):
            raise SqlError(
                "42704",
                "NO_SUCH_CATALOG_EXCEPTION",
                f"Catalog '{name}' was not found. Please verify the catalog name and then retry"
                " the query or command again. SQLSTATE: 42704",
            )

    def create_catalog(self, name: str, *, tolerant: bool) -> None:
        """Add a catalog; raises `SqlError` where there is one, unless that is tolerated."""
        if self.has_catalog(name) and not tolerant:
            raise SqlError(
                "42710",
                "CATALOG_ALREADY_EXISTS",
                f"Cannot create catalog {quoted(name)} because it already exists. SQLSTATE: 42710",
            )
        self._catalogs.setdefault(name, MANAGED)

    def drop_catalog(self, name: str) -> None:
        """Remove a catalog."""
        self._catalogs.pop(name, None)

    def owner(self, parts: Parts) -> str:
        """Return who owns a catalog, schema or table."""
        return self._owners.get(parts, OWNER)

    def set_owner(self, parts: Parts, owner: str) -> None:
        """Give it to someone."""
        self._owners[parts] = owner

    def forget_owner(self, parts: Parts) -> None:
        """Forget who owned what was dropped, and what was in it."""
        for owned in [key for key in self._owners if key[: len(parts)] == parts]:
            del self._owners[owned]

    def is_auto(self, table_id: str | None) -> bool:
        """Whether a table is clustered by AUTO; one that is made again has another id."""
        return table_id in self._auto

    def set_auto(self, table_id: str | None, *, auto: bool) -> None:
        """Note whether a table is clustered by AUTO."""
        if auto and table_id is not None:
            self._auto.add(table_id)
        elif table_id is not None:
            self._auto.discard(table_id)


def no_such_table(parts: Parts) -> SqlError:
    """Return what Spark says of a table that is not there."""
    return SqlError(
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        f"The table or view {quoted(*parts)} cannot be found. SQLSTATE: 42P01",
    )
