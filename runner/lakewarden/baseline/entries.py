"""The file of a baseline: text, one known violation a line, sorted, so that a review reads it.

    # Failures that don't gate; change it by `lakewarden baseline`.
    {"policy":"naming.columns","table":"main.sales.orders","key":"region","since":"2026-03-31"}

A violation is known by its policy, its table (by the table's id where both have one, else by the
full name, case aside) and its key, never by the words of its message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from lakewarden.model.baseline import BaselineEntry
from lakewarden.model.clock import is_day
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.decoding import decoder
from lakewarden_collector.names import join_name, split_name
from lakewarden_collector.patterns import fold

HEADER: Final = "# Failures that don't gate; change it by `lakewarden baseline`."

_Words = Annotated[str, Meta(pattern=r"\S")]
_PARTS: Final = 3
_REMEDY: Final = "Restore the line, or make the baseline again with `lakewarden baseline create`."
_CONFLICT: Final = re.compile(r"<{7} |={7}$|>{7} |\|{7} ")


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One known violation."""

    policy: _Words
    table: _Words
    """Its full name, each part quoted where it needs it."""
    key: str | None = None
    """The violation's, where it has one."""
    table_id: str | None = None
    since: str
    """The day (UTC) from which it is known; its age counts from there."""
    reason: _Words | None = None
    """Why it was accepted; absent for what `create` took."""

    @property
    def place(self) -> tuple[str, str, str]:
        """What entries are sorted by, and identified by: no two of a baseline have the same."""
        key = "" if self.key is None else f" {self.key}"
        return self.policy, fold(self.table), key

    @property
    def named(self) -> BaselineEntry:
        """The entry as a report names it."""
        return BaselineEntry(
            policy_id=self.policy, full_name=self.table, key=self.key, since=self.since
        )


_decode: Final = decoder(Entry).decode
_encode: Final = msgspec.json.Encoder().encode


def read_entries(path: Path) -> tuple[Entry, ...]:
    """Read a baseline, in the order of the file.

    Raises `ConfigurationError` with file and line for a line that isn't an entry, for one that is
    there twice, and for the marks of a merge that wasn't finished.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"can't be read: {error}",
            where=str(path),
            remedy="Name a baseline that `lakewarden baseline create -o FILE` wrote.",
        ) from error
    return parse_entries(text, str(path))


def parse_entries(text: str, path: str) -> tuple[Entry, ...]:
    """Read the text of a baseline; raises as `read_entries`, with `path` as the file."""
    return tuple(_entries(path, text))


def _entries(path: str, text: str) -> Iterator[Entry]:
    seen: dict[tuple[str, str, str], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        where = f"{path}:{number}"
        if _CONFLICT.match(line):
            raise ConfigurationError(
                "has the marks of a merge that isn't finished",
                where=where,
                remedy="Keep the lines of both sides and remove the marks; the order doesn't "
                "matter.",
            )
        entry = _entry(stripped, where)
        first = seen.setdefault(entry.place, number)
        if first != number:
            raise ConfigurationError(
                f"is the same violation as line {first}", where=where, remedy="Remove one of them."
            )
        yield entry


def _entry(line: str, where: str) -> Entry:
    try:
        entry = _decode(line.encode())
        parts = split_name(entry.table)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"isn't an entry of a baseline: {error}", where=where, remedy=_REMEDY
        ) from error
    if not is_day(entry.since):
        raise ConfigurationError(
            f"{entry.since} isn't a day", where=where, remedy="Write one such as 2026-03-31."
        )
    if len(parts) != _PARTS:
        raise ConfigurationError(
            f"{entry.table} isn't a full name", where=where, remedy="Write catalog.schema.table."
        )
    return msgspec.structs.replace(entry, table=join_name(parts))


def written(entries: Iterable[Entry]) -> str:
    """Return the file's text: sorted, so that the same entries are the same text."""
    lines = [_encode(each).decode() for each in sorted(entries, key=lambda each: each.place)]
    return "\n".join([HEADER, *lines]) + "\n"
