"""Where a run's tables come from: which sources there are, and how one is named and opened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct, structs

from lakewarden.model.clock import utc_now
from lakewarden.model.errors import ConfigurationError
from lakewarden.open_origin import (
    CollectedOrigin,
    Copied,
    OpenOrigin,
    ReadOrigin,
    SourceReader,
)
from lakewarden.planned_origin import Plan, PlannedOrigin
from lakewarden.progress import Progress
from lakewarden_collector.document import TOOLS
from lakewarden_collector.file_kinds import (
    FileKind,
    Wanted,
    mismatch,
    peeked,
    recognise,
    recognise_file,
)
from lakewarden_collector.inventory import End, InventoryReader
from lakewarden_collector.planned import Lookup, find_nothing
from lakewarden_collector.sources.databricks.options import DatabricksOptions
from lakewarden_collector.sources.interface import EvidenceWay, Source

SOURCES: Final = {
    "demo": "demo[:DIR]      the demo lakehouse: some forty tables, most of them real Delta, "
    "made on first use",
    "delta": "delta:LOCATION  Delta tables in a folder or object store, "
    "as <catalog>/<schema>/<table>, or in a list file",
    "databricks": "databricks      the Unity Catalog of a Databricks workspace, authenticated as "
    "the Databricks CLI is",
    "dbt": "dbt:MANIFEST    the tables that a dbt project makes, from the manifest.json that "
    "`dbt parse` writes, or from its folder",
    "sql": "sql:PATTERN     the tables that SQL files make: a file, a folder or a glob such as "
    "'migrations/**/*.sql'",
    "terraform": "terraform:PLAN  the tables that a Terraform plan makes, from "
    "`terraform show -json`; a glob for several plans, - for standard input",
}
"""Kind to one line of help."""

PLANS: Final = TOOLS
"""Kinds whose tables need not exist yet: each is named as the tool of its definitions."""

_STANDARD_INPUT: Final = "standard input"
_LISTS: Final = (FileKind.LIST, FileKind.EMPTY, FileKind.TEXT)
"""Kinds of file that a list with a mistake may look like; the source names the line."""


class Origin(Struct, frozen=True, kw_only=True):
    """One place that tables come from."""

    source_kind: str
    location: str = ""
    workspace: DatabricksOptions | None = None
    """How to collect, where the kind is `databricks`."""
    default_schema: tuple[str, str] | None = None
    """The catalog and schema of names that say none, where the kind is `sql`."""
    beside: Origin | None = None
    """The estate that a plan changes: an inventory, or `databricks`."""
    called: str = ""
    """What messages and reports call the location, where nobody knows it by its path."""

    @property
    def place(self) -> str:
        """What a reader calls it."""
        if self.workspace is None:
            return _STANDARD_INPUT if self.location == "-" else self.called or self.location
        profiles = ", ".join(self.workspace.profiles)
        return f"Databricks ({profiles})" if profiles else "Databricks"

    @property
    def journal(self) -> Path | None:
        """Where a workspace is kept while it is collected, if anywhere."""
        asked = self.workspace or (self.beside and self.beside.workspace)
        return asked.journal if asked else None

    def __str__(self) -> str:
        return f"{self.source_kind}:{self.location}" if self.location else self.source_kind


def parse_origin(text: str, where: str = "--source") -> Origin:
    """Read `KIND[:LOCATION]`; raises `ConfigurationError` for a kind that does not exist."""
    source_kind, _, location = text.partition(":")
    _check_kind(source_kind, where)
    if source_kind == "databricks":
        if location:
            raise ConfigurationError(
                f"databricks takes no location, so {location!r} means nothing",
                where=where,
                remedy="Choose the workspace with --profile."
                if where == "--with"
                else "Choose the workspace with --profile, the tables with --include.",
            )
        return Origin(source_kind=source_kind, workspace=DatabricksOptions())
    if source_kind != "demo" and not location:
        raise ConfigurationError(
            f"{source_kind} needs a location",
            where="--source",
            remedy=f"Write --source {SOURCES[source_kind].split()[0]}",
        )
    return Origin(source_kind=source_kind, location=location)


@contextmanager
def open_origin(origin: Origin, progress: Progress, now: str | None = None) -> Iterator[OpenOrigin]:
    """Open a source, or the inventory of an origin of kind `inventory` (`-` is standard input).

    A plan with an estate beside it is read at once, for the tables to ask the estate about. Leaving
    it ends the reading. `now` is the run's clock: no document of an inventory that does not say
    when it was begun may be dated more than a day after it.
    """
    if origin.beside is not None:
        with _open_planned(origin, origin.beside, progress, now) as planned:
            yield planned
        return
    if origin.source_kind == "inventory":
        with _open_inventory(origin.location) as stream:
            called = origin.called or origin.location
            reader = InventoryReader(stream, called, now)
            yield ReadOrigin("inventory", called, reader)
        return
    with closing(_open_source(origin, progress)) as opened:
        yield opened


@contextmanager
def _open_planned(
    origin: Origin, beside: Origin, progress: Progress, now: str | None
) -> Iterator[OpenOrigin]:
    plan = Plan(partial(_plan_source, origin), asks=origin.source_kind == "sql")
    if beside.workspace is not None:
        names = tuple(plan.names.values())
        asked = structs.replace(beside.workspace, include=names, required=False)
        beside = structs.replace(beside, workspace=asked)
    # Without a name to ask about, a workspace would be listed whole.
    with open_origin(beside, progress, now) if plan.names else nullcontext() as opened:
        yield PlannedOrigin(origin.source_kind, plan, opened, beside.place, now or utc_now())


def _plan_source(origin: Origin, known: Lookup) -> Source:
    """Open a plan; `known` finds the tables that exist."""
    # Imported when asked for: each brings a parser.
    if origin.source_kind == "dbt":
        from lakewarden_collector.sources.dbt import DbtSource  # noqa: PLC0415 -- see above

        return DbtSource(origin.location)
    if origin.source_kind == "sql":
        from lakewarden_collector.sources.sql import SqlSource  # noqa: PLC0415 -- see above

        estate = "" if origin.beside is None else origin.beside.place
        return SqlSource(origin.location, origin.default_schema, known, estate)
    from lakewarden_collector.sources.terraform import TerraformSource  # noqa: PLC0415 -- see above

    return TerraformSource(origin.location)


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
    _check_kind(origin.source_kind)
    with open_origin(origin, progress) as opened:
        prepare(opened)
        copied = Copied(opened, stream)
        with progress.stage(f"Collecting from {opened.scope}") as advance:
            for _ in copied:
                advance(1)
        assert copied.end is not None  # noqa: S101 -- only an inventory has shortcomings
        return copied.end


def _check_kind(source_kind: str, where: str = "") -> None:
    if source_kind not in SOURCES:
        names = ", ".join(line.split()[0] for line in SOURCES.values())
        near = get_close_matches(source_kind.lower(), SOURCES, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise ConfigurationError(
            f"there is no source {source_kind!r}",
            where=where,
            remedy=f"{meant}The sources are: {names}. An inventory isn't a source.",
        )


def _open_source(origin: Origin, progress: Progress) -> OpenOrigin:
    _check_kind(origin.source_kind)
    # Imported when asked for: databricks-sdk, deltalake and pyarrow cost most of a second.
    if origin.source_kind == "databricks":
        from lakewarden_collector.sources.databricks.source import DatabricksSource  # noqa: PLC0415 -- see above

        options = origin.workspace or DatabricksOptions()
        return CollectedOrigin(DatabricksSource(options, progress), options.evidence)
    from lakewarden_collector.sources.delta import DeltaSource  # noqa: PLC0415 -- see above

    source: Source
    config_dir = None
    if origin.source_kind == "demo":
        from lakewarden_collector.sources.demo import DemoSource, demo_config_dir  # noqa: PLC0415 -- see above

        source = DemoSource(DeltaSource, origin.location, progress.note)
        config_dir = demo_config_dir()
    elif origin.source_kind in PLANS:
        source = _plan_source(origin, find_nothing)
    else:
        _check_list(origin.location)
        source = DeltaSource(origin.location)
    reader = SourceReader(source)
    return ReadOrigin(
        origin.source_kind, source.scope, reader, config_dir=config_dir, close=reader.close
    )


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
    from lakewarden_collector.sources.dbt import WAYS as DBT  # noqa: PLC0415 -- see above
    from lakewarden_collector.sources.delta import WAYS as LAKE  # noqa: PLC0415 -- see above
    from lakewarden_collector.sources.sql import WAYS as SQL  # noqa: PLC0415 -- see above
    from lakewarden_collector.sources.terraform import WAYS as TERRAFORM  # noqa: PLC0415 -- see above

    # The demo makes a lake with a list file, and has it read as one.
    ways: dict[str, Sequence[EvidenceWay]] = {
        "demo": LAKE,
        "delta": LAKE,
        "databricks": (*WAYS, CHECKS),
        "dbt": DBT,
        "sql": SQL,
        "terraform": TERRAFORM,
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
            f"can't be read: {error.strerror}",
            where=location,
            remedy="Name a file that `lakewarden collect` wrote, or - for standard input.",
        ) from error
    with stream:
        yield stream
