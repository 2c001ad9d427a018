"""Inventories: all documents of one collection, with its failures and counts, as NDJSON.

A line is a bare table document or one of `{"inventory": …}` (first), `{"failure": …}`,
`{"end": …}` (last). Plain NDJSON without these three and a JSON array of documents are read too;
they cannot say whether they are complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, BinaryIO, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import (
    SCHEMA_VERSION,
    Count,
    EncodedDocument,
    TableDocument,
    encoded,
)
from lakewarden_collector.document_rules import check_times, latest_time
from lakewarden_collector.errors import InventoryError
from lakewarden_collector.repeated_keys import repeated_key
from lakewarden_collector.times import rfc3339, utc_now


class Header(Struct, frozen=True, kw_only=True):
    """The first line: what was collected, when and with what."""

    schema_version: int
    source: str
    scope: str
    started_at: str
    tool_version: str

    def __post_init__(self) -> None:
        check_times(started_at=self.started_at)


class Failure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could not be read: what it is, where, why, and what to do about it.

    `covers` tells how much was lost: one table, or all tables of a statement, a file, a schema, a
    catalog or a workspace, whose number then nobody knows.
    """

    what: str
    where: str
    reason: str
    remedy: str
    covers: Literal["table", "statement", "file", "schema", "catalog", "workspace"] = "table"


class LeftOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was not asked for and so not read: no failure, but counted and named.

    `tables` is the number of tables in it, where that is known.
    """

    what: str
    reason: str
    tables: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class End(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last line: how many documents and failures precede it, and what the collection was.

    `spent` counts what was asked of the source, by kind of request, such as `list_tables` or
    `describe_detail`. `workspace` is the one workspace that was read, as `https://HOST`; absent
    where there was none, or several.
    """

    documents: Count
    failures: Count
    left_out: tuple[LeftOut, ...] = ()
    spent: dict[str, int] = {}
    workspace: str = ""

    @property
    def left_out_tables(self) -> int:
        """How many tables were left out, as far as that is known."""
        return sum(each.tables for each in self.left_out if each.tables is not UNSET)


class _Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line that isn't a document: exactly one of the three is set."""

    inventory: Header | UnsetType = UNSET
    failure: Failure | UnsetType = UNSET
    end: End | UnsetType = UNSET


_RECORD_KEYS = frozenset(_Record.__struct_fields__)

_decode_document: Final = decoder(TableDocument).decode
_decode_record: Final = decoder(_Record).decode
_decode_array: Final = decoder(list[msgspec.Raw]).decode


class InventoryWriter:
    """Writes an inventory line by line, so that an interrupted one is still readable.

    Only `end` makes it a complete one.
    """

    def __init__(self, stream: BinaryIO, header: Header) -> None:
        self._stream = stream
        self._encoder = msgspec.json.Encoder()
        self._documents = 0
        self._failures = 0
        self._line(_Record(inventory=header))

    def write(self, item: TableDocument | EncodedDocument | Failure) -> None:
        """Append one document or failure."""
        if isinstance(item, Failure):
            self._failures += 1
            self._line(_Record(failure=item))
        else:
            self._documents += 1
            self._stream.write(encoded(item).data + b"\n")

    def end(
        self,
        left_out: Sequence[LeftOut] = (),
        spent: Mapping[str, int] = {},
        workspace: str = "",
    ) -> End:
        """Append the counts that make the inventory complete, and return them."""
        end = End(
            documents=self._documents,
            failures=self._failures,
            left_out=tuple(left_out),
            spent=dict(spent),
            workspace=workspace,
        )
        self._line(_Record(end=end))
        return end

    def _line(self, record: _Record) -> None:
        self._stream.write(self._encoder.encode(record) + b"\n")


class InventoryReader:
    """Iterates over an inventory's documents and failures; a bad line is a failure too.

    NDJSON is read line by line; a JSON array is held in memory whole. After the iteration
    `header` is the first line's (None for plain documents) and `shortcomings` says, a sentence
    each, why the inventory is not complete: no end line or a second one, or counts that disagree.

    A document whose times lie more than a day after the collection's start is refused. Where there
    isn't a header, `now` (RFC 3339 in UTC, by default the present) stands for its start.

    Raises `InventoryError` for a schema version that this version doesn't know, and for an end line
    without a header line before it.
    """

    def __init__(self, stream: BinaryIO, name: str, now: str | None = None) -> None:
        self.header: Header | None = None
        self.shortcomings: list[str] = []
        self.where = name
        """The place of the item last yielded, as `file:line`."""
        self._stream = stream
        self._name = name
        self._documents = 0
        self._failures = 0
        self._end: End | None = None
        self._began = False
        self.started_at = now or rfc3339(utc_now())
        """When the collection began; until a header says so, the time that stands for it."""
        self._latest = latest_time(self.started_at)
        self._encoder = msgspec.json.Encoder()

    def __iter__(self) -> Iterator[TableDocument | Failure]:
        for where, raw in self._values():
            self.where = where
            item = self._item(where, raw)
            if item is not None:
                yield item
        self._settle()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What the collection did not ask for; known after the iteration."""
        return self._end.left_out if self._end else ()

    @property
    def spent(self) -> dict[str, int]:
        """What the collection asked of its source; known after the iteration."""
        return self._end.spent if self._end else {}

    @property
    def workspace(self) -> str:
        """The one workspace that was read, if there is one; known after the iteration."""
        return self._end.workspace if self._end else ""

    def _values(self) -> Iterator[tuple[str, bytes | msgspec.Raw]]:
        """Yield each JSON value with its place: a line of NDJSON or an element of the array."""
        lines = enumerate(self._stream, 1)
        for number, raw in lines:
            line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw  # a byte order mark
            if not line.strip():
                continue
            if line.lstrip().startswith(b"["):
                yield from self._array(line)
                return
            yield f"{self._name}:{number}", line
            break
        for number, line in lines:
            if line.strip():
                yield f"{self._name}:{number}", line

    def _array(self, first: bytes) -> Iterator[tuple[str, msgspec.Raw]]:
        try:
            values = _decode_array(first + self._stream.read())
        except (msgspec.DecodeError, RecursionError) as error:
            raise InventoryError(
                f"the file starts like a JSON array but isn't one: {error}",
                where=self._name,
                remedy="Write a JSON array of table documents, or one document a line.",
            ) from error
        for index, value in enumerate(values):
            yield f"{self._name} $[{index}]", value

    def _item(self, where: str, raw: bytes | msgspec.Raw) -> TableDocument | Failure | None:
        try:
            document = _decode_document(raw)
        except msgspec.ValidationError as error:
            return self._record(where, raw, error)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._refused(where, f"not JSON: {error}")
        if fault := self._fault(document, bytes(raw)):
            return self._refused(where, f"document of {document.full_name}: {fault}")
        self._after_end(where)
        self._documents += 1
        return document

    def _fault(self, document: TableDocument, raw: bytes) -> str:
        """Say what is wrong with a document that its decoder cannot see; empty if nothing is."""
        for path, text in document.times():
            if datetime.fromisoformat(text) > self._latest:
                return (
                    f"{text} lies more than a day after the collection began "
                    f"({self.started_at}) - at `{path}`"
                )
        # What was written like this has no key twice, and need not be looked through.
        if self._encoder.encode(document) == raw.strip():
            return ""
        return repeated_key(raw)

    def _record(
        self, where: str, raw: bytes | msgspec.Raw, no_document: msgspec.ValidationError
    ) -> Failure | None:
        """Read a line that isn't a document: one of the records, or a document to refuse."""
        try:
            fields = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # The first fault found was not the worst one.
            return self._refused(where, f"not JSON: {error}")
        if not isinstance(fields, dict) or len(fields) != 1 or not fields.keys() <= _RECORD_KEYS:
            name = fields.get("full_name") if isinstance(fields, dict) else None
            about = f"document of {name}: " if isinstance(name, str) else ""
            return self._refused(where, f"{about}{no_document}")
        _check_version(where, fields)
        self._began = self._began or "inventory" in fields
        try:
            record = _decode_record(raw)
        except msgspec.ValidationError as error:
            return self._refused(where, str(error))
        if fault := repeated_key(bytes(raw)):
            return self._refused(where, fault)
        self._after_end(where)
        if isinstance(record.inventory, Header):
            self._begin(where, record.inventory)
        elif isinstance(record.end, End):
            if not self._began:
                raise _headless(where)
            self._end = self._end or record.end
        elif isinstance(record.failure, Failure):
            self._failures += 1
            return record.failure
        return None

    def _begin(self, where: str, header: Header) -> None:
        if self.header is not None or self._documents or self._failures:
            self.shortcomings.append(
                f"{where}: a second inventory begins here; collect or evaluate them one by one"
            )
            return
        self.header = header
        self.started_at = header.started_at
        self._latest = latest_time(header.started_at)

    def _refused(self, where: str, reason: str) -> Failure:
        """Make the failure of a line; it counts as a document that the end line promised."""
        self._after_end(where)
        self._documents += 1
        return Failure(
            what="a line of the inventory",
            where=where,
            reason=reason,
            remedy="Correct or remove the line (docs/document.md describes a document), "
            "or collect again.",
        )

    def _after_end(self, where: str) -> None:
        if self._end is not None:
            self.shortcomings.append(f"{where}: a line after the end line")

    def _settle(self) -> None:
        if self._end is None:
            if self.header is not None:
                self.shortcomings.append(
                    f"{self._name} has no end line: it was cut off or its collection interrupted"
                )
            return
        for what, promised, found in (
            ("documents", self._end.documents, self._documents),
            ("failures", self._end.failures, self._failures),
        ):
            if promised != found:
                self.shortcomings.append(
                    f"{self._name}: the end line announces {promised} {what}, {found} were found"
                )


def _headless(where: str) -> InventoryError:
    return InventoryError(
        "the inventory ends here, but it has no header line: its beginning is missing",
        where=where,
        remedy="Collect again, or restore the first line. A plain list of documents has neither "
        "header nor end line.",
    )


def _check_version(where: str, fields: Mapping[str, Any]) -> None:
    """Refuse a first line of another version, whatever else that version writes into it.

    Raises `InventoryError`.
    """
    header = fields.get("inventory")
    version = header.get("schema_version") if isinstance(header, dict) else None
    if version is None or (type(version) is int and version == SCHEMA_VERSION):
        return
    raise InventoryError(
        f"the inventory has schema version {version!r}; "
        f"this Lakewarden reads version {SCHEMA_VERSION}",
        where=where,
        remedy="Collect again with this version, or use the version that wrote the file.",
    )
