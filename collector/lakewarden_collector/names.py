"""Names of several parts: `catalog.schema.table` and nested columns, with back-quotes.

Databricks SQL and Spark write a part that would be ambiguous between back-quotes and double the
back-quotes inside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_FULL: Final = 3
_PART: Final = re.compile(r"`((?:[^`]|``)+)`|([^`.=\s]+)")
_AMBIGUOUS: Final = re.compile(r"[.`=\s]")
_BARE_IN_SQL: Final = re.compile(r"[a-zA-Z0-9_]+")
_BARE_IN_SPARK: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def join_name(parts: Sequence[str]) -> str:
    """Return the parts with dots between, quoted only where `split_name` could not split them."""
    return ".".join(_quoted(part) if _AMBIGUOUS.search(part) else part for part in parts)


def sql_name(parts: Sequence[str]) -> str:
    """Return the parts with dots between, quoting all but letters of ASCII, digits and `_`."""
    return ".".join(part if _BARE_IN_SQL.fullmatch(part) else _quoted(part) for part in parts)


def spark_name(parts: Sequence[str]) -> str:
    """Return a column's name as Spark prints it, quoting all that isn't a plain identifier."""
    return ".".join(part if _BARE_IN_SPARK.fullmatch(part) else _quoted(part) for part in parts)


def leading_name(text: str) -> tuple[tuple[str, ...], str]:
    """Split the name off the front of `text`; return its parts and what follows.

    Raises `ValueError` where the text does not begin with a name.
    """
    parts: list[str] = []
    position = 0
    while True:
        found = _PART.match(text, position)
        if found is None:
            raise ValueError(f"a name was expected at {text[position:]!r}")
        quoted, bare = found.groups()
        parts.append(bare if quoted is None else quoted.replace("``", "`"))
        position = found.end()
        if not text.startswith(".", position):
            return tuple(parts), text[position:]
        position += 1


def split_name(text: str) -> tuple[str, ...]:
    """Return the parts of a name; raises `ValueError` where it is none."""
    parts, rest = leading_name(text)
    if rest:
        raise ValueError(f"{text!r} isn't a name: {rest!r} is left over")
    return parts


def is_full(name: str) -> bool:
    """Whether a name has a catalog, a schema and a table's own name."""
    try:
        return len(split_name(name)) == _FULL
    except ValueError:
        return False


def full_name(text: str) -> str:
    """Return a table's full name as documents have it, without back-quotes that it doesn't need.

    Raises `ValueError`, which says what to write, where the text isn't `catalog.schema.table`.
    """
    try:
        parts = split_name(text)
    except ValueError:
        parts = ()
    if len(parts) == _FULL:
        return join_name(parts)
    plain = text.replace("`", "").split(".", _FULL - 1)
    guess = join_name(plain) if len(plain) == _FULL and all(plain) else "prod.sales.`a.b`"
    raise ValueError(
        "Write catalog.schema.table, and between back-quotes each part that has a dot, a blank "
        f"or a = in it, such as {guess}."
    )


def _quoted(part: str) -> str:
    return "`" + part.replace("`", "``") + "`"
