"""The journal: everything that a collection has learned, written while it learns it.

An append-only file of events, a line each. A table's later event supersedes its earlier one. What
stays in memory is where each table's latest event stands, so a hundred thousand documents cost a
few dozen megabytes. A collection that was interrupted is read back from it and asks nothing twice;
it also keeps what was asked for, so that a budget outlives an attempt.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Final, Self

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument
from lakewarden_collector.errors import InventoryError, OutputError, SourceError
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.databricks.concurrency.pace import RequestCounts
from lakewarden_collector.sources.databricks.journal.append_file import AppendFile, Place
from lakewarden_collector.sources.databricks.journal.events import (
    VERSION,
    Answered,
    Begun,
    Event,
    Joined,
    Known,
    Listed,
    Noted,
    Schema,
    Spending,
    Table,
    Walked,
)

_FIRST: Final = b'{"type":"begun",'


class _Document(Struct, frozen=True):
    """A table's event, with its document as the bytes that it is."""

    document: msgspec.Raw


class _Identity(Struct, frozen=True):
    table_id: str | UnsetType = UNSET


class _Identified(Struct, frozen=True):
    """A table's event, of which only the id is read."""

    document: _Identity


_decode_table: Final = decoder(Table).decode
_decode_document: Final = decoder(_Document).decode
_decode_identity: Final = decoder(_Identified).decode
_decode_event: Final = decoder(Event).decode


class Journal:
    """The file, and an index of it. Safe to use from several threads."""

    def __init__(self, path: Path, purpose: str, started_at: str, *, resume: bool = False) -> None:
        self.path = path
        self.started_at = started_at
        self.schemas: dict[tuple[str, str, str], Schema] = {}
        self.pipelines: dict[str, set[str]] = {}
        """Pipeline ids and the full names of what they show."""
        self.walked: dict[str, tuple[str, ...]] = {}
        self.known: dict[tuple[str, str], Known] = {}
        self.answers: list[Answered] = []
        """Answers of earlier attempts only."""
        self.failures: dict[tuple[str, str], Failure] = {}
        """By metastore and by what is lost."""
        self.left_out: dict[tuple[str, str], LeftOut] = {}
        self.previous: dict[str, int] = {}
        """What earlier attempts have spent."""
        self.resumed = False
        self._purpose = purpose
        self._places: dict[str, Place] = {}
        self._metastores: tuple[str, ...] | None = None
        self._unmarked: dict[tuple[str, str, str], dict[str, Place]] = {}
        self._lock = threading.Lock()
        self._encoder = msgspec.json.Encoder()
        self._file = AppendFile(path)
        try:
            self._begin(resume=resume)
        except BaseException:
            self._file.close()
            raise

    def _begin(self, *, resume: bool) -> None:
        """Read what an earlier attempt has written, or write the first line."""
        if not self._file.empty:
            if not resume:
                raise SourceError(
                    "a previous collection was interrupted and left its journal here",
                    where=str(self.path),
                    remedy="Add --resume to continue it, or remove the file to start over.",
                )
            self._read()
            return
        try:
            self._write(self._begun())
        except (InventoryError, OutputError):
            self.remove()  # nothing stands in it, and the next one would not begin
            raise

    def _begun(self) -> Begun:
        return Begun(version=VERSION, purpose=self._purpose, started_at=self.started_at)

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
        self._file.remove()

    def unlink(self) -> None:
        """Remove the file from its folder, and go on reading: nothing is left of it once closed."""
        self._file.unlink()

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
            pipelines=listed.pipelines,
        )
        parts.append((None, self._encoder.encode(mark) + b"\n"))
        with self._lock:
            self._append(parts)
            self._mark(mark)
        return tuple(twice)

    def leave_out(self, full_name: str, left_out: LeftOut) -> None:
        """Take a table back that is left out after all, and note why."""
        with self._lock:
            self._places.pop(full_name, None)
        self.add(Noted(metastore="", left_out=left_out))

    def _mark(self, schema: Schema) -> None:
        self.schemas[schema.metastore, schema.catalog_name, schema.schema_name] = schema
        for pipeline, names in schema.pipelines.items():
            self.pipelines.setdefault(pipeline, set()).update(names)

    def put(self, tables: Iterable[Table]) -> None:
        """Write tables again: what is known of them now."""
        parts = [
            (table.document.full_name, self._encoder.encode(table) + b"\n") for table in tables
        ]
        with self._lock:
            self._append(parts)

    def add(self, event: Joined | Known | Noted | Walked | Answered | Spending) -> None:
        """Write any other event."""
        with self._lock:
            self._append([(None, self._encoder.encode(event) + b"\n")])
        self._note(event)

    def table(self, full_name: str) -> Table:
        """Return what is known of one table now."""
        return _decode_table(self._file.line(self._places[full_name]))

    def document(self, full_name: str) -> EncodedDocument:
        """Return one table's document as it is written here; it was checked when it was made."""
        line = self._file.line(self._places[full_name])
        return EncodedDocument(full_name, bytes(_decode_document(line).document))

    def join(self, metastores: Iterable[str]) -> None:
        """Note which metastores are collected from; a journal continues with the same ones only.

        Raises `SourceError` where an earlier attempt collected from others.
        """
        found = tuple(sorted(set(metastores)))
        if self._metastores is None:
            self.add(Joined(metastores=found))
        elif self._metastores != found:
            raise SourceError(
                f"was started with the metastores {', '.join(self._metastores)}; "
                f"the workspaces have {', '.join(found)} now",
                where=str(self.path),
                remedy="Sign in to the same workspaces, or remove the file to start over.",
            )

    def table_ids(self) -> set[str]:
        """Return the ids of all tables that have one."""
        lines = map(self._file.line, self._places.values())
        ids = (_decode_identity(line).document.table_id for line in lines)
        return {identity for identity in ids if isinstance(identity, str)}

    def _write(self, event: Event) -> None:
        self._append([(None, self._encoder.encode(event) + b"\n")])

    def _append(self, parts: Sequence[tuple[str | None, bytes]]) -> None:
        """Write lines in one go, and remember where the tables' lines stand."""
        places = self._file.append([line for _, line in parts])
        self._places |= {
            name: place for (name, _), place in zip(parts, places, strict=True) if name is not None
        }

    def _read(self) -> None:
        """Index what an earlier attempt has written; a line that was cut off is dropped."""
        try:
            for line, place in self._file.lines():
                if not line.endswith(b"\n") and (self.resumed or _is_ours(line)):
                    break
                self._index(_decode_event(line), place)
            self._file.cut()
            if not self.resumed:
                self._write(self._begun())
        except OSError as error:
            raise InventoryError(
                f"can't be read: {error.strerror or error}",
                where=str(self.path),
                remedy="Make it readable and writable, or remove it to start over.",
            ) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise SourceError(
                f"isn't a journal of a collection: {error}",
                where=str(self.path),
                remedy="Remove it to start over.",
            ) from error
        self._unmarked = {}

    def _index(self, event: Event, place: Place) -> None:
        match event:
            case Begun():
                self._continue(event)
            case Table():
                # The tables of a schema that was cut off are listed again, with their schema.
                document = event.document
                schema = (event.metastore, document.catalog_name, document.schema_name)
                whole = document.full_name in self._places or schema in self.schemas
                known = self._places if whole else self._unmarked.setdefault(schema, {})
                known[document.full_name] = place
            case Schema():
                schema = (event.metastore, event.catalog_name, event.schema_name)
                self._places |= self._unmarked.pop(schema, {})
                self._mark(event)
            case Answered():
                self.answers.append(event)
            case Spending():
                for kind, count in event.counts.items():
                    self.previous[kind] = self.previous.get(kind, 0) + count
            case _:
                self._note(event)
        if not self.resumed:  # the first line, as none follows one that is not ours
            raise SourceError(
                "isn't a journal of a collection: its first line is wrong",
                where=str(self.path),
                remedy="Remove it to start over.",
            )

    def _note(self, event: Joined | Known | Noted | Walked | Answered | Spending) -> None:
        match event:
            case Joined():
                self._metastores = event.metastores
            case Known():
                self._know(event)
            case Walked():
                self.walked[event.metastore] = event.catalogs
            case Noted(failure=Failure() as failure):
                self.failures[event.metastore, failure.what] = failure
            case Noted(left_out=LeftOut() as left_out):
                self.left_out[event.metastore, left_out.what] = left_out
            case _:
                pass  # kept in the file alone

    def _know(self, known: Known) -> None:
        """Add what one workspace's summaries know; another of the metastore may see more."""
        key = (known.metastore, known.summarised.catalog_name)
        if (before := self.known.get(key)) is not None:
            names = {*before.summarised.names, *known.summarised.names}
            both = structs.replace(known.summarised, names=tuple(sorted(names)))
            known = structs.replace(known, summarised=both)
        self.known[key] = known

    def _continue(self, begun: Begun) -> None:
        if begun.version != VERSION:
            raise SourceError(
                "was written by another version of Lakewarden",
                where=str(self.path),
                remedy="Continue with that version, or remove the file to start over.",
            )
        if begun.purpose != self._purpose:
            raise SourceError(
                "belongs to another collection: "
                f"it was begun for {begun.purpose}, this one is for {self._purpose}",
                where=str(self.path),
                remedy="Repeat the command as it was, with --resume, or remove the file.",
            )
        self.started_at = begun.started_at
        self.resumed = True


def _is_ours(line: bytes) -> bool:
    """Return whether a first line that was cut off may be the beginning of a journal."""
    return line.startswith(_FIRST) or _FIRST.startswith(line)


EVERY: Final = 2.0
"""Seconds between two entries: what an attempt that is killed may forget."""


class Ledger:
    """Writes what has been spent since it last wrote."""

    def __init__(self, journal: Journal, spent: RequestCounts) -> None:
        self._journal = journal
        self._spent = spent
        self._written: Mapping[str, int] = {}
        self._at = monotonic()

    def save(self, *, now: bool = False) -> None:
        """Write what is new, if it is time to, or `now`."""
        if not now and monotonic() - self._at < EVERY:
            return
        counts = self._spent.counts()
        new = {kind: n - self._written.get(kind, 0) for kind, n in counts.items()}
        if new := {kind: n for kind, n in new.items() if n}:
            self._journal.add(Spending(counts=new))
        self._written, self._at = counts, monotonic()

    def total(self) -> dict[str, int]:
        """Return what all attempts have spent, by kind."""
        counts, previous = self._spent.counts(), self._journal.previous
        kinds = sorted(counts.keys() | previous.keys())
        return {kind: counts.get(kind, 0) + previous.get(kind, 0) for kind in kinds}
