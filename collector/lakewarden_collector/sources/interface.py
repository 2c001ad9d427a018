"""What every source of tables offers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from lakewarden_collector.document import EncodedDocument, TableDocument
from lakewarden_collector.inventory import Failure, LeftOut


class Source(Protocol):
    """A place that tables come from.

    `source_kind` is the word before the colon in `--source KIND:LOCATION`, `scope` says what is
    looked at, for the reader of the report.
    """

    source_kind: str
    scope: str

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What was not read on purpose; known after the iteration."""
        ...

    def tables(self) -> Generator[TableDocument | Failure, None, None]:
        """Yield every table once, sorted by `full_name`; a `Failure` for each one not read.

        Closing the generator ends the reading: no further table is begun.

        Raises `SourceError` where nothing can be collected at all. One table's trouble is a
        `Failure`, and the others go on.
        """
        ...


class EvidenceWay(Struct, frozen=True, kw_only=True):
    """One way in which a source learns parts of a document, as the page about evidence tells it.

    `name` is the word that its requests are counted by, where they are counted. `gives` names
    fields of `TableDocument`. What is asked is either `requests`, or `statements` with the `grants`
    that they need, to a placeholder. `without` says what is lost where it is refused, `blind` what
    it cannot see however much is granted; a sentence each.
    """

    name: str
    gives: tuple[str, ...]
    requests: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    permission: str = ""
    """What the grants do not cover, in words."""
    enable: str = ""
    """The command with which an administrator switches on what is asked."""
    without: str = ""
    blind: tuple[str, ...] = ()
    repeats: bool = False
    """Whether it only repeats what another way gave a previous run."""


class Advice(Struct, frozen=True):
    """What is thought of one document: the kinds of evidence without which it stays undecided.

    `outcome` stands for all that was decided about it: where it is equal for two documents, so
    are the decisions' outcomes.
    """

    wants: frozenset[str]
    outcome: bytes = b""


Adviser = Callable[[Sequence[TableDocument]], Sequence[Advice]]
"""Says of each document which evidence it still needs, in the order of the documents."""


class Listing(Struct, frozen=True, kw_only=True):
    """What a source has listed, before evidence is asked for."""

    names: Iterable[str]
    """Full names of all tables."""
    failures: Sequence[Failure]
    """What could not be listed or read, other than `unseen`."""
    unseen: Sequence[Failure]
    """What a pattern names and nobody lists: it isn't there, or may not be seen."""
    places: Sequence[str]
    """Catalogs, and schemas as `catalog.schema`, that were listed and hold nothing in scope."""


Listed = Callable[[Listing], None]


class ProgressState(Struct, frozen=True, kw_only=True):
    """Where a collection stands: what is being done, how far it is, and of how much."""

    text: str
    done: int = 0
    total: int | None = None


class Check(Struct, frozen=True):
    """One line: whether it is well, what was looked at, and what to do if it is not.

    `missing` is something that a collection needs, or a grant without which evidence is lacking;
    a `note` is worth knowing and may well be as it should be.
    """

    state: Literal["ok", "note", "missing"]
    what: str
    remedy: str = ""


class Watcher(Protocol):
    """Hears how a collection goes."""

    def note(self, text: str) -> None:
        """Hear one sentence."""
        ...

    def show(self, state: ProgressState) -> None:
        """Hear where the collection stands; called often, from one thread at a time."""
        ...


class EvidenceSource(Protocol):
    """A source with evidence that costs extra, fetched for the tables that need it.

    It keeps what it has collected, checked and each name once, so that nobody else need do so.
    `source_kind` and `scope` are those of a `Source`.
    """

    source_kind: str
    scope: str
    started_at: str
    """When the collection began, RFC 3339 in UTC; of one that goes on, its first beginning. Known
    when the first item comes."""
    adviser: Adviser | None
    """Who says what is needed; set before `documents` is iterated. None: nothing is."""
    on_listed: Listed | None
    """Called once, before evidence is asked for; what it raises ends the collection."""

    def documents(self) -> Generator[EncodedDocument | Failure, None, None]:
        """Collect, then yield what `Source.tables` would, each table as JSON."""
        ...

    def read(self, full_name: str) -> EncodedDocument:
        """Return a table again, after the iteration and until `close`. Safe to use from threads."""
        ...

    def close(self) -> None:
        """Forget what was collected."""
        ...

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What was not asked for; known after the iteration."""
        ...

    @property
    def spent(self) -> dict[str, int]:
        """The requests made, by kind; known after the iteration."""
        ...

    @property
    def workspace(self) -> str:
        """The one workspace that was read, as `https://HOST`; known after the iteration.

        Empty where there are several, or none.
        """
        ...

    def plan(self) -> Sequence[str]:
        """Say what `documents` would ask for, a line each, and ask for nothing that costs."""
        ...

    def check(self) -> Iterator[Check]:
        """Look at everything that a collection needs, and say what is missing."""
        ...
