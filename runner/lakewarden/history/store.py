"""The history as a Delta table: opened, read in part, and given one run with one commit.

One commit holds all rows of a run, so a crash leaves the run out and nothing else; files of a
commit that never came are ignored by every reader. Commits are optimistic: where another writer was
faster, the rows are made again from what it added, since they say what earlier runs mean.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import msgspec
import obstore
import pyarrow as pa
from deltalake import (
    CommitProperties,
    DeltaTable,
    QueryBuilder,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from msgspec import Struct
from obstore.exceptions import BaseError, NotFoundError

from lakewarden.history.columns import (
    COLUMNS,
    DECISION,
    NEEDED,
    PARTITION,
    READ_OF_RUNS,
    RUN,
    SCHEMA,
    VERSION,
    VERSION_PROPERTY,
)
from lakewarden.model.errors import ConfigurationError, HistoryError
from lakewarden.model.report import Run
from lakewarden_collector.decoding import decoder
from lakewarden_collector.sources.delta.fault import TableFaultError, error_text
from lakewarden_collector.sources.delta.log_files import LOG_FOLDER
from lakewarden_collector.sources.delta.store_fault import ENVIRONMENT
from lakewarden_collector.sources.delta.stores import RETRY_SECONDS, local_path, open_store

_decode_run: Final = decoder(Run).decode
_ATTEMPTS: Final = 20
_PAUSE: Final = 0.2
"""Seconds, about, before another attempt at a commit."""

_WRITING: Final = WriterProperties(compression="ZSTD", max_row_group_size=100_000)
RUN_FILES: Final = 25
"""From how many files with the rows of runs on one file is made of them."""
_NAME: Final = "lakewarden_history"
_DESCRIPTION: Final = "Runs of Lakewarden: each run, its decisions, and what became of its failures"
PACKS: Final = "_packs"
"""The folder of evidence packs in the table's."""

_FAULTS: Final = (
    *(DeltaError, OSError, ValueError, RuntimeError),
    *(pa.ArrowException, msgspec.MsgspecError),
)
"""What deltalake and pyarrow raise for a table, or a store, that isn't as it should be."""


_RESTORE: Final = "Restore the table, for example from a backup, or name a new folder."
_DUMP: Final = re.compile(r": [A-Z]\w+ \{ \w+: .*")
"""What Rust prints of its own values."""


class BrokenHistoryError(ConfigurationError):
    """A history is there, or a store that may have it, and can't be opened or read."""


class HistoryTable:
    """The Delta table at a folder or URI; credentials of a store come from the environment."""

    def __init__(self, location: str) -> None:
        self.location = location
        local = local_path(location)
        self._path = local
        self._uri = str(local) if local is not None else location
        self._options = None if local is not None else {"retry_timeout": f"{RETRY_SECONDS}s"}
        if unquote(self._uri) != self._uri and local is not None:
            raise self._refused(
                "has a % in its path that delta-rs would take for an escape",
                "Name a folder without it.",
            )

    def open(self) -> Snapshot:
        """Return the table as it is now; make an empty one where there is none.

        Raises `ConfigurationError` where it can't be made, isn't a history, or is one of another
        version; `BrokenHistoryError` where it can't be opened.
        """
        if (snapshot := self.peek()) is not None:
            return snapshot
        self._refuse_other_tables()
        self._refuse_other_files()
        try:
            DeltaTable.create(
                self._uri,
                schema=SCHEMA,
                mode="ignore",
                partition_by=[PARTITION],
                name=_NAME,
                description=_DESCRIPTION,
                configuration={
                    VERSION_PROPERTY: VERSION,
                    "delta.dataSkippingStatsColumns": "run_id,clock",
                },
                storage_options=self._options,
                raise_if_key_not_exists=False,
            )
        except _FAULTS as fault:
            # Another writer may have made it meanwhile.
            if (snapshot := self.peek()) is not None:
                return snapshot
            raise self._refused(f"can't be made: {_reason(fault)}", self._remedy) from fault
        return self._again()

    def peek(self) -> Snapshot | None:
        """Return the table as it is now; None where there is none.

        Raises `ConfigurationError` as `open` does.
        """
        if self._path is not None and self._path.is_file():
            raise self._refused("is a file, not a folder", "Name a folder of its own.")
        try:  # `is_deltatable` would hold up all threads while it asks a store
            return self._loaded()
        except TableNotFoundError:
            return None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what is raised for a broken table, within the block, into `BrokenHistoryError`."""
        try:
            yield
        except ConfigurationError:
            raise
        except (*_FAULTS, LookupError, TypeError, AttributeError) as fault:
            raise self._broken(fault, "read") from fault

    def _loaded(self) -> Snapshot:
        try:
            table = DeltaTable(self._uri, storage_options=self._options)
            self._check(table)
        except TableNotFoundError:
            raise
        except _FAULTS as fault:
            raise self._broken(fault, "opened") from fault
        return Snapshot(table)

    def _check(self, table: DeltaTable) -> None:
        version = table.metadata().configuration.get(VERSION_PROPERTY)
        if version is None:
            raise self._refused(
                "is a Delta table, but not a history of Lakewarden",
                "Name a folder that isn't there yet, or one that --history has made.",
            )
        if version != VERSION:
            raise self._refused(
                f"has version {version} of the history; this version of Lakewarden writes "
                f"{VERSION}",
                "Use the version of Lakewarden that made it, or name a new folder.",
            )
        found = {field.name: field.type.type for field in table.schema().fields}
        for column in COLUMNS:
            type_name = found.get(column.name)
            if type_name is None and column.name not in NEEDED:
                continue  # an older version made the table; the next run adds the column
            if type_name != column.type_name:
                raise self._refused(
                    f"has no column {column.name} of type {column.type_name}",
                    _RESTORE,
                )
        if self._path is not None:
            for folder in (self._path, self._path / LOG_FOLDER):
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise self._refused(
                        "can't be written: its folder or the file system doesn't allow it",
                        "Allow writing there, or name another folder.",
                    )

    def _refuse_other_tables(self) -> None:
        """Refuse a folder within a Delta table, whose VACUUM would remove what it doesn't know."""
        for folder in self._path.parents if self._path is not None else ():
            if (folder / LOG_FOLDER).is_dir():
                raise self._refused(
                    f"is inside of the Delta table {folder}, whose VACUUM would remove it",
                    "Name a folder outside of any table.",
                )

    def _refuse_other_files(self) -> None:
        if self._path is None or not self._path.exists():
            return
        try:
            others = [each for each in self._path.iterdir() if each.name != LOG_FOLDER]
        except OSError as error:
            raise self._refused(f"can't be made: {_reason(error)}", self._remedy) from error
        if others:
            raise self._refused(
                f"isn't a history, and has other files in it, such as {others[0].name}",
                "Name a folder of its own, which is made where it isn't there yet.",
            )

    def _refused(self, what: str, remedy: str) -> ConfigurationError:
        return ConfigurationError(what, where=f"--history {self.location}", remedy=remedy)

    def _broken(self, fault: Exception, verb: str) -> BrokenHistoryError:
        remedy = _RESTORE if self._path is not None else self._remedy
        where = f"--history {self.location}"
        return BrokenHistoryError(f"can't be {verb}: {_reason(fault)}", where=where, remedy=remedy)

    @property
    def _remedy(self) -> str:
        if self._path is not None:
            return "Name a folder that you may write to, or allow writing to this one."
        return f"Check the URI, the network and the credentials {ENVIRONMENT}."

    def append(
        self,
        app_id: str,
        rows: Callable[[Snapshot], Iterator[pa.RecordBatch] | None],
    ) -> bool:
        """Add the rows of a run with one commit; return false where `rows` has none.

        `rows` is asked again with the table's new state wherever another writer was faster.
        Raises `HistoryError` where it can't be added: then nothing is.
        """
        last = ""
        try:
            for _ in range(_ATTEMPTS):
                current = self._again()
                made = None if current.has(app_id) else rows(current)
                if made is None:
                    return False
                try:
                    current.write(made, app_id)
                except CommitFailedError as failure:
                    last = _reason(failure)
                    time.sleep(_PAUSE * (0.5 + random.random()))  # noqa: S311 -- no secret
                else:
                    current.tidy()
                    return True
        except ConfigurationError as problem:  # it was changed while the run went on
            raise self.lost(problem) from problem
        except _FAULTS as fault:
            raise self.lost(_reason(fault)) from fault
        raise self.lost(f"other writers were faster {_ATTEMPTS} times: {last}")

    def keep_packed(self, files: Mapping[str, Path]) -> None:
        """Copy files beside the rows, into `_packs`, by their names there.

        Readers and VACUUM leave alone what begins with `_`. Raises `HistoryError`.
        """
        try:
            store = open_store(self._uri)
            for name, file in files.items():
                obstore.put(store, f"{PACKS}/{name}", file)
        except (*_FAULTS, BaseError, TableFaultError) as fault:
            raise self.lost(f"its pack can't be kept: {error_text(fault)}") from fault

    def fetch_packed(self, name: str, target: Path) -> bool:
        """Copy what `keep_packed` kept into a file; return false where there is no such file.

        Within `reading`, a store that can't be read is a `BrokenHistoryError`.
        """
        try:
            found = obstore.get(open_store(self._uri), f"{PACKS}/{name}")
        except (FileNotFoundError, NotFoundError):
            return False
        except (BaseError, TableFaultError) as fault:
            raise self._broken(fault, "read") from fault
        with target.open("wb") as file:
            for piece in found.stream():
                file.write(piece)
        return True

    def _again(self) -> Snapshot:
        if (found := self.peek()) is None:
            raise self._refused("isn't there any more", self._remedy)
        return found

    def lost(self, reason: str | ConfigurationError) -> HistoryError:
        """Return the error of a run that isn't in the history, although its reports are written."""
        what, cure = (reason, "") if isinstance(reason, str) else (reason.what, reason.remedy)
        return HistoryError(
            f"this run couldn't be added to the history: {what}",
            where=f"--history {self.location}",
            remedy=f"{cure or 'Remove the cause.'} The reports don't depend on it. To add the run "
            "all the same, evaluate the same inventory (--save-inventory) with the same --now.",
        )


class FoundRun(Struct, frozen=True, kw_only=True):
    """A run of the history, with the columns of its row by name."""

    values: dict[str, Any]
    run: Run
    """What its report said of itself."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> FoundRun:
        """Return the run of a row; raises `ValueError` or msgspec's errors for a broken one."""
        if empty := [name for name, value in row.items() if value is None]:
            raise ValueError(f"the row of the run {row['run_id']} has no {empty[0]}")
        return cls(values=row, run=_decode_run(row["run"]))

    @property
    def run_id(self) -> str:
        """Its id."""
        run_id: str = self.values["run_id"]
        return run_id

    @property
    def clock(self) -> datetime:
        """Its clock."""
        clock: datetime = self.values["clock"]
        return clock


class Snapshot:
    """The table at one version. Raises what deltalake and pyarrow raise while it is read."""

    def __init__(self, table: DeltaTable) -> None:
        self._table = table

    def has_column(self, name: str) -> bool:
        """Whether the table has a column, which an older version may have made without it."""
        return any(field.name == name for field in self._table.schema().fields)

    def has(self, app_id: str) -> bool:
        """Whether a commit of this name is there."""
        return self._table.transaction_version(app_id) is not None

    @property
    def version(self) -> int:
        """The table's version."""
        version: int = self._table.version()
        return version

    def runs(self) -> list[FoundRun]:
        """Return every run with the columns of `READ_OF_RUNS`, by clock and start."""
        rows = self._query(RUN, READ_OF_RUNS).read_all().to_pylist()
        found = {row["run_id"]: FoundRun.of(row) for row in rows}.values()
        return sorted(found, key=lambda each: (each.clock, each.values["started_at"], each.run_id))

    def completeness_of(self, run_id: str) -> str:
        """Return the JSON of a run's completeness."""
        found = self._query(RUN, ["completeness"], run_id).read_all()
        text: str = found["completeness"][0].as_py()
        return text

    def rows_of(
        self, kind: str, run_id: str, names: Sequence[str]
    ) -> Iterator[dict[str, list[Any]]]:
        """Yield the rows of one run, some thousand at a time, as columns of values."""
        for batch in self._query(kind, names, run_id):
            yield batch.to_pydict()

    def rows_about(self, full_name: str, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of decisions about one table, of every run."""
        for batch in self._query(DECISION, names, full_name=full_name):
            columns = batch.to_pydict()
            yield from zip(*(columns[name] for name in names), strict=True)

    def _query(
        self,
        kind: str,
        names: Sequence[str],
        run_id: str | None = None,
        full_name: str | None = None,
    ) -> pa.RecordBatchReader:
        """Have delta-rs read the columns of some rows: it opens no file of another run."""
        columns = ", ".join(f'"{name}"' for name in names)
        chosen = f" AND run_id = {_quoted(run_id)}" if run_id is not None else ""
        if full_name is not None:
            chosen += f" AND full_name = {_quoted(full_name)}"
        query = QueryBuilder().register("history", self._table)
        return pa.RecordBatchReader.from_stream(
            query.execute(
                f"SELECT {columns} FROM history WHERE {PARTITION} = {_quoted(kind)}{chosen}"  # noqa: S608 -- quoted
            )
        )

    def write(self, rows: Iterable[pa.RecordBatch], app_id: str) -> None:
        """Commit rows as the version after this one; `CommitFailedError` where that is there."""
        names = {field.name for field in self._table.schema().fields}
        write_deltalake(
            self._table,
            pa.RecordBatchReader.from_batches(SCHEMA, rows),
            mode="append",
            schema_mode="merge" if names != set(SCHEMA.names) else None,
            commit_properties=CommitProperties(
                max_commit_retries=0, app_transactions=[Transaction(app_id, 1)]
            ),
            writer_properties=_WRITING,
        )

    def tidy(self) -> None:
        """Make one file of those with a run's row each: every run reads them all."""
        with suppress(*_FAULTS):  # another writer may be at it, and all is well without it
            files = pa.table(self._table.get_add_actions(flatten=True))
            if files[f"partition.{PARTITION}"].to_pylist().count(RUN) >= RUN_FILES:
                self._table.optimize.compact(
                    partition_filters=[(PARTITION, "=", RUN)], writer_properties=_WRITING
                )


def _reason(fault: Exception) -> str:
    return _DUMP.sub("", error_text(fault))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
