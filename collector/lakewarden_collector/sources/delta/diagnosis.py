"""Finds out why a table could not be read: which file, which line, and what to do.

delta-rs says what went wrong but seldom where, so the log is looked through again.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
import pyarrow.parquet as pq
from deltalake.exceptions import TableNotFoundError
from msgspec import Struct
from obstore.store import ObjectStore

from lakewarden_collector.decoding import decoder
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta.entry import Entry
from lakewarden_collector.sources.delta.fault import TableFaultError, said
from lakewarden_collector.sources.delta.log_actions import (
    StoredFile,
    damaged_file,
    lines,
)
from lakewarden_collector.sources.delta.log_files import LOG_FOLDER, LogSegment, read_segment
from lakewarden_collector.sources.delta.store_fault import store_fault
from lakewarden_collector.sources.delta.stores import local_path, open_store

_WRAPPING: Final = re.compile(r"^(Kernel error: |Kernel error -> |Generic delta kernel error: )+")
_ABSENT: Final = re.compile(rf"Object at location .*({LOG_FOLDER}/.+?) not found")
_UNSUPPORTED: Final = re.compile(r"unsupported|not supported", re.IGNORECASE)


class _Add(Struct, rename="camel"):
    path: str
    size: int


class _Remove(Struct):
    path: str


class _Metadata(Struct, rename="camel"):
    id: str
    schema_string: str
    partition_columns: list[str]
    configuration: dict[str, str] = {}


class _Protocol(Struct, rename="camel"):
    min_reader_version: int
    min_writer_version: int


class _Action(Struct, rename="camel"):
    """The parts of an action without which no reader can do."""

    add: _Add | None = None
    remove: _Remove | None = None
    meta_data: _Metadata | None = None
    protocol: _Protocol | None = None


_decode_action: Final = decoder(_Action).decode
_decode_schema: Final = decoder(dict[str, Any]).decode


def record(entry: Entry, fault: TableFaultError) -> Failure:
    """Return the failure record of a table; the fault's `where` is below the table's folder."""
    where = f"{entry.uri}/{fault.where}" if fault.where else entry.uri
    return Failure(what=entry.full_name, where=where, reason=fault.what, remedy=fault.remedy)


def diagnose(entry: Entry, error: BaseException) -> TableFaultError:
    """Return what is wrong with a table, or with its store, whose reading ended in `error`."""
    return error if isinstance(error, TableFaultError) else _fault(entry, error)


def _fault(entry: Entry, error: BaseException) -> TableFaultError:
    reason = _WRAPPING.sub("", said(error))
    if isinstance(error, TableNotFoundError):
        return TableFaultError(
            f"this is no Delta table: no commit lies in its {LOG_FOLDER}",
            remedy="Remove it, or begin the folder's name with _ or . to have it skipped.",
        )
    if isinstance(error, PermissionError):
        return TableFaultError(reason, remedy="Give this user the right to read the folder.")
    if absent := _ABSENT.search(reason):
        return damaged_file(absent[1], FileNotFoundError("this file, which it needs, is missing"))
    if local_path(entry.uri) is None and (fault := store_fault(reason)):
        return fault
    if _UNSUPPORTED.search(reason):
        return TableFaultError(
            f"its protocol is not supported: {reason}",
            where=LOG_FOLDER,
            remedy="Collect it through Databricks, or drop the table feature (DROP FEATURE).",
        )
    return _found_in_log(entry) or TableFaultError(
        f"the table cannot be read: {reason}",
        where=LOG_FOLDER,
        remedy="Check the table with the engine that writes it, then collect again.",
    )


def _found_in_log(entry: Entry) -> TableFaultError | None:
    """Return the first damaged file of the log's latest version, if one can be found."""
    try:
        store = open_store(entry.uri)
        segment = read_segment(store)
        _check_checkpoint(store, segment)
        for commit in segment.commits:
            _check_commit(store, commit.path)
    except TableFaultError as fault:
        return fault
    except Exception:  # noqa: BLE001 -- the store's trouble is in delta-rs's own words already
        return None
    return None


def _check_checkpoint(store: ObjectStore, segment: LogSegment) -> None:
    for file in segment.checkpoint:
        if file.path.endswith(".json"):
            _check_commit(store, file.path)
            continue
        try:
            with pq.ParquetFile(StoredFile(store, file.path)) as parquet:
                for _ in parquet.iter_batches():
                    pass
        except (OSError, ValueError) as error:
            raise damaged_file(file.path, error) from error


def _check_commit(store: ObjectStore, path: str) -> None:
    for number, line in lines(store, path):
        try:
            action = _decode_action(line)
            if action.meta_data is not None:
                _decode_schema(action.meta_data.schema_string)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise damaged_file(f"{path}:{number}", error) from error
