"""Three-level names in a Spark that has only two levels, and whose names are ASCII words.

Spark's built-in catalog refuses all but letters, digits and `_` (INVALID_SCHEMA_OR_RELATION_NAME),
and a name becomes a folder of at most 255 bytes. So a plain short name stays as it is, and any
other becomes what is plain in it, and a hash; what it stands for is remembered.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable
from typing import Final

from tests.workspace.spark_words import quoted

_PLAIN: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_LONGEST: Final = 80
_NUMBER: Final = itertools.count(1)


class Names:
    """Both ways between `catalog`.`schema`.`table` and what Spark knows.

    Names are without case, as Unity Catalog stores them: in lower case. Every `Names` has a prefix
    of its own, so that several estates can share one Spark. Catalogs are Spark's names' first
    part: `main`.`sales` is the schema `e1__main__sales`.
    """

    def __init__(self) -> None:
        self._prefix = f"e{next(_NUMBER)}"
        self._schemas: dict[str, tuple[str, str]] = {}
        self._tables: dict[str, str] = {}
        self._known = re.compile(
            rf"(?<![\w/])(?:(?:`spark_catalog`|spark_catalog)\.)?"
            rf"(?P<tick>`?)(?P<schema>{self._prefix}__\w+)(?P=tick)"
            r"(?:\.(?P<tick2>`?)(?P<table>\w+)(?P=tick2))?"
        )

    def schema(self, catalog: str, schema: str) -> str:
        """Return Spark's schema of a schema in a catalog."""
        parts = (catalog.lower(), schema.lower())
        plain = all(map(_is_plain, parts))
        inner = "__".join(parts) if plain else _hashed(parts)
        found = f"{self._prefix}__{inner}"
        self._schemas[found] = parts
        return found

    def table(self, name: str) -> str:
        """Return Spark's name of a table; it is the same in every schema."""
        folded = name.lower()
        found = folded if _is_plain(folded) else _hashed((folded,))
        self._tables[found] = folded
        return found

    def schemas(self) -> list[tuple[str, str, str]]:
        """Return each schema that was ever named: catalog, schema, Spark's schema."""
        return sorted((*parts, found) for found, parts in list(self._schemas.items()))

    def table_of(self, found: str) -> str:
        """Return the table that Spark knows by a name."""
        return self._tables[found]

    def cell(self, text: str) -> str:
        """Return a cell of what a command such as SHOW TABLES answers, in the user's names."""
        if text in self._schemas:
            return self._schemas[text][1]
        if "___" in text and text in self._tables:
            return self._tables[text]
        return self.restored(text)

    def restored(self, text: str) -> str:
        """Return a message with the user's names in it, quoted where Spark quoted its own."""
        return self._known.sub(self._restore, text)

    def _restore(self, match: re.Match[str]) -> str:
        if match["schema"] not in self._schemas:
            return match[0]
        parts: tuple[str, ...] = self._schemas[match["schema"]]
        table = match["table"]
        if table is not None:
            parts = (*parts, self._tables.get(table, table))
        spell: Callable[..., str] = quoted if match["tick"] else _bare
        return spell(*parts)


def _is_plain(part: str) -> bool:
    return len(part) <= _LONGEST and _PLAIN.fullmatch(part) is not None


def _hashed(parts: tuple[str, ...]) -> str:
    """Return a name that no plain one is like: three underscores stand before its hash."""
    slug = "_".join(re.findall(r"[a-z0-9]+", "_".join(parts)))[:20].strip("_") or "x"
    return f"{slug}___{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]}"


def _bare(*parts: str) -> str:
    return ".".join(parts)
