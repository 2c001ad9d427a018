"""An origin at work: an inventory or a source that is read, or a source that collects."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from msgspec import Struct

from lakewarden.evaluation.adviser import everything
from lakewarden.evaluation.document_store import (
    CollectedTables,
    DocumentStore,
    Item,
    Items,
    TableIntake,
)
from lakewarden.model.clock import utc_now
from lakewarden.model.errors import ConfigurationError
from lakewarden.version import __version__
from lakewarden_collector.document import SCHEMA_VERSION, EncodedDocument, TableDocument
from lakewarden_collector.inventory import (
    End,
    Failure,
    Header,
    InventoryReader,
    InventoryWriter,
    LeftOut,
)
from lakewarden_collector.sources.databricks.options import Evidence
from lakewarden_collector.sources.interface import (
    Adviser,
    Check,
    EvidenceSource,
    Listed,
    Source,
)


class Estate(Struct, frozen=True, kw_only=True):
    """The tables of a plan as they stand: where they were read, and when.

    `source` is a kind of source or `inventory`, `as_of` RFC 3339. `tables` gives those that exist,
    each with its name after the plan; `unread` has the names of those that may exist, but couldn't
    be read or aren't shown.
    """

    source: str
    scope: str
    as_of: str
    tables: Callable[[], Iterator[tuple[str, EncodedDocument]]]
    unread: frozenset[str]


class OpenOrigin(Protocol):
    """An origin at work: iterate over `items`, then read the rest."""

    source: str
    scope: str
    config_dir: Path | None
    """Settings that belong to the origin and apply unless the user names others."""

    @property
    def items(self) -> Items:
        """The tables and what could not be read."""
        ...

    @property
    def shortcomings(self) -> Sequence[str]:
        """Why the inventory is incomplete, a sentence each; known after the iteration."""
        ...

    @property
    def started_at(self) -> str:
        """When the collection began; known when the first item comes."""
        ...

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What the source was not asked for; known after the iteration."""
        ...

    @property
    def spent(self) -> dict[str, int]:
        """What was asked of the source, by kind of request; known after the iteration."""
        ...

    @property
    def workspace(self) -> str:
        """The one workspace that was read, if there is one; known after the iteration."""
        ...

    @property
    def estate(self) -> Estate | None:
        """The estate that a plan changes, where one was named; known after the iteration."""
        ...

    def intake(self, patterns: Sequence[str]) -> TableIntake:
        """Return what takes the items in that these patterns choose."""
        ...

    def advise(self, adviser: Callable[[], Adviser]) -> None:
        """Let an adviser say which evidence is collected; before the iteration.

        It is made only if the origin has such evidence and is to be advised.
        """
        ...

    def when_listed(self, check: Listed) -> None:
        """Have a listing checked before evidence is asked for; before the iteration."""
        ...

    def check(self) -> Iterator[Check] | None:
        """Look at what a collection needs; None for an origin that is looked at by opening it."""
        ...

    def plan(self) -> Sequence[str]:
        """Say what a collection would cost, a line each, instead of collecting.

        Raises `ConfigurationError` for an origin whose collection costs nothing.
        """
        ...

    def close(self) -> None:
        """End the reading."""
        ...


class _Readable(Items, Protocol):
    """Tables that are read one by one."""

    @property
    def shortcomings(self) -> Sequence[str]: ...
    @property
    def left_out(self) -> Sequence[LeftOut]: ...
    @property
    def spent(self) -> dict[str, int]: ...
    @property
    def workspace(self) -> str: ...


class SourceReader:
    """A source read like an inventory: the place of everything is the source's scope."""

    shortcomings: Sequence[str] = ()
    workspace: str = ""

    def __init__(self, source: Source) -> None:
        self.where = source.scope
        self.spent: dict[str, int] = {}
        self._source = source
        self._begun: list[Generator[TableDocument | Failure, None, None]] = []

    def __iter__(self) -> Iterator[TableDocument | Failure]:
        self._begun.append(self._source.tables())
        return self._begun[-1]

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What the source did not read on purpose; known after the iteration."""
        return self._source.left_out

    def close(self) -> None:
        """End every reading that was begun."""
        for tables in self._begun:
            tables.close()


class ReadOrigin:
    """An inventory, or a source whose tables cost nothing but the reading; see `OpenOrigin`."""

    def __init__(
        self,
        source: str,
        scope: str,
        items: _Readable,
        *,
        config_dir: Path | None = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.source = source
        self.scope = scope
        self.config_dir = config_dir
        self.items = items
        self.close = close

    @property
    def estate(self) -> Estate | None:
        """None."""
        return None

    @property
    def shortcomings(self) -> Sequence[str]:
        """What the items say."""
        return self.items.shortcomings

    @property
    def started_at(self) -> str:
        """Now: reading them is the collection."""
        return utc_now()

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What the items say."""
        return self.items.left_out

    @property
    def spent(self) -> dict[str, int]:
        """What the items say."""
        return self.items.spent

    @property
    def workspace(self) -> str:
        """What the items say."""
        return self.items.workspace

    def intake(self, patterns: Sequence[str]) -> TableIntake:
        """Return an intake that keeps the documents: they are given only once."""
        return DocumentStore(patterns)

    def advise(self, adviser: Callable[[], Adviser]) -> None:
        """Ask no adviser: all that the origin knows is read."""

    def when_listed(self, check: Listed) -> None:
        """Check nothing beforehand."""

    def check(self) -> Iterator[Check] | None:
        """Return None: opening it was all there is to look at."""
        return None

    def plan(self) -> Sequence[str]:
        """Raise `ConfigurationError`."""
        raise ConfigurationError(
            f"collecting from {self.source} has no cost to plan",
            where="--plan",
            remedy="It belongs to --source databricks and --with databricks.",
        )


class _CollectedItems:
    """What an evidence source collects: the place of everything is the source's scope."""

    def __init__(self, source: EvidenceSource) -> None:
        self.where = source.scope
        self._source = source
        self._begun: list[Generator[EncodedDocument | Failure, None, None]] = []

    def __iter__(self) -> Iterator[EncodedDocument | Failure]:
        self._begun.append(self._source.documents())
        return self._begun[-1]

    def close(self) -> None:
        """End the collection, and forget what was collected."""
        for documents in self._begun:
            documents.close()
        self._source.close()


class CollectedOrigin:
    """A source with evidence that costs extra, which keeps what it collected; see `OpenOrigin`."""

    config_dir: Path | None = None
    estate: Estate | None = None
    shortcomings: Sequence[str] = ()

    def __init__(self, source: EvidenceSource, evidence: Evidence) -> None:
        self.source = source.source_kind
        self.scope = source.scope
        self.items = _CollectedItems(source)
        self._source = source
        self._evidence = evidence
        if evidence == "all":
            source.adviser = everything

    @property
    def started_at(self) -> str:
        """When the collection first began."""
        return self._source.started_at

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What the collection did not ask for."""
        return self._source.left_out

    @property
    def spent(self) -> dict[str, int]:
        """What the collection asked for."""
        return self._source.spent

    @property
    def workspace(self) -> str:
        """The workspace that the collection read."""
        return self._source.workspace

    def intake(self, patterns: Sequence[str]) -> TableIntake:
        """Return an intake that reads the documents where the source keeps them."""
        return CollectedTables(self._source.read, patterns)

    def advise(self, adviser: Callable[[], Adviser]) -> None:
        """Let the adviser choose, where evidence is collected on demand."""
        if self._evidence == "on-demand":
            self._source.adviser = adviser()

    def when_listed(self, check: Listed) -> None:
        """Have the source call `check`."""
        self._source.on_listed = check

    def check(self) -> Iterator[Check]:
        """Have the source look at what it needs."""
        return self._source.check()

    def plan(self) -> Sequence[str]:
        """Have the source plan."""
        return self._source.plan()

    def close(self) -> None:
        """End the collection, and forget what was collected."""
        self.items.close()


class Copied:
    """An origin's items, which are written to an inventory as they are iterated over.

    Where they come from an incomplete inventory it has no end line: it is incomplete as well.
    """

    def __init__(self, opened: OpenOrigin, *streams: BinaryIO) -> None:
        self.end: End | None = None
        """The end line, once it is written."""
        self._opened = opened
        self._stream = cast("BinaryIO", _Several(streams))

    @property
    def where(self) -> str:
        """The place of the item last yielded."""
        return self._opened.items.where

    def __iter__(self) -> Iterator[Item]:
        items = iter(self._opened.items)
        first = next(items, None)  # only with it is known when a resumed collection began
        writer = InventoryWriter(self._stream, header_of(self._opened))
        for item in chain(() if first is None else (first,), items):
            writer.write(item)
            yield item
        if not self._opened.shortcomings:
            self.end = writer.end(self._opened.left_out, self._opened.spent, self._opened.workspace)


class _Several:
    """Writes the same to several streams."""

    def __init__(self, streams: Sequence[BinaryIO]) -> None:
        self._streams = streams

    def write(self, data: bytes) -> None:
        for each in self._streams:
            each.write(data)


def header_of(opened: OpenOrigin) -> Header:
    """Return the header of what an origin collects; a copied inventory keeps its own.

    It is known when the first item comes.
    """
    items, started_at = opened.items, opened.started_at
    if isinstance(items, InventoryReader):
        if items.header is not None:
            return items.header
        started_at = items.started_at
    return Header(
        schema_version=SCHEMA_VERSION,
        source=opened.source,
        scope=opened.scope,
        started_at=started_at,
        tool_version=__version__,
    )
