"""The journal: everything that a collection has learned, written while it learns it.

An append-only file of events, a line each. A table's later event supersedes its earlier one. What
stays in memory is where each table's latest event stands, so a hundred thousand documents cost a
few dozen megabytes. A collection that was interrupted is read back from it and asks nothing twice.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from lakewarden_collector.errors import InventoryError, SourceError
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.databricks.journal_events import (
    VERSION,
    Answered,
    Begun,
    Event,
    Known,
    Noted,
    Page,
    Schema,
    Spending,
    Table,
    Walked,
)
from lakewarden_collector.sources.databricks.listing.events import Listed


class Journal:
    """The file, and an index of it. Safe to use from several threads."""

    def __init__(self, path: Path, purpose: str, started_at: str, *, resume: bool = False) -> None:
        self.path = path
        self.started_at = started_at
        self.schemas: dict[tuple[str, str, str], Schema] = {}
        self.walked: dict[str, tuple[str, ...]] = {}
        self.known: dict[tuple[str, str], Known] = {}
        self.answers: list[Answered] = []
        """Answers of earlier attempts only."""
        self.failures: dict[str, Failure] = {}
        self.left_out: dict[str, LeftOut] = {}
        self.earlier: dict[str, int] = {}
        """What earlier attempts have spent."""
        self.resumed = False
        self._purpose = purpose
        self._places: dict[str, tuple[int, int]] = {}
        self._pages: dict[str, tuple[int, int]] = {}
        self._unmarked: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._encoder = msgspec.json.Encoder()
        self._tables = msgspec.json.Decoder(Table)
        self._size = 0
        if path.exists():
            if not resume:
                raise SourceError(
                    "an earlier collection was interrupted and left its journal here",
                    where=str(path),
                    remedy="Add --resume to continue it, or remove the file to begin anew.",
                )
            self._read()
        try:
            self._file = path.open("ab+", buffering=0)
        except OSError as error:
            raise InventoryError(
                f"cannot be written: {error.strerror or error}",
                where=str(path),
                remedy="Name a file in a folder that exists and that you may write to.",
            ) from error
        if not self.resumed:
            begun = Begun(version=VERSION, purpose=purpose, started_at=started_at)
            try:
                self._write(begun)
            except InventoryError:
                self.remove()  # nothing stands in it, and the next one would not begin
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; one in which nothing was learned would only be in the way."""
        if self._places or self.schemas or self.known:
            self.close()
        else:
            self.remove()

    def close(self) -> None:
        """Close the file; it stays where it is."""
        self._file.close()

    def remove(self) -> None:
        """Close and remove the file: nobody needs it any more."""
        self.close()
        self.path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, full_name: str) -> bool:
        return full_name in self._places

    def names(self) -> Iterable[str]:
        """Return the full names of all tables, sorted."""
        return sorted(self._places)

    def add_schema(self, metastore: str, listed: Listed) -> tuple[str, ...]:
        """Write a schema's tables and its mark; return the names that stood here already.

        Such a table is kept as it was first listed.
        """
        twice = []
        parts: list[tuple[str | None, bytes]] = []
        for document in listed.documents:
            if document.full_name in self._places:
                twice.append(document.full_name)
                continue
            hint = listed.hints.get(document.full_name, 0)
            event = Table(document=document, metastore=metastore, hint=hint)
            parts.append((document.full_name, self._encoder.encode(event) + b"\n"))
        mark = Schema(
            metastore=metastore,
            catalog_name=listed.catalog_name,
            schema_name=listed.schema_name,
            partly=listed.partly,
        )
        parts.append((None, self._encoder.encode(mark) + b"\n"))
        with self._lock:
            self._append(parts)
            self.schemas[metastore, listed.catalog_name, listed.schema_name] = mark
        return tuple(twice)

    def put(self, tables: Iterable[Table]) -> None:
        """Write tables anew: what is known of them now."""
        parts = [
            (table.document.full_name, self._encoder.encode(table) + b"\n") for table in tables
        ]
        with self._lock:
            self._append(parts)

    def add(self, event: Known | Noted | Walked | Answered | Page | Spending) -> None:
        """Write any other event."""
        with self._lock:
            self._append([(None, self._encoder.encode(event) + b"\n")])
        self._note(event)

    def table(self, full_name: str) -> Table:
        """Return what is known of one table now."""
        return self._tables.decode(self._line(self._places[full_name]))

    def page(self, key: str) -> dict[str, Any] | None:
        """Return a listing's answer to an earlier attempt; None where there was none."""
        place = self._pages.get(key)
        if place is None:
            return None
        answer = msgspec.json.decode(self._line(place), type=Page).answer
        return msgspec.json.decode(answer, type=dict[str, Any])

    def _line(self, place: tuple[int, int]) -> bytes:
        offset, length = place
        return os.pread(self._file.fileno(), length, offset)

    def table_ids(self) -> set[str]:
        """Return the ids of all tables that have one."""
        documents = (self.table(name).document for name in self._places)
        return {document.table_id for document in documents if isinstance(document.table_id, str)}

    def _write(self, event: Event) -> None:
        self._append([(None, self._encoder.encode(event) + b"\n")])

    def _append(self, parts: Sequence[tuple[str | None, bytes]]) -> None:
        """Write lines in one go, and remember where the tables' lines stand."""
        data = memoryview(b"".join(line for _, line in parts))
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            # A line that was cut off would be joined by the next one.
            self._file.truncate(self._size)
            raise InventoryError(
                f"cannot be written: {error.strerror or error}",
                where=str(self.path),
                remedy="Make room, and repeat the command with --resume.",
            ) from error
        for name, line in parts:
            if name is not None:
                self._places[name] = (self._size, len(line))
            self._size += len(line)

    def _read(self) -> None:
        """Index what an earlier attempt has written; a line that was cut off is dropped."""
        decoder = msgspec.json.Decoder(Event)
        try:
            with self.path.open("rb+") as stream:
                for number, line in enumerate(stream, 1):
                    if not line.endswith(b"\n"):
                        break
                    self._index(decoder.decode(line), number, len(line))
                    self._size += len(line)
                stream.truncate(self._size)
        except OSError as error:
            raise InventoryError(
                f"cannot be read: {error.strerror or error}",
                where=str(self.path),
                remedy="Make it readable and writable, or remove it to begin anew.",
            ) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise SourceError(
                f"is no journal of a collection: {error}",
                where=str(self.path),
                remedy="Remove it to begin anew.",
            ) from error
        self._unmarked = {}

    def _index(self, event: Event, number: int, length: int) -> None:
        match event:
            case Begun():
                self._continue(event)
            case Table():
                # The tables of a schema that was cut off are listed again, with their schema.
                name = event.document.full_name
                known = self._places if name in self._places else self._unmarked
                known[name] = (self._size, length)
            case Schema():
                self._places |= self._unmarked
                self._unmarked = {}
                self.schemas[event.metastore, event.catalog_name, event.schema_name] = event
            case Answered():
                self.answers.append(event)
            case Page():
                self._pages[event.key] = (self._size, length)
            case Spending():
                for kind, count in event.counts.items():
                    self.earlier[kind] = self.earlier.get(kind, 0) + count
            case _:
                self._note(event)
        if number == 1 and not self.resumed:
            raise SourceError(
                "is no journal of a collection: its first line is not the first of one",
                where=str(self.path),
                remedy="Remove it to begin anew.",
            )

    def _note(self, event: Known | Noted | Walked | Answered | Page | Spending) -> None:
        match event:
            case Known():
                self.known[event.metastore, event.summarised.catalog_name] = event
            case Walked():
                self.walked[event.metastore] = event.catalogs
            case Noted(failure=Failure() as failure):
                self.failures[failure.what] = failure
            case Noted(left_out=LeftOut() as left_out):
                self.left_out[left_out.what] = left_out
            case _:
                pass  # kept in the file alone

    def _continue(self, begun: Begun) -> None:
        if begun.version != VERSION or begun.purpose != self._purpose:
            raise SourceError(
                "belongs to another collection: "
                f"it was begun for {begun.purpose}, this one is for {self._purpose}",
                where=str(self.path),
                remedy="Repeat the command as it was, with --resume, or remove the file.",
            )
        self.started_at = begun.started_at
        self.resumed = True
