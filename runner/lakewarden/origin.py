"""Where a run's tables come from: a source that is asked, or an inventory that is read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, cast

from msgspec import Struct

from lakewarden.engines.choice import EngineOptions, start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.adviser import by_decisions, everything
from lakewarden.evaluation.document_store import Items
from lakewarden.evaluation.question import Question
from lakewarden.model.clock import utc_now
from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_set import load_rules
from lakewarden.progress import Progress
from lakewarden.report.atomic_file import PendingFile
from lakewarden.version import __version__
from lakewarden_collector.document import SCHEMA_VERSION, TableDocument
from lakewarden_collector.file_kinds import (
    FileKind,
    Wanted,
    mismatch,
    peeked,
    recognise,
    recognise_file,
)
from lakewarden_collector.inventory import (
    End,
    Failure,
    Header,
    InventoryReader,
    InventoryWriter,
    LeftOut,
)
from lakewarden_collector.sources.databricks.options import DatabricksOptions, Evidence
from lakewarden_collector.sources.interface import (
    Check,
    EvidenceSource,
    EvidenceWay,
    Listed,
    Source,
)

SOURCES: Final = {
    "demo": "demo[:DIR]      the demo lakehouse: some forty tables, most of them real Delta, "
    "made on first use",
    "delta": "delta:LOCATION  Delta tables in a folder or object store, "
    "as <catalog>/<schema>/<table>, or in a list file",
    "databricks": "databricks      the Unity Catalog of a Databricks workspace, authenticated as "
    "the Databricks CLI is",
}
"""Kind to one line of help."""

_STANDARD_INPUT: Final = "standard input"
_LISTS: Final = (FileKind.LIST, FileKind.EMPTY, FileKind.TEXT)
"""Kinds of file that a list with a mistake may look like; the source names the line."""

SOURCES_HELP: Final = "; ".join(" ".join(line.split()) for line in SOURCES.values())


class Origin(Struct, frozen=True, kw_only=True):
    """One place that tables come from."""

    kind: str
    location: str = ""
    workspace: DatabricksOptions | None = None
    """How to collect, where the kind is `databricks`."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.location}" if self.location else self.kind


class OpenOrigin(Struct, kw_only=True):
    """An origin at work: iterate over `items`, then read the rest."""

    source: str
    scope: str
    items: Items
    config_dir: Path | None = None
    """Settings that belong to the origin and apply unless the user names others."""
    _reader: InventoryReader | None = None
    _evidence: EvidenceSource | None = None
    _mode: Evidence = "none"

    @property
    def shortcomings(self) -> list[str]:
        """Why the inventory is incomplete, a sentence each; known after the iteration."""
        return self._reader.shortcomings if self._reader else []

    @property
    def started_at(self) -> str:
        """When the collection began; known when the first item comes."""
        return self._evidence.started_at if self._evidence else utc_now()

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """What the source was not asked for; known after the iteration."""
        told = self._reader or self._evidence
        return told.left_out if told else ()

    @property
    def spent(self) -> dict[str, int]:
        """What was asked of the source, by kind of request; known after the iteration."""
        told = self._reader or self._evidence
        return told.spent if told else {}

    @property
    def wants_advice(self) -> bool:
        """Whether it depends on decisions which evidence is collected."""
        return self._evidence is not None and self._mode == "on-demand"

    def check(self) -> Iterator[Check] | None:
        """Look at what a collection needs; None for an origin that is looked at by opening it."""
        return self._evidence.check() if self._evidence else None

    def plan(self) -> Sequence[str]:
        """Say what a collection would cost, a line each, instead of collecting.

        Raises `ConfigurationError` for an origin whose collection costs nothing.
        """
        if self._evidence is None:
            raise ConfigurationError(
                f"collecting from {self.source} asks nothing that costs",
                where="--plan",
                remedy="It belongs to --source databricks.",
            )
        return self._evidence.plan()

    def when_listed(self, check: Listed) -> None:
        """Have a listing checked before evidence is asked for; before the iteration."""
        if self._evidence is not None:
            self._evidence.on_listed = check

    def advise(self, engine: Engine, question: Question) -> None:
        """Let the decisions say which evidence is collected; before the iteration."""
        if self._evidence is not None and self._mode == "on-demand":
            self._evidence.adviser = by_decisions(engine, question)


class _SourceItems:
    """A source seen as an inventory: the place of everything is the source's scope."""

    def __init__(self, source: Source) -> None:
        self.where = source.scope
        self._source = source
        self._begun: list[Generator[TableDocument | Failure, None, None]] = []

    def __iter__(self) -> Iterator[TableDocument | Failure]:
        self._begun.append(self._source.tables())
        return self._begun[-1]

    def close(self) -> None:
        """End every reading that was begun."""
        for tables in self._begun:
            tables.close()


def parse_origin(text: str) -> Origin:
    """Read `KIND[:LOCATION]`; raises `ConfigurationError` for a kind that does not exist."""
    kind, _, location = text.partition(":")
    _check_kind(kind, where="--source")
    if kind == "databricks":
        if location:
            raise ConfigurationError(
                f"databricks takes no location, so {location!r} says nothing",
                where="--source",
                remedy="Choose the workspace with --profile, the tables with --include.",
            )
        return Origin(kind=kind, workspace=DatabricksOptions())
    if kind != "demo" and not location:
        raise ConfigurationError(
            f"{kind} needs a location",
            where="--source",
            remedy=f"Write --source {SOURCES[kind].split()[0]}",
        )
    return Origin(kind=kind, location=location)


@contextmanager
def open_origin(origin: Origin, progress: Progress, now: str | None = None) -> Iterator[OpenOrigin]:
    """Open a source, or the inventory of an origin of kind `inventory` (`-` is standard input).

    Leaving it ends the reading. `now` is the run's clock: no document of an inventory that does not
    say when it was begun may be dated more than a day after it.
    """
    if origin.kind == "inventory":
        with _open_inventory(origin.location) as stream:
            reader = InventoryReader(stream, origin.location, now)
            yield OpenOrigin(
                source="inventory", scope=origin.location, items=reader, _reader=reader
            )
        return
    source, config_dir = _open_source(origin, progress)
    evidence = source if isinstance(source, EvidenceSource) else None
    mode = origin.workspace.evidence if origin.workspace else "none"
    if evidence is not None and mode == "all":
        evidence.adviser = everything
    with closing(_SourceItems(source)) as items:
        yield OpenOrigin(
            source=origin.kind,
            scope=source.scope,
            items=items,
            config_dir=config_dir,
            _evidence=evidence,
            _mode=mode,
        )


def collect(
    origin: Origin,
    stream: BinaryIO,
    progress: Progress,
    prepare: Callable[[OpenOrigin], None] = lambda _: None,
) -> End:
    """Write a source's inventory to `stream`; return its counts.

    `prepare` is called with the origin before it is asked for anything. Raises
    `ConfigurationError` for an inventory: copied, an incomplete one would look complete.
    """
    _check_kind(origin.kind)
    with open_origin(origin, progress) as opened:
        prepare(opened)
        with progress.stage(f"Collecting from {opened.scope}") as advance:
            items = iter(opened.items)
            first = next(items, None)  # only with it is known when a resumed collection began
            writer = InventoryWriter(stream, _header(opened))
            for item in chain(() if first is None else (first,), items):
                writer.write(item)
                advance(1)
            return writer.end(opened.left_out, opened.spent)


class _Tee:
    """Items that are written to an inventory as they are iterated over."""

    def __init__(self, opened: OpenOrigin, writer: InventoryWriter) -> None:
        self._items = opened.items
        self._writer = writer

    @property
    def where(self) -> str:
        return self._items.where

    def __iter__(self) -> Iterator[TableDocument | Failure]:
        for item in self._items:
            self._writer.write(item)
            yield item


@contextmanager
def saved(opened: OpenOrigin, path: Path) -> Iterator[Items]:
    """Give an origin's items, and write them to the inventory `path`, which is there at the end.

    Where they come from an incomplete inventory it has no end line: it is incomplete as well.
    """
    with PendingFile(path) as file:
        writer = InventoryWriter(cast("BinaryIO", file), _header(opened))
        yield _Tee(opened, writer)
        if not opened.shortcomings:
            writer.end(opened.left_out, opened.spent)


def _header(opened: OpenOrigin) -> Header:
    return Header(
        schema_version=SCHEMA_VERSION,
        source=opened.source,
        scope=opened.scope,
        started_at=opened.started_at,
        tool_version=__version__,
    )


def _check_kind(kind: str, where: str = "") -> None:
    if kind not in SOURCES:
        names = ", ".join(line.split()[0] for line in SOURCES.values())
        raise ConfigurationError(
            f"there is no source {kind!r}",
            where=where,
            remedy=f"The sources are: {names}. An inventory isn't a source.",
        )


def _open_source(origin: Origin, progress: Progress) -> tuple[Source, Path | None]:
    _check_kind(origin.kind)
    # Imported when asked for: databricks-sdk, deltalake and pyarrow cost most of a second.
    if origin.kind == "databricks":
        from lakewarden_collector.sources.databricks.source import DatabricksSource  # noqa: PLC0415 -- see above

        return DatabricksSource(origin.workspace or DatabricksOptions(), progress), None
    from lakewarden_collector.sources.delta import DeltaSource  # noqa: PLC0415 -- see above

    if origin.kind == "demo":
        from lakewarden_collector.sources.demo import DemoSource, demo_config_dir  # noqa: PLC0415 -- see above

        return DemoSource(DeltaSource, origin.location, progress.note), demo_config_dir()
    _check_list(origin.location)
    return DeltaSource(origin.location), None


def _check_list(location: str) -> None:
    """Raise `ConfigurationError` where a file is clearly no list of Delta tables."""
    path = Path(location)
    if not path.is_file():
        return  # a folder, an object store, or nothing: the source says which
    with suppress(OSError):  # so does it of a file that can't be read
        kind = recognise_file(path)
        if kind is not None and kind not in _LISTS:
            raise _wrong_file(kind, Wanted.LIST, location)


def evidence_ways() -> dict[str, Sequence[EvidenceWay]]:
    """Return by which ways each kind of source learns what its documents say."""
    # Imported when asked for, as above.
    from lakewarden_collector.sources.databricks.ways import CHECKS, WAYS  # noqa: PLC0415 -- see above
    from lakewarden_collector.sources.delta import WAYS as LAKE  # noqa: PLC0415 -- see above

    # The demo makes a lake with a list file, and has it read as one.
    ways: dict[str, Sequence[EvidenceWay]] = {
        "demo": LAKE,
        "delta": LAKE,
        "databricks": (*WAYS, CHECKS),
    }
    return {kind: ways[kind] for kind in SOURCES}


@contextmanager
def _open_inventory(location: str) -> Iterator[BinaryIO]:
    """Open an inventory; raises `ConfigurationError` for what is clearly something else."""
    with _open_bytes(location) as stream:
        head, whole, again = peeked(stream)
        kind = recognise(head, whole=whole)
        # An empty one is read: there is nothing to evaluate in it.
        if kind not in {None, FileKind.INVENTORY, FileKind.EMPTY}:
            raise _wrong_file(kind, Wanted.INVENTORY, location)
        yield again


def _wrong_file(kind: FileKind, wanted: Wanted, where: str) -> ConfigurationError:
    what, remedy = mismatch(kind, wanted)
    return ConfigurationError(what, where=_STANDARD_INPUT if where == "-" else where, remedy=remedy)


@contextmanager
def _open_bytes(location: str) -> Iterator[BinaryIO]:
    if location == "-":
        yield sys.stdin.buffer
        return
    if Path(location).is_dir():
        raise _wrong_file(FileKind.FOLDER, Wanted.INVENTORY, location)
    try:
        stream = Path(location).open("rb")  # noqa: SIM115 -- closed below
    except OSError as error:
        raise ConfigurationError(
            f"cannot be read: {error.strerror}",
            where=location,
            remedy="Name a file that `lakewarden collect` wrote, or - for standard input.",
        ) from error
    with stream:
        yield stream


def asking(
    engine_options: EngineOptions,
    *,
    patterns: tuple[str, ...],
    config_dir: Path | None,
    progress: Progress,
    stack: ExitStack,
) -> Callable[[OpenOrigin], None]:
    """Return what starts the engine and has an origin ask it, if the origin does at all.

    The engine runs until the stack is left. `patterns` choose the policies.
    """

    def prepare(opened: OpenOrigin) -> None:
        if not opened.wants_advice:
            return
        engine, _ = start_engine(engine_options, progress)
        stack.push(engine)
        rules = load_rules(
            engine.modules(),
            policy_dirs=engine_options.policy_dirs,
            patterns=patterns,
            config_dir=config_dir,
            belonging=opened.config_dir,
        )
        opened.advise(engine, rules.question(utc_now()))

    return prepare
