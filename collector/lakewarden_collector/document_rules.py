"""The rules that a table document keeps, when it is made as well as when it is read.

msgspec checks types and bounds when it decodes, and nothing when a program makes a struct. The
structs in `document` call these from `__post_init__`, which runs in both cases. Every function here
raises `ValueError`; msgspec makes that a `ValidationError` with the JSON path where it decodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import UNSET, Struct, structs

from lakewarden_collector.names import join_name, sql_name
from lakewarden_collector.patterns import fold
from lakewarden_collector.texts import is_empty

MOST: Final = 2**63 - 1
"""The largest number that a document holds; engines count with 64 bits."""

FIRST_YEAR, LAST_YEAR = 1970, 2261
"""Whole years that a time may lie in. OPA counts nanoseconds since 1970 in 64 bits."""

LEEWAY: Final = timedelta(days=1)
"""How far after the collection's start a time may lie: clocks differ, and collections take time."""

_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z", re.ASCII
)
_NAMED: Final = frozenset({"properties", "tags", "columns"})
"""Parts of a document that hold values by names, whatever these are."""
_DEEPEST: Final = 32
"""Levels of a column mask. Unity Catalog's have three, and engines refuse what is very deep."""


def countable(time: datetime) -> bool:
    """Whether a document may hold this time."""
    return FIRST_YEAR <= time.year <= LAST_YEAR


def plausible(time: datetime, now: datetime) -> bool:
    """Whether a source may believe a time that it was given: not before 1970, not in the future."""
    return countable(time) and time <= now + LEEWAY


def check_values(part: Struct) -> None:
    """Refuse None: what is not known is UNSET, since Rego orders null below every number."""
    values = structs.astuple(part)
    if None in values:  # a third of the cost of reading a document, if written as a loop
        names = part.__struct_fields__
        first = next(name for name, value in zip(names, values, strict=True) if value is None)
        raise ValueError(f"`{first}` is null; what is not known is left out")


def check_counts(*numbers: object) -> None:
    """Refuse anything but whole numbers from 0 to `MOST`, and what is left out."""
    for number in numbers:
        if number is not UNSET and not (type(number) is int and 0 <= number <= MOST):
            raise ValueError(f"{_short(number)} isn't a whole number from 0 to {MOST}")


def check_times(**times: object) -> None:
    """Refuse what isn't a time from 1970 on that a calendar has; RFC 3339 text in UTC."""
    for name, text in times.items():
        if text is UNSET:
            continue
        if not isinstance(text, str) or not _TIME.fullmatch(text):
            raise ValueError(f"`{name}` is {_short(text)}, which isn't RFC 3339 text in UTC")
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"`{name}` is {text}, which isn't a calendar date: {error}") from error
        if not countable(time):
            raise ValueError(f"{text} lies before {FIRST_YEAR} or after {LAST_YEAR} (`{name}`)")


def check_nesting(value: object, levels: int = _DEEPEST) -> None:
    """Refuse JSON that is nested deeper than `levels`, and null anywhere in it."""
    if value is None:
        raise ValueError("null isn't a value; leave out what isn't known")
    if isinstance(value, int) and abs(value) > MOST:
        raise ValueError(f"{_short(value)} doesn't fit into 64 bits")
    if isinstance(value, (dict, list, tuple)):
        if levels == 0:
            raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
        for part in value.values() if isinstance(value, dict) else value:
            check_nesting(part, levels - 1)


def checked_name(full_name: str, parts: Sequence[str]) -> str:
    """Return the full name as documents have it: the parts, each quoted where it needs it.

    Accepted are also the plain join that Unity Catalog returns, and the join in which everything is
    quoted that SQL cannot read bare.
    """
    for part, text in zip(("catalog_name", "schema_name", "name"), parts, strict=True):
        if is_empty(text):
            raise ValueError(f"`$.{part}` is {_short(text)}, which has no visible characters")
    name = join_name(parts)
    if full_name != name and full_name not in {".".join(parts), sql_name(parts)}:
        raise ValueError(f"`$.full_name` is {_short(full_name)}, but its parts make {_short(name)}")
    return name


def same_column(names: Iterable[str]) -> str:
    """Say which two columns have one name, in which case doesn't count; empty if none have.

    Unity Catalog and Delta compare names of columns without case, as those of tables.
    """
    found: dict[str, str] = {}
    for name in names:
        folded = fold(name)
        if folded in found:
            pair = f"{_short(found[folded])} and {_short(name)}"
            return f"the columns {pair} have one name, in which case doesn't count"
        found[folded] = name
    return ""


def check_columns(names: Iterable[str]) -> None:
    """Refuse a table with two columns of one name."""
    if fault := same_column(names):
        raise ValueError(f"`$.columns`: {fault}")


def check_evidence(evidence: Mapping[str, object], parts: Mapping[str, Any]) -> None:
    """Refuse a reason for the absence of what no document has, or of something that is there.

    A key is a part of the document or a path: `properties.<name>`, `columns.<name>.<field>`,
    `columns.<name>` for the column as a whole, or a leaf such as `detail.clustering_columns`. Names
    stand in a path as they are, dots and all. `parts` are all fields of a document, by name.
    """
    for key in evidence:
        head, dot, rest = key.partition(".")
        if not _can_be_there(head, rest if dot else None, parts):
            raise ValueError(
                f"`$.evidence` explains {_short(key)}, which isn't a field of a document"
            )
        if _is_there(head, rest, parts[head]):
            raise ValueError(
                f"`$.evidence` says why {_short(key)} is absent, but it is there: "
                "one of the two is wrong"
            )


def _can_be_there(head: str, rest: str | None, parts: Mapping[str, Any]) -> bool:
    if head not in parts or head == "evidence":
        return False
    if rest is None:
        return True
    if isinstance(part := parts[head], Struct):
        return rest in part.__struct_fields__
    return head in _NAMED and rest != ""


def _is_there(head: str, rest: str, value: Any) -> bool:  # noqa: ANN401 -- any part of a document
    if isinstance(value, Struct):
        if head == "size" and structs.asdict(value)["exact"] is not True:
            return False  # the better size that was asked for did not come
        leaves = structs.asdict(value)
        leaf = leaves.get(rest, UNSET)
        return leaf is not UNSET if rest else any(each is not UNSET for each in leaves.values())
    if value is UNSET:
        return False
    if rest and head == "columns":
        name, _, field = rest.rpartition(".")
        return _has_field(value, fold(name), field) or _has_field(value, fold(rest), "name")
    return rest in value if rest and isinstance(value, Mapping) else not rest


def _has_field(columns: Iterable[Any], name: str, field: str) -> bool:
    return any(
        fold(column.name) == name and getattr(column, field, UNSET) is not UNSET
        for column in columns
    )


def latest_time(started_at: str) -> datetime:
    """Return the latest time that a document of a collection may hold."""
    return datetime.fromisoformat(started_at).astimezone(UTC) + LEEWAY


def _short(value: object, most: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
