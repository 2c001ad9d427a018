"""Where the factory may work: a schema of a workspace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lakewarden_collector.names import join_name, split_name
from lakewarden_collector.sources.databricks.statements.quoting import quote, table_reference

_OF_PATTERNS: Final = re.compile(r"[*?\[\]{}\\]")


@dataclass(frozen=True)
class Schema:
    """A schema, by the names of its catalog and its own, in small letters as in Unity Catalog."""

    catalog: str
    name: str

    @classmethod
    def named(cls, text: str) -> Schema:
        """Read CATALOG.SCHEMA; raises `ValueError` for anything else."""
        try:
            parts = split_name(text)
        except ValueError as error:
            raise ValueError(f"{text!r} isn't a CATALOG.SCHEMA: {error}") from error
        if len(parts) != 2:
            raise ValueError(f"{text!r} isn't a CATALOG.SCHEMA: it has not two parts")
        if found := _OF_PATTERNS.search(text):
            raise ValueError(f"{text!r} would be taken for a pattern: it has a {found[0]}")
        return cls(parts[0].lower(), parts[1].lower())

    def __str__(self) -> str:
        return join_name((self.catalog, self.name))

    @property
    def sql(self) -> str:
        """The name for a statement."""
        return f"{quote(self.catalog)}.{quote(self.name)}"

    def table(self, name: str) -> str:
        """Return the name of a table for a statement."""
        return table_reference(self.catalog, self.name, name)

    def full_name(self, name: str) -> str:
        """Return the name of a table as reports have it."""
        return join_name((self.catalog, self.name, name))

    @property
    def grants(self) -> str:
        """What has to be granted so that the factory can work here."""
        return (
            f"GRANT USE CATALOG ON CATALOG {quote(self.catalog)} TO `<you>`;"
            f" GRANT USE SCHEMA, CREATE TABLE ON SCHEMA {self.sql} TO `<you>`"
            " (or CREATE SCHEMA ON CATALOG, where the schema is not there yet)"
        )
