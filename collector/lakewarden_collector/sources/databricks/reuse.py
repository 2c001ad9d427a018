"""Sizes of an earlier inventory, taken over where they are fresh and far from every threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import UNSET, Struct, structs

from lakewarden_collector.document import Size, TableDocument
from lakewarden_collector.errors import InventoryError
from lakewarden_collector.inventory import Failure, InventoryReader

MARGIN: Final = 0.05
"""An exact size is taken over only if a twentieth more and a twentieth less decide alike. It allows
for what a table grows within the maximal age; ADR 0014."""


class Earlier(Struct, frozen=True, kw_only=True):
    """What an earlier inventory tells.

    `sizes` maps a `table_id` to a size: names get reused, ids do not. `names` maps each of its
    tables' full names to the three parts and the id, for the reconciliation.
    """

    sizes: Mapping[str, Size]
    names: Mapping[str, tuple[str, str, str, str]]


NOTHING: Final = Earlier(sizes={}, names={})


def read_earlier(path: Path, *, now: datetime, max_age: timedelta) -> Earlier:
    """Read an inventory; raises `InventoryError` where that is not possible.

    A size without a time, or older than `max_age` before `now`, is not taken.
    """
    sizes: dict[str, Size] = {}
    names: dict[str, tuple[str, str, str, str]] = {}
    oldest = now - max_age
    try:
        with path.open("rb") as stream:
            reader = InventoryReader(stream, str(path))
            for item in reader:
                if isinstance(item, Failure):
                    continue
                identity = item.table_id if isinstance(item.table_id, str) else ""
                names[item.full_name] = (item.catalog_name, item.schema_name, item.name, identity)
                if identity and _usable(item.size, oldest):
                    sizes[identity] = item.size
    except OSError as error:
        raise _unusable(f"cannot be read: {error.strerror or error}", path) from error
    if not names and reader.header is None:
        raise _unusable("is no inventory: it has neither its first line nor a table", path)
    return Earlier(sizes=sizes, names=names)


def _unusable(what: str, path: Path) -> InventoryError:
    remedy = "Name an inventory that `lakewarden collect` wrote."
    return InventoryError(what, where=str(path), remedy=remedy)


def _usable(size: Size, oldest: datetime) -> bool:
    return (
        isinstance(size.bytes, int)
        and isinstance(size.as_of, str)
        and datetime.fromisoformat(size.as_of) >= oldest
    )


def variants(document: TableDocument, size: Size) -> Iterable[TableDocument]:
    """Return the document with the size a little smaller and a little larger."""
    known = size.bytes
    assert isinstance(known, int)  # noqa: S101 -- sizes without bytes are never kept
    for factor in (1 - MARGIN, 1 + MARGIN):
        yield with_size(document, structs.replace(size, bytes=round(known * factor)))


def with_size(document: TableDocument, size: Size) -> TableDocument:
    """Return the document with a size, and without the reason why it had none."""
    evidence = {kind: why for kind, why in document.evidence.items() if kind != "size"}
    return structs.replace(document, size=size, evidence=evidence)


def earlier_size(earlier: Earlier, document: TableDocument) -> Size | None:
    """Return the size that the same table had, by its `table_id`."""
    if document.table_id is UNSET:
        return None
    return earlier.sizes.get(document.table_id)
