"""List files: one table a line, `full_name = URI`, with attributes after it.

    # comments and blank lines are skipped
    main.sales.orders = s3://lake/orders
    main.sales.`2024.returns` = "returns 2024"  table_type=MANAGED owner="data platform"

A name's part that holds a dot, a blank, `=` or a back-quote, or begins with `#`, stands between
back-quotes; a URI or a value that holds a blank, between double quotes. A relative path starts
from the list file's folder. Attributes are `table_type`, `data_source_format` and `owner`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakewarden_collector.errors import SourceError
from lakewarden_collector.names import leading_name
from lakewarden_collector.sources.delta.entry import Declared, Entry
from lakewarden_collector.sources.delta.stores import expanded, is_uri

_ATTRIBUTES: Final = Declared.__struct_fields__
_TOKEN: Final = re.compile(r'\s*((?:[^\s"]|"[^"]*")+)')
_COMMENT: Final = "#"
_SYNTAX: Final = "Write `catalog.schema.table = URI`, then attributes such as table_type=MANAGED."
_PARTS: Final = 3


def read_list(path: Path) -> list[Entry]:
    """Return the tables that a list file names, in the file's order.

    Raises `SourceError` naming file and line for a line that cannot be read, and for a name that
    stands there twice.
    """
    seen: dict[str, int] = {}
    entries: list[Entry] = []
    for number, line in _lines(path):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        where = f"{path}:{number}"
        try:
            entry = _parse(line.strip(), path.parent)
        except ValueError as error:
            raise SourceError(str(error), where=where, remedy=_SYNTAX) from error
        first = seen.setdefault(entry.full_name, number)
        if first != number:
            raise SourceError(
                f"{entry.full_name} is already on line {first}",
                where=where,
                remedy="Keep one line for each table.",
            )
        entries.append(entry)
    return entries


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from enumerate(file, 1)
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the list file can't be read: {error}",
            where=str(path),
            remedy="Name a readable text file in UTF-8, or a folder.",
        ) from error


def _parse(line: str, folder: Path) -> Entry:
    parts, rest = leading_name(line)
    if len(parts) != _PARTS:
        raise ValueError(f"a name has three parts (catalog.schema.table), this one {len(parts)}")
    rest = rest.lstrip()
    if not rest.startswith("="):
        raise ValueError("an = was expected after the name")
    location, *attributes = [*_tokens(rest[1:])] or [""]
    if not location:
        raise ValueError("a URI or path was expected after =")
    catalog, schema, table = parts
    return Entry(
        parts=(catalog, schema, table),
        uri=location if is_uri(location) else str(folder / expanded(location)),
        declared=_declared(attributes),
    )


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError("a double quote is not closed")
        if found[1].startswith(_COMMENT):
            return
        yield found[1].replace('"', "")
        position = found.end()


def _declared(attributes: list[str]) -> Declared:
    values: dict[str, str] = {}
    for attribute in attributes:
        name, equals, value = attribute.partition("=")
        if name not in _ATTRIBUTES:
            raise ValueError(f"there is no attribute {name!r}; there are {', '.join(_ATTRIBUTES)}")
        if not equals or not value:
            raise ValueError(f"the attribute {name} needs a value: {name}=…")
        if name in values:
            raise ValueError(f"the attribute {name} stands there twice")
        values[name] = value
    return Declared(**values)
