"""The file of promises: what plans left unknown, kept until an estate decides it.

NDJSON: a line with the schema version, then a line for each table and policy, sorted. A planned
table, which has a definition, adds promises and closes none; a table of an estate closes the open
ones about it.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
from msgspec import Struct, structs

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.promises import Promise, Promises, PromiseStatus
from lakewarden.model.report import TableReport
from lakewarden.report.atomic_file import PendingFile
from lakewarden.report.recount_table import time_fault
from lakewarden_collector.decoding import decoder
from lakewarden_collector.names import split_name
from lakewarden_collector.patterns import fold

_COMMITS: Final = "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT"
"""Where GitHub, GitLab, Azure DevOps and Jenkins name the commit, in this order."""

_COMMIT: Final = re.compile("[0-9a-fA-F]{7,64}")
_CLOSING: Final = {
    Outcome.PASS: PromiseStatus.SETTLED,
    Outcome.EXEMPT: PromiseStatus.SETTLED,
    Outcome.NOT_APPLICABLE: PromiseStatus.SETTLED,
    Outcome.FAIL: PromiseStatus.BROKEN,
}
_REMEDY: Final = "Name a file that --promises wrote, or a new one."

_Key = tuple[str, str]
"""Full name without case, and policy id."""


class _Version(Struct, frozen=True, forbid_unknown_fields=True):
    schema_version: int


class _Head(Struct, frozen=True, forbid_unknown_fields=True):
    promises: _Version


_VERSION: Final = 1
_decode_head: Final = decoder(_Head).decode
_decode_promise: Final = decoder(Promise).decode
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class PromiseLedger:
    """One run's promises; used in a `with` block, at whose end the file is replaced.

    Leaving the block by an exception, or without `finish`, keeps the file as it was.

    Raises `ConfigurationError` with its line for a file that isn't one of promises.
    """

    def __init__(self, path: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._path = path
        self._promises = _read(path)
        self._new = not self._promises and not path.exists()
        self._planned = False
        self._finished = False
        named = (environment.get(name, "") for name in _COMMITS)
        self._commit = next(filter(_COMMIT.fullmatch, named), None)
        self._file = PendingFile(path)

    def add(self, table: TableReport, *, clock: str, inventory: str) -> None:
        """Take in what was decided about one table."""
        for policy_id, decision in table.decisions.items():
            key = fold(table.full_name), policy_id
            if table.definition is None:
                self._close(key, decision, clock)
                continue
            self._planned = True
            evidence = _known_after_apply(decision)
            if not evidence:
                continue
            known = self._promises.get(key)
            promise = Promise(
                full_name=table.full_name,
                policy_id=policy_id,
                evidence=evidence,
                status=PromiseStatus.OPEN,
                definition=table.definition,
                inventory=inventory,
                promised_at=clock,
                commit=self._commit,
            )
            if known is not None and known.status is PromiseStatus.OPEN:
                promise = structs.replace(
                    known, evidence=promise.evidence, definition=promise.definition
                )
            self._promises[key] = promise

    def _close(self, key: _Key, decision: Decision, clock: str) -> None:
        promise, status = self._promises.get(key), _CLOSING.get(decision.outcome)
        if promise is not None and promise.status is PromiseStatus.OPEN and status is not None:
            self._promises[key] = structs.replace(promise, status=status, settled_at=clock)

    def finish(self) -> Promises:
        """Write the file, which gets its name at the end of the block, and sum it up."""
        ordered = [promise for _, promise in sorted(self._promises.items())]
        if ordered or not self._missing:
            self._file.write(_encode(_Head(promises=_Version(schema_version=_VERSION))) + b"\n")
            for promise in ordered:
                self._file.write(_encode(promise) + b"\n")
            self._finished = True
        return summed(ordered)

    def notices(self) -> Iterator[str]:
        """Yield what the reader should know: a file that isn't there has no promise to check."""
        if self._missing:
            yield f"There is no file {self._path}, so no promise was checked (--promises)."

    @property
    def _missing(self) -> bool:
        return self._new and not self._planned

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._finished:
            self._file.commit()
        else:
            self._file.discard()


def summed(promises: list[Promise]) -> Promises:
    """Count promises, and name those that aren't settled: the broken ones first."""
    numbers = Counter(each.status for each in promises)
    return Promises(
        promised=len(promises),
        settled=numbers[PromiseStatus.SETTLED],
        broken=numbers[PromiseStatus.BROKEN],
        open=numbers[PromiseStatus.OPEN],
        unkept=tuple(
            each
            for status in (PromiseStatus.BROKEN, PromiseStatus.OPEN)
            for each in promises
            if each.status is status
        ),
    )


def _known_after_apply(decision: Decision) -> tuple[str, ...]:
    if decision.outcome is not Outcome.UNKNOWN:
        return ()
    kinds = {each.kind for each in decision.missing if each.status == "known_after_apply"}
    return tuple(sorted(kinds))


def _read(path: Path) -> dict[_Key, Promise]:
    try:
        if path.exists() and not path.is_file():
            raise ConfigurationError("isn't a regular file", where=str(path), remedy=_REMEDY)
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise ConfigurationError(
            f"can't be read: {why}", where=str(path), remedy=_REMEDY
        ) from error
    head = lines[0] if lines else b""
    _check_head(path, head.removeprefix(b"\xef\xbb\xbf"))  # an editor may add a byte order mark
    found: dict[_Key, Promise] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        promise = _promise(f"{path}:{number}", line)
        key = fold(promise.full_name), promise.policy_id
        if key in found:
            raise _broken(
                f"{path}:{number}", "this table and policy are promised twice", "Keep one line."
            )
        found[key] = promise
    return found


def _check_head(path: Path, line: bytes) -> None:
    try:
        version = _decode_head(line).promises.schema_version
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(
            "isn't a file of promises", where=f"{path}:1", remedy=_REMEDY
        ) from error
    if version != _VERSION:
        raise ConfigurationError(
            f"has schema version {version}; this version of Lakewarden reads {_VERSION}",
            where=f"{path}:1",
            remedy="Use the version of Lakewarden that wrote it, or name a new file.",
        )


def _promise(where: str, line: bytes) -> Promise:
    try:
        promise = _decode_promise(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _broken(where, str(error)) from error
    if not line.endswith(b"\n"):
        raise _broken(
            where, "the line was cut off", "Restore the file, or end the line if it's whole."
        )
    try:
        split_name(promise.full_name)
    except ValueError as error:
        raise _broken(where, f"{promise.full_name!r} isn't the name of a table") from error
    if (promise.settled_at is None) != (promise.status is PromiseStatus.OPEN):
        raise _broken(where, "a promise has `settled_at` if, and only if, it isn't open")
    for time in filter(None, (promise.promised_at, promise.settled_at)):
        if fault := time_fault(time):
            raise _broken(where, fault)
    return promise


def _broken(where: str, what: str, remedy: str = "Restore the file.") -> ConfigurationError:
    return ConfigurationError(f"isn't a promise: {what}", where=where, remedy=remedy)
