"""Reads many tables at once, in order, and turns each one's trouble into a failure record."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final

from lakewarden_collector.daemon_pool import Workers
from lakewarden_collector.document import Absence, PredictiveOptimization, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.fault import NoTableError, TableFaultError, error_text
from lakewarden_collector.sources.delta.layout import find_tables
from lakewarden_collector.sources.delta.list_file import read_list
from lakewarden_collector.sources.delta.log_files import LOG_FOLDER
from lakewarden_collector.sources.delta.lost_stores import LostStores
from lakewarden_collector.sources.delta.memory import MemoryBudget
from lakewarden_collector.sources.delta.snapshot import read_document
from lakewarden_collector.sources.delta.store_fault import store_fault
from lakewarden_collector.sources.delta.stores import local_path
from lakewarden_collector.times import utc_now

_WORKERS: Final = 8
_WINDOW: Final = 4 * _WORKERS
"""Tables that are read or wait to be handed out: what bounds the memory beside the budget."""


def find_entries(location: str) -> list[Entry | Failure]:
    """Return what a folder or a list file holds, sorted by full name.

    Raises `SourceError` where the location cannot be opened at all.
    """
    path = local_path(location)
    if path and path.is_file():
        return sorted(read_list(path), key=_full_name)
    # A store may hang, and only the main thread is told of Ctrl-C: it must not be the one to wait.
    with Workers[list[Entry | Failure]](1, "delta-list") as worker:
        return sorted(worker.submit(lambda: find_tables(location)).result(), key=_full_name)


def read_entries(
    entries: Sequence[Entry | Failure],
) -> Generator[TableDocument | Failure, None, None]:
    """Yield a document or a failure for each entry, in the entries' order.

    Closing the generator drops what has not begun, and waits for nothing that is being read.
    """
    lost = LostStores()
    budget = MemoryBudget()
    window: deque[Future[TableDocument | Failure]] = deque()
    with Workers[TableDocument | Failure](_WORKERS, "delta") as workers:
        for entry in entries:
            window.append(workers.submit(partial(_read, entry, lost, budget)))
            if len(window) >= _WINDOW:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()


def _read(
    entry: Entry | Failure, lost: LostStores, budget: MemoryBudget
) -> TableDocument | Failure:
    if isinstance(entry, Failure):
        return entry
    fault: TableFaultError | None = None
    try:
        lost.check(entry.uri)
        return read_document(entry, utc_now(), budget)
    except BaseException as error:  # noqa: BLE001 -- a panic in Rust is not an Exception, and one table's trouble; Ctrl-C never reaches a worker
        fault = _fault(entry, error)
        delta = entry.declared.data_source_format.upper().startswith("DELTA")
        if isinstance(fault, NoTableError) and not delta:
            return _without_evidence(entry)
        return _failure(entry, fault)
    finally:
        lost.note(entry.uri, fault)


def _fault(entry: Entry, error: BaseException) -> TableFaultError:
    if isinstance(error, TableFaultError):
        return error
    reason = error_text(error)
    if isinstance(error, PermissionError) and local_path(entry.uri) is not None:
        return TableFaultError(reason, remedy="Give this user permission to read the folder.")
    if local_path(entry.uri) is None and (fault := store_fault(reason)):
        return fault
    return TableFaultError(
        f"the table can't be read: {reason}",
        where=LOG_FOLDER,
        remedy="Check the table with the engine that writes it, then collect again.",
    )


def _failure(entry: Entry, fault: TableFaultError) -> Failure:
    """Return the failure record of a table; the fault's `where` is below the table's folder."""
    where = f"{entry.uri}/{fault.where}" if fault.where else entry.uri
    return Failure(what=entry.full_name, where=where, reason=fault.what, remedy=fault.remedy)


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
        predictive_optimization=PredictiveOptimization(enabled=False),
        evidence=dict.fromkeys(("comment", "size", "columns", "properties", "detail"), absence),
    )
