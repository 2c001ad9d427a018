"""What a previous inventory spares.

Sizes, where they are fresh and far from every threshold; predictive optimization, where the
inventory is fresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import UNSET, Struct, structs

from lakewarden_collector.document import PredictiveOptimization, Size, TableDocument
from lakewarden_collector.errors import InventoryError
from lakewarden_collector.file_kinds import FileKind, Wanted, mismatch, recognise_file
from lakewarden_collector.inventory import Failure, InventoryReader
from lakewarden_collector.names import split_name
from lakewarden_collector.sources.databricks.evidence.lookup import with_evidence
from lakewarden_collector.sources.databricks.evidence.metrics_history import OPTIMIZATION

MARGIN: Final = 0.05
"""An exact size is taken over only if a twentieth more and a twentieth less decide alike. It allows
for what a table grows within the maximal age; ADR 0015."""


class PreviousInventory(Struct, frozen=True, kw_only=True):
    """What a previous inventory tells.

    `sizes` maps a `table_id` to a size: names get reused, ids do not. `names` maps each of its
    tables' full names to the three parts and the id, for the reconciliation.
    """

    sizes: Mapping[str, Size]
    names: Mapping[str, tuple[str, str, str, str]]
    optimizations: Mapping[str, PredictiveOptimization] = {}
    """By `table_id`, of an inventory that is fresh enough; the listing of today goes first."""
    lost: Sequence[tuple[str, ...]] = ()
    """Tables that it names as failures, by their three parts."""


NOTHING: Final = PreviousInventory(sizes={}, names={})

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SKEW: Final = timedelta(minutes=10)
"""What another clock may be ahead of ours."""


def read_previous(path: Path, *, now: datetime, max_age: timedelta) -> PreviousInventory:
    """Read an inventory; raises `InventoryError` where that is not possible.

    A size without a time, of the future, or older than `max_age` before `now`, is not taken.
    """
    sizes: dict[str, Size] = {}
    names: dict[str, tuple[str, str, str, str]] = {}
    optimizations: dict[str, PredictiveOptimization] = {}
    lost: list[tuple[str, ...]] = []
    ages = (now - min(max_age, now - _EPOCH), now + _SKEW)
    try:
        kind = recognise_file(path)
        if kind not in {None, FileKind.INVENTORY}:
            what, remedy = mismatch(kind, Wanted.INVENTORY)
            raise InventoryError(what, where=str(path), remedy=remedy)
        with path.open("rb") as stream:
            reader = InventoryReader(stream, str(path))
            for item in reader:
                if isinstance(item, Failure):
                    lost.extend(_table(item))
                    continue
                identity = item.table_id if isinstance(item.table_id, str) else ""
                names[item.full_name] = (item.catalog_name, item.schema_name, item.name, identity)
                if identity and _usable(item.size, *ages):
                    sizes[identity] = item.size
                if identity and item.predictive_optimization.enabled is not UNSET:
                    optimizations[identity] = item.predictive_optimization
            header = reader.header
    except OSError as error:
        raise _unusable(f"can't be read: {error.strerror or error}", path) from error
    if not names and header is None:
        raise _unusable("isn't an inventory: it has neither its first line nor a table", path)
    if header is None or not _within(header.started_at, *ages):
        optimizations = {}
    return PreviousInventory(sizes=sizes, names=names, lost=lost, optimizations=optimizations)


def _table(failure: Failure) -> Iterator[tuple[str, ...]]:
    """Yield the three parts of the table that a failure is about, if it is about one."""
    try:
        parts = split_name(failure.what.removeprefix("table "))
    except ValueError:
        return
    if failure.covers == "table" and len(parts) == 3:  # noqa: PLR2004 -- catalog, schema, name
        yield parts


def _unusable(what: str, path: Path) -> InventoryError:
    remedy = "Name an inventory that `lakewarden collect` wrote."
    return InventoryError(what, where=str(path), remedy=remedy)


def _usable(size: Size, oldest: datetime, newest: datetime) -> bool:
    return (
        isinstance(size.bytes, int)
        and isinstance(size.as_of, str)
        and _within(size.as_of, oldest, newest)
    )


def _within(time: str, oldest: datetime, newest: datetime) -> bool:
    """Tell whether a time lies between others; one that cannot be read does not."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return False
    return moment.tzinfo is not None and oldest <= moment <= newest


def variants(document: TableDocument, size: Size) -> Iterable[TableDocument]:
    """Return the document with the size a little smaller and a little larger."""
    known = size.bytes
    assert isinstance(known, int)  # noqa: S101 -- sizes without bytes are never kept
    for factor in (1 - MARGIN, 1 + MARGIN):
        yield with_size(document, structs.replace(size, bytes=round(known * factor)))


def with_size(document: TableDocument, size: Size) -> TableDocument:
    """Return the document with a size, and without the reason why it had none."""
    evidence = {name: why for name, why in document.evidence.items() if name != "size"}
    return structs.replace(document, size=size, evidence=evidence)


def previous_size(previous: PreviousInventory, document: TableDocument) -> Size | None:
    """Return the size that the same table had, by its `table_id`."""
    if document.table_id is UNSET:
        return None
    return previous.sizes.get(document.table_id)


def with_previous_optimization(
    previous: PreviousInventory, document: TableDocument
) -> TableDocument | None:
    """Return the document with the predictive optimization that the same table had, if known."""
    identity = document.table_id
    found = None if identity is UNSET else previous.optimizations.get(identity)
    if found is None:
        return None
    return with_evidence(document, OPTIMIZATION, predictive_optimization=found)
