"""Reads many tables at once, in order, and turns each one's trouble into a failure record."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from deltalake.exceptions import TableNotFoundError

from lakewarden_collector.document import Absence, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta.diagnosis import diagnose, record
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.fault import TableFaultError
from lakewarden_collector.sources.delta.layout import find_tables
from lakewarden_collector.sources.delta.list_file import read_list
from lakewarden_collector.sources.delta.lost_stores import LostStores
from lakewarden_collector.sources.delta.snapshot import read_document
from lakewarden_collector.sources.delta.stores import local_path
from lakewarden_collector.times import utc_now

_WORKERS: Final = 8
_WINDOW: Final = 4 * _WORKERS
"""Tables that are read or wait to be handed out: what bounds the memory."""


def find_entries(location: str) -> list[Entry | Failure]:
    """Return what a folder or a list file holds, sorted by full name.

    Raises `SourceError` where the location cannot be opened at all.
    """
    path = local_path(location)
    found = [*read_list(path)] if path and path.is_file() else find_tables(location)
    return sorted(found, key=_full_name)


def read_entries(
    entries: Sequence[Entry | Failure],
) -> Generator[TableDocument | Failure, None, None]:
    """Yield a document or a failure for each entry, in the entries' order.

    Closing the generator drops what has not begun; a table that is being read is read to its end.
    """
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="delta")
    lost = LostStores()
    window: deque[Future[TableDocument | Failure]] = deque()
    try:
        for entry in entries:
            window.append(pool.submit(_read, entry, lost))
            if len(window) >= _WINDOW:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read(entry: Entry | Failure, lost: LostStores) -> TableDocument | Failure:
    if isinstance(entry, Failure):
        return entry
    fault: TableFaultError | None = None
    try:
        lost.check(entry.uri)
        return read_document(entry, utc_now())
    except BaseException as error:  # noqa: BLE001 -- a panic of delta-rs is no Exception, and one table's trouble; Ctrl-C never reaches a worker
        fault = diagnose(entry, error)
        delta = entry.declared.data_source_format.upper().startswith("DELTA")
        if isinstance(error, TableNotFoundError) and not delta:
            return _without_evidence(entry)
        return record(entry, fault)
    finally:
        lost.note(entry.uri, fault)


def _full_name(found: Entry | Failure) -> str:
    return found.what if isinstance(found, Failure) else found.full_name


def _without_evidence(entry: Entry) -> TableDocument:
    """Return what the list file alone says of a table that is declared to be no Delta table."""
    declared = entry.declared
    absence = Absence(
        status="unsupported",
        reason=f"only Delta tables are read, and this one is {declared.data_source_format}",
    )
    catalog_name, schema_name, name = entry.parts
    return TableDocument(
        full_name=entry.full_name,
        catalog_name=catalog_name,
        schema_name=schema_name,
        name=name,
        table_type=declared.table_type,
        data_source_format=declared.data_source_format,
        owner=declared.owner,
        evidence=dict.fromkeys(("comment", "size", "columns", "properties", "detail"), absence),
    )
