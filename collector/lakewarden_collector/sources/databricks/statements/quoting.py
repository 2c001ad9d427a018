"""Names in the text of a statement.

Databricks SQL takes any character of a name between back-quotes, with a back-quote inside doubled
(https://docs.databricks.com/en/sql/language-manual/sql-ref-identifiers.html). `DESCRIBE DETAIL` is
parsed by Delta's own grammar, which knows neither `IDENTIFIER(…)` nor parameters for names
(`DeltaSqlBase.g4`), so names are quoted into the text, and only here.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_UNWRITABLE: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
"""Control characters (a line could end there), line and paragraph separators, and lone surrogates,
which no request can carry. Unity Catalog allows none of them in a name."""


def quote(part: str) -> str:
    """Return one part of a name between back-quotes.

    A dot in it isn't a separator. Raises `ValueError` for an empty part and for one with a
    character that no name can have.
    """
    if not part:
        raise ValueError("a part of a name is empty")
    for character in part:
        if unicodedata.category(character) in _UNWRITABLE:
            raise ValueError(f"the name {part!r} has the control character {character!r}")
    return "`" + part.replace("`", "``") + "`"


def table_reference(catalog: str, schema: str, name: str) -> str:
    """Return the three parts of a table's name, each quoted, with dots between."""
    return ".".join(quote(part) for part in (catalog, schema, name))
