"""The actions of a Delta log that Lakewarden reads, as JSON; every other action is skipped.

Whatever does not change the set of active files, the keys or the metadata is not looked at, so
that it cannot be a reason not to read a table: statistics and partition values above all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct
from obstore.store import ObjectStore

from lakewarden_collector.decoding import decoder
from lakewarden_collector.sources.delta.active_files import IMPOSSIBLE, LARGEST
from lakewarden_collector.sources.delta.fault import LimitError, damaged, damaged_file
from lakewarden_collector.sources.delta.memory import MEGABYTE, Share
from lakewarden_collector.sources.delta.stored_file import BOM, lines

LONGEST_STATEMENT: Final = 8 * MEGABYTE
"""For the JSON of a metaData, protocol, domainMetadata, commitInfo or sidecar action."""

_NULL: Final = b"null"
_LENIENT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[-+]?(?:NaN|Infinity|INF)\b', re.DOTALL)
"""Strings, which are kept, and numbers that JSON does not have."""

_SURROGATE: Final = re.compile(
    rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\\\|(?P<alone>\\u[dD][89a-fA-F]..)"
)


class DeletionVector(Struct, frozen=True, kw_only=True, rename="camel"):
    """What identifies the rows that are deleted from a file."""

    storage_type: str | None = None
    path_or_inline_dv: str | None = None
    offset: int | None = None


class File(Struct, frozen=True, kw_only=True, rename="camel"):
    """An addition or a removal; only an addition needs a size."""

    path: str
    size: Any = None
    deletion_vector: DeletionVector | None = None


class Action(Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of a commit, a compaction, or a JSON checkpoint."""

    add: File | None = None
    remove: File | None = None
    meta_data: Raw = Raw()
    protocol: Raw = Raw()
    domain_metadata: Raw = Raw()
    commit_info: Raw = Raw()
    sidecar: Raw = Raw()

    def statements(self) -> tuple[tuple[str, Raw], ...]:
        """Return what is not about data files, by its key in the log."""
        return (
            ("protocol", self.protocol),
            ("metaData", self.meta_data),
            ("domainMetadata", self.domain_metadata),
            ("sidecar", self.sidecar),
        )


class Metadata(Struct, frozen=True, kw_only=True, rename="camel"):
    """The newest metaData action; what may be anything is narrowed where it is used."""

    id: Any = None
    name: Any = None
    description: Any = None
    schema_string: Any = None
    partition_columns: list[str] | None = None
    configuration: dict[str, Any] | None = None
    created_time: Any = None


class Protocol(Struct, frozen=True, kw_only=True, rename="camel"):
    """The newest protocol action."""

    min_reader_version: int
    min_writer_version: int
    reader_features: list[str] | None = None
    writer_features: list[str] | None = None


class DomainMetadata(Struct, frozen=True, kw_only=True):
    """One domain's configuration, JSON text whose shape is the domain's own affair.

    Spark reads JSON that some writers put there bare as if it were text.
    """

    domain: Any = None
    configuration: Any = None
    removed: Any = None


class CommitInfo(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a writer says about its commit; times in milliseconds since 1970."""

    in_commit_timestamp: Any = None


class Sidecar(Struct, frozen=True, kw_only=True):
    """A file of a v2 checkpoint; its recorded size may be wrong and is not read."""

    path: str


METADATA: Final = decoder(Metadata)
PROTOCOL: Final = decoder(Protocol)
DOMAIN: Final = decoder(DomainMetadata)
COMMIT_INFO: Final = decoder(CommitInfo)
SIDECAR: Final = decoder(Sidecar)
_ACTION: Final = decoder(Action)


def as_text(value: Any) -> str:  # noqa: ANN401 -- whatever the writer put there
    """Return a part that should be text as Spark reads it: what isn't text is its JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


class Statement(Struct, frozen=True):
    """The JSON of an action that is decoded only if it counts in the end, and its place."""

    text: bytes
    where: str

    def read(self, kind: msgspec.json.Decoder[Any]) -> Any:  # noqa: ANN401 -- the decoder's type
        """Return the decoded action; raises `DamagedFileError` naming its place."""
        try:
            return kind.decode(self.text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise damaged_file(self.where, error) from error


def statement(raw: Raw, where: str) -> Statement | None:
    """Return what stands at a key of an action, None where nothing or null does."""
    text = bytes(raw)
    if not text or text == _NULL:
        return None
    if len(text) > LONGEST_STATEMENT:
        raise LimitError(
            f"an action has {len(text):,} bytes, at most {LONGEST_STATEMENT:,} are read",
            where=where,
        )
    return Statement(text, where)


def actions(store: ObjectStore, path: str, share: Share) -> Iterator[tuple[str, Action]]:
    """Yield each action of a JSON file with its place.

    Raises `DamagedFileError` naming file and line, `LimitError`, and obstore's errors.
    """
    for number, line in lines(store, path, share):
        where = f"{path}:{number}"
        try:
            action = _ACTION.decode(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            with share.holding(2 * len(line)):
                action = _decode_as_spark(line, where, error)
        yield where, action


def _decode_as_spark(line: bytes, where: str, error: Exception) -> Action:
    """Return the action of a line that only a lenient reader reads, for a bare NaN say.

    The text is changed, not parsed by another parser: its objects might take gigabytes.
    """
    try:
        return _ACTION.decode(_LENIENT.sub(_strictly, line.removeprefix(BOM)))
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise damaged_file(where, error) from error


def _strictly(found: re.Match[bytes]) -> bytes:
    token = found[0]
    return _SURROGATE.sub(_paired, token) if token.startswith(b'"') else _NULL


def _paired(found: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if found["alone"] else found[0]


def size_of(add: File, where: str) -> int:
    """Return the size of an added file in bytes, or `IMPOSSIBLE`; one without is damage."""
    size = add.size
    if size is None:
        raise damaged(where, "an added file has no size")
    if isinstance(size, float) and size.is_integer():
        size = int(size)
    if not isinstance(size, int) or isinstance(size, bool):
        return IMPOSSIBLE
    return size if 0 <= size <= LARGEST else IMPOSSIBLE
