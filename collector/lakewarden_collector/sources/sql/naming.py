"""Which table a name in a statement means: the current catalog and schema, and what isn't one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakewarden_collector.names import sql_name
from lakewarden_collector.sources.sql.columns import Path

Parts = tuple[str, str, str]

_FORMATS_OF_PATHS: Final = frozenset(
    {"delta", "parquet", "iceberg", "csv", "json", "orc", "avro", "text", "binaryfile"}
)


class ByPath(Exception):  # noqa: N818 -- caught where it is raised
    """A table that no catalog has."""


class Trouble(Exception):  # noqa: N818 -- it is told as a failure, never raised to a user
    """A statement that can't be applied, and what to do about it."""

    def __init__(self, reason: str, remedy: str, name: str = "", line: int = 0) -> None:
        super().__init__(reason)
        self.remedy = remedy
        self.name = name
        self.line = line


class Naming:
    """The current catalog and schema of a file; `lost` says why nobody knows them."""

    def __init__(self, default: Path | None) -> None:
        self.catalog: str | None
        self.schema: str | None
        self.catalog, self.schema = default or (None, None)
        self.lost = ""

    def use(self, catalog: str | None, schema: str | None) -> None:
        """Change what is current; None leaves it."""
        if catalog is not None:
            self.catalog = catalog.lower()
            self.schema, self.lost = "default", ""
        if schema is not None:
            self.schema = schema.lower()

    def table(self, name: Sequence[str]) -> Parts:
        """Return the three parts of a table's name, in lower case as Unity Catalog keeps them.

        Raises `ByPath` and `Trouble`.
        """
        if len(name) > 1 and name[0].lower() in _FORMATS_OF_PATHS and _is_path(name[1]):
            raise ByPath
        if not 0 < len(name) <= 3:  # noqa: PLR2004 -- catalog, schema, table
            raise Trouble(f"{sql_name(name)} has more than three parts", "Correct the name.")
        parts = [part.lower() for part in name]
        if len(parts) == 1:
            parts.insert(0, self._current("schema", name[-1]))
        if len(parts) == 2:  # noqa: PLR2004 -- schema, table
            parts.insert(0, self._current("catalog", name[-1]))
        catalog, schema, table = parts
        return catalog, schema, table

    def container(self, name: Sequence[str], *, catalog: bool) -> tuple[str, ...]:
        """Return the parts of a schema's or a catalog's name, in lower case; raises `Trouble`."""
        parts = [part.lower() for part in name]
        if len(parts) > 2 - catalog:
            raise Trouble(f"{sql_name(name)} has too many parts", "Correct the name.")
        if not catalog and len(parts) == 1:
            parts.insert(0, self._current("catalog", parts[0]))
        return tuple(parts)

    def _current(self, what: str, name: str) -> str:
        found: str | None = getattr(self, what)
        if self.lost or found is None:
            why = f": {self.lost}" if self.lost else ""
            raise Trouble(
                f"which {what} {name} lies in isn't known{why}",
                "Write all three parts of the name, say USE CATALOG and USE SCHEMA in the same "
                "file, or name the schema by --default-schema CATALOG.SCHEMA.",
            )
        return found.lower()


def _is_path(text: str) -> bool:
    return "/" in text or ":" in text
