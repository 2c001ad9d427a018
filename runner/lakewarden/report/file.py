"""The JSON report as a file: written while tables are decided, read without holding them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec

from lakewarden.model.baseline import Baseline
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.history import History
from lakewarden.model.insight import Insight
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.model.promises import Promises
from lakewarden.model.report import (
    SCHEMA_VERSION,
    Completeness,
    FactLabel,
    Gate,
    Run,
    Summary,
    TableReport,
)
from lakewarden.model.waiver import WaiverStatus
from lakewarden.report import layout
from lakewarden.report.atomic_file import PendingFile
from lakewarden.report.layout import ReportDocument, Tail
from lakewarden_collector.decoding import decoder
from lakewarden_collector.file_kinds import FileKind, Wanted, mismatch, recognise_file

REWRITE: Final = "Write the report again with `lakewarden evaluate --report json=PATH`."
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_decode_policy: Final = decoder(Policy).decode
_decode_table: Final = decoder(TableReport).decode
_decode_tail: Final = decoder(Tail).decode
_decode_whole: Final = decoder(ReportDocument).decode


class _Version(msgspec.Struct):
    schema_version: int


_decode_version: Final = decoder(_Version).decode


class ReportWriter:
    """Writes a report a table at a time; used in a `with` block.

    `target` is a path or a binary stream. A path gets the file only at `finish`, so that a run
    that is interrupted leaves nothing half-written behind; leaving the block without `finish`
    discards. Bytes depend on nothing but the values given.
    """

    def __init__(self, target: str | Path | BinaryIO, *, policies: Iterable[Policy]) -> None:
        self._file = PendingFile(target) if isinstance(target, str | Path) else None
        self._out: PendingFile | BinaryIO = self._file or target  # type: ignore[assignment]  # a stream where there is no file
        self._before = b""
        self._finished = False
        try:
            self._out.write(layout.head(policies))
        except BaseException:
            self._discard()
            raise

    def add(self, table: TableReport) -> None:
        """Append one table."""
        self.add_encoded(layout.table(table))

    def add_encoded(self, table: bytes) -> None:
        """Append one table that is JSON already, on one line."""
        if b"\n" in table:
            raise ValueError("an encoded table must be on one line")
        self._out.write(self._before + table)
        self._before = b",\n"

    def finish(
        self,
        *,
        run: Run,
        completeness: Completeness,
        summary: Summary,
        gate: Gate,
        waivers: tuple[WaiverStatus, ...] = (),
        fact_labels: dict[str, FactLabel] | None = None,
        insight: Insight | None = None,
        promises: Promises | None = None,
        baseline: Baseline | None = None,
        history: History | None = None,
        judged: JudgedWaivers | None = None,
    ) -> None:
        """Write the rest and, for a path, give the file its name."""
        rest = Tail(
            completeness=completeness,
            waivers=waivers,
            summary=summary,
            fact_labels=fact_labels or {},
            insight=insight,
            promises=promises,
            baseline=baseline,
            history=history,
            judged=judged,
            gate=gate,
            run=run,
        )
        self._out.write((b"\n" if self._before else b"") + layout.tail(rest))
        self._finished = True
        if self._file is not None:
            self._file.commit()
        else:
            self._out.flush()  # type: ignore[union-attr]  # a stream where there is no file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._finished:
            self._discard()

    def _discard(self) -> None:
        if self._file is not None:
            self._file.discard()


class _Parts:
    """What a report has beside its tables."""

    def __init__(
        self, path: Path, policies: tuple[Policy, ...], rest: Tail | ReportDocument
    ) -> None:
        self.policies = policies
        self.run = rest.run
        self.completeness = rest.completeness
        self.waivers = rest.waivers
        self.summary = rest.summary
        self.fact_labels = rest.fact_labels
        self.insight = rest.insight
        self.promises = rest.promises
        self.baseline = rest.baseline
        self.history = rest.history
        self.judged = rest.judged
        self.gate = rest.gate
        self._path = path


class _LinedReport(_Parts):
    """A report laid out as ours are: its tables stay in the file until they are asked for."""

    def __init__(
        self, path: Path, policies: tuple[Policy, ...], tail: Tail, *, offset: int, line: int
    ) -> None:
        super().__init__(path, policies, tail)
        self._offset = offset
        self._line = line

    def tables(self) -> Iterator[TableReport]:
        """Yield the tables in the file's order, reading the file again."""
        for _, table, _ in self._lines():
            yield table

    def located_tables(self) -> Iterator[tuple[str, TableReport]]:
        """Yield each table with its place, `FILE:LINE`; a key that appears twice is refused."""
        for number, table, line in self._lines():
            place = f"{self._path}:{number}"
            if layout.table(table) != line:  # ours never repeat a key, and looking takes time
                _refuse_repeated(line, place)
            yield place, table

    def _lines(self) -> Iterator[tuple[int, TableReport, bytes]]:
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            for number, ended in enumerate(stream, self._line):
                if ended == layout.CLOSE:
                    return
                line = ended.rstrip(b",\n")
                try:
                    table = _decode_table(line)
                except _UNREADABLE as error:
                    raise _broken(self._path, error, line=number) from error
                yield number, table, line
        raise _broken(self._path, "ends before its last table", line=self._line)


class _WholeReport(_Parts):
    """A report that another tool laid out again, held in memory."""

    def __init__(self, path: Path, document: ReportDocument) -> None:
        super().__init__(path, document.policies, document)
        self._tables = document.tables

    def tables(self) -> Iterator[TableReport]:
        """Yield the tables in the file's order."""
        yield from self._tables

    def located_tables(self) -> Iterator[tuple[str, TableReport]]:
        """Yield each table with its place, `FILE: $.tables[N]`."""
        for number, table in enumerate(self._tables):
            yield f"{self._path}: $.tables[{number}]", table


ReportFile = _LinedReport | _WholeReport
"""A `Report` that knows the places of its tables."""


def open_unchecked_report(path: str | Path) -> ReportFile:
    """Read the head and tail of a report that this run has written itself.

    Its tables are read as they are asked for. Any other report is opened with
    `recount.open_report`, which also looks whether its parts agree.

    Raises `ConfigurationError` if the file can't be read, isn't a report or is one of another
    schema version, or is broken; a broken table is only found when `tables` comes to it.
    """
    path = Path(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigurationError(
            "is a pipe or a device, and a report is read twice",
            where=str(path),
            remedy="Write the report to a file first, and name that.",
        )
    try:
        kind = recognise_file(path)
        if kind not in {None, FileKind.REPORT, FileKind.OTHER_JSON, FileKind.SPREAD_JSON}:
            what, remedy = mismatch(kind, Wanted.REPORT)
            raise ConfigurationError(what, where=str(path), remedy=remedy)
        with path.open("rb") as stream:
            try:
                return _read_lined(path, stream)
            except _OtherLayoutError:
                stream.seek(0)
                return _read_whole(path, stream.read())
    except OSError as error:
        raise ConfigurationError(
            f"can't be read: {error.strerror or error}",
            where=str(path),
            remedy="Name a JSON report that `lakewarden evaluate --report json=PATH` wrote.",
        ) from error


class _OtherLayoutError(Exception):
    """The file is not laid out as ours are, or it ends in the middle."""


def _read_lined(path: Path, stream: BinaryIO) -> _LinedReport:
    """Read a file of our own layout, looking at its tables' line ends only."""
    first = stream.readline()
    if not first.startswith(b'{"schema_version":') or not first.endswith(b",\n"):
        raise _OtherLayoutError
    _check_version(path, first[:-2] + b"}")
    if first != layout.VERSION:  # another key on this line: reading the whole says what is wrong
        raise _OtherLayoutError
    _expect(stream, layout.POLICIES_OPEN)
    policies = list(_section(stream))
    _expect(stream, layout.TABLES_OPEN)
    offset = stream.tell()
    for _ in _section(stream):
        pass
    try:
        policy_index = tuple(_decode_policy(line) for line in policies)
        end = b"{" + stream.read()
        rest = _decode_tail(end)
    except _UNREADABLE as error:
        raise _OtherLayoutError from error  # reading the whole says where
    for number, line in enumerate(policies, 3):
        _refuse_repeated(line, f"{path}:{number}")
    _refuse_repeated(end, str(path), before=("schema_version", "policies", "tables"))
    begin = len(policies) + 5  # four lines stand around the policies
    return _LinedReport(path, policy_index, rest, offset=offset, line=begin)


def _expect(stream: BinaryIO, line: bytes) -> None:
    if stream.readline() != line:
        raise _OtherLayoutError


def _section(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the objects of one list, one a line, without their commas."""
    more: bool | None = None
    while (line := stream.readline()) != layout.CLOSE:
        last = line.endswith(b"}\n")
        if more is False or not line.startswith(b"{") or not (last or line.endswith(b"},\n")):
            raise _OtherLayoutError
        more = not last
        yield line.rstrip(b",\n")
    if more:  # a comma before the bracket
        raise _OtherLayoutError


def _read_whole(path: Path, data: bytes) -> _WholeReport:
    data = data.removeprefix(b"\xef\xbb\xbf")  # some tools begin a file with this mark
    _check_version(path, data)
    try:
        document = _decode_whole(data)
    except _UNREADABLE as error:
        raise _broken(path, error, data=data) from error
    _refuse_repeated(data, str(path))
    return _WholeReport(path, document)


def _refuse_repeated(data: bytes, place: str, *, before: tuple[str, ...] = ()) -> None:
    """Raise `ConfigurationError` for a key that an object of `data` has twice.

    Readers disagree on which of the two holds. `before` are keys that the outermost object has
    had already.
    """
    repeated: list[str] = []

    def check(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            repeated.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # `add` returns None, which counts as no
        return found

    try:
        outermost = json.loads(data, object_pairs_hook=check)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"is a broken report: {error}", where=place, remedy=REWRITE
        ) from error
    repeated.extend(key for key in before if key in outermost)
    if repeated:
        raise ConfigurationError(
            f"is a broken report: an object has the key {json.dumps(repeated[0])} twice",
            where=place,
            remedy=REWRITE,
        )


def _check_version(path: Path, data: bytes) -> None:
    try:
        version = _decode_version(data).schema_version
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            f"isn't a Lakewarden report: {error}", where=str(path), remedy=REWRITE
        ) from error
    except _UNREADABLE as error:
        raise _broken(path, error, data=data) from error
    if version != SCHEMA_VERSION:
        raise ConfigurationError(
            f"has schema version {version}; this version of Lakewarden reads {SCHEMA_VERSION}",
            where=f"{path}: $.schema_version",
            remedy="Read it with the version of Lakewarden that wrote it, or evaluate again.",
        )


def _broken(
    path: Path, error: Exception | str, *, data: bytes = b"", line: int = 0
) -> ConfigurationError:
    """Name the place: the given line, or the one that holds the byte that the decoder names."""
    text = str(error)
    _, found, byte = text.rpartition("(byte ")
    if found and not line:
        line = data.count(b"\n", 0, int(byte.rstrip(")"))) + 1
    elif "truncated" in text and not line:
        line = data.count(b"\n") + 1
    place = f"{path}:{line}" if line else str(path)
    return ConfigurationError(f"is a broken report: {text}", where=place, remedy=REWRITE)
