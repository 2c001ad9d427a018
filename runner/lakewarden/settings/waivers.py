"""Approved exemptions: `waivers.yaml`. The router matches them; here they are read and checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.waiver import WaiverKind, WaiverState, WaiverStatus
from lakewarden.settings.yaml_file import YamlFile, read_yaml
from lakewarden_collector import patterns
from lakewarden_collector.decoding import Converter
from lakewarden_collector.document_rules import countable
from lakewarden_collector.name_index import NameIndex
from lakewarden_collector.names import full_name
from lakewarden_collector.texts import is_empty

FILE: Final = "waivers.yaml"
EXPIRING_DAYS: Final = 30
"""So many days before its end a waiver is expiring: time to fix the tables, or to ask again."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?")
_FIELDS: Final = (
    "policy, table (or pattern), reason, owner, approved_by, expires, and optionally kind, starts "
    "and ticket"
)


class Waiver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One approved exemption from a policy.

    It begins at the start of the day (UTC) on which it `starts`, and lasts until the end of the day
    on which it expires.
    """

    policy: str
    reason: str
    owner: str
    approved_by: str
    expires: str
    table: str | UnsetType = UNSET
    """The exact full name of a table."""
    pattern: str | UnsetType = UNSET
    """A glob over full names, instead of `table`."""
    ticket: str | UnsetType = UNSET
    starts: str | UnsetType = UNSET
    """When it begins; without it, it always did."""
    kind: WaiverKind = WaiverKind.ACCEPTED


_to_waiver: Final = Converter(Waiver)


def start_of(starts: str) -> datetime:
    """Return the first moment at which a waiver is active.

    Raises `ValueError` for text that isn't a date or a time.
    """
    start = datetime.fromisoformat(starts)
    return start if "T" in starts else start.replace(tzinfo=UTC)


def end_of(expires: str) -> datetime:
    """Return the first moment at which a waiver is no longer active.

    Raises `ValueError` for text that isn't a date or a time.
    """
    if "T" in expires:
        return datetime.fromisoformat(expires)
    return datetime.fromisoformat(expires).replace(tzinfo=UTC) + timedelta(days=1)


def is_expired(expires: str, clock: str) -> bool:
    """Return whether a waiver that expires so is over at an RFC 3339 time."""
    return end_of(expires) <= datetime.fromisoformat(clock)


def is_pending(starts: str | UnsetType | None, clock: str) -> bool:
    """Return whether a waiver that starts so, or always applies, hasn't begun at an RFC 3339 time.

    Raises `ValueError` for text that isn't a date or a time.
    """
    if starts is None or starts is UNSET:
        return False
    return start_of(starts) > datetime.fromisoformat(clock)


def state_at(starts: str | UnsetType | None, expires: str, clock: str) -> WaiverState:
    """Return where a waiver stands at an RFC 3339 time.

    Raises `ValueError` for text that isn't a date or a time.
    """
    left = end_of(expires) - datetime.fromisoformat(clock)
    if left <= timedelta():
        return WaiverState.EXPIRED
    if is_pending(starts, clock):
        return WaiverState.PENDING
    return WaiverState.EXPIRING if left <= timedelta(days=EXPIRING_DAYS) else WaiverState.ACTIVE


def disagree(one: Waiver, other: Waiver) -> bool:
    """Whether two waivers that exempt a table from one policy contradict each other.

    Nobody can tell then what the failure is, or who answers for it.
    """
    return one.policy == other.policy and (one.kind, one.owner) != (other.kind, other.owner)


def index_waivers(waivers: Iterable[Waiver | WaiverStatus]) -> NameIndex:
    """Return what finds those that cover a table, by their places among these."""
    numbered = list(enumerate(waivers))
    return NameIndex(
        names=((each.table, number) for number, each in numbered if isinstance(each.table, str)),
        patterns=(
            (each.pattern, number) for number, each in numbered if isinstance(each.pattern, str)
        ),
    )


def load_waivers(config_dir: Path, policy_ids: Collection[str]) -> tuple[Waiver, ...]:
    """Read the waivers of a configuration directory; see `locate_waivers`."""
    return tuple(waiver for waiver, _ in locate_waivers(config_dir, policy_ids))


def locate_waivers(config_dir: Path, policy_ids: Collection[str]) -> tuple[tuple[Waiver, str], ...]:
    """Read the waivers of a configuration directory, with file and line; no file, no waivers.

    Raises `ConfigurationError` with file and line for a waiver that lacks a field, has an unknown
    one, waives a policy that does not exist, starts or expires on no date, or expires before it
    starts.
    """
    path = config_dir / FILE
    return read_waivers(read_yaml(path), policy_ids) if path.is_file() else ()


def read_waivers(file: YamlFile, policy_ids: Collection[str]) -> tuple[tuple[Waiver, str], ...]:
    """Return the waivers of a file that was read, with file and line; see `locate_waivers`."""
    return tuple(
        (read_waiver(file, index, entry, policy_ids), file.where(("waivers", index)))
        for index, entry in enumerate(listed(file))
    )


def listed(file: YamlFile) -> list[Any]:
    """Return what stands in the list of waivers; raises `ConfigurationError` if it isn't one."""
    found = file.value.get("waivers", []) if isinstance(file.value, dict) else None
    if found is None and isinstance(file.value, dict):  # `waivers:` and nothing behind it
        found = []
    if not isinstance(found, list) or set(file.value) - {"waivers"}:
        raise ConfigurationError(
            "isn't a list of waivers",
            where=str(file.path),
            remedy=f"Write `waivers:` and under it a list; a waiver has {_FIELDS}.",
        )
    return found


def read_waiver(
    file: YamlFile,
    index: int,
    entry: Any,  # noqa: ANN401 -- raw YAML
    policy_ids: Collection[str],
) -> Waiver:
    """Return one entry of a file's list; raises `ConfigurationError` as `locate_waivers` does."""
    place: tuple[str | int, ...] = ("waivers", index)
    try:
        waiver = _to_waiver(entry)
    except msgspec.ValidationError as error:
        raise file.error(place, f"a waiver: {error}", f"A waiver has {_FIELDS}.") from error
    if (waiver.table is UNSET) == (waiver.pattern is UNSET):
        raise file.error(
            place, "a waiver names either one `table` or one `pattern`", "Keep one of the two."
        )
    for field in ("policy", "reason", "owner", "approved_by", "table", "pattern", "ticket"):
        if getattr(waiver, field) is not UNSET and is_empty(getattr(waiver, field)):
            raise file.error((*place, field), f"`{field}` is empty", "Fill it in, for the auditor.")
    if waiver.policy not in policy_ids:
        raise file.error(
            (*place, "policy"),
            f"there is no policy {waiver.policy}",
            f"The policies are: {', '.join(sorted(policy_ids))}.",
        )
    if isinstance(waiver.table, str) and "*" in waiver.table:
        raise file.error(
            (*place, "table"),
            "`table` is one exact full name, and no table's has a *",
            "Write `pattern` in place of `table`.",
        )
    if isinstance(waiver.table, str):
        waiver = structs.replace(waiver, table=_full_name(file, (*place, "table"), waiver.table))
    if isinstance(waiver.pattern, str) and (found := patterns.fault(waiver.pattern)):
        raise file.error((*place, "pattern"), f"`pattern` has {found}", patterns.REMEDY)
    _check_times(file, place, waiver)
    return waiver


def _check_times(file: YamlFile, place: tuple[str | int, ...], waiver: Waiver) -> None:
    for field in ("starts", "expires"):
        text = getattr(waiver, field)
        if text is not UNSET and not _is_time(text):
            raise file.error(
                (*place, field),
                f"`{field}` isn't a date: {text}",
                "Write a date such as 2027-01-31, or an RFC 3339 time in UTC, before the year "
                "2262.",
            )
    if isinstance(waiver.starts, str) and start_of(waiver.starts) >= end_of(waiver.expires):
        raise file.error(
            (*place, "starts"),
            f"a waiver that starts on {waiver.starts} can't expire on {waiver.expires}",
            "Let it start before it expires.",
        )


def _full_name(file: YamlFile, place: tuple[str | int, ...], text: str) -> str:
    try:
        return full_name(text)
    except ValueError as error:
        raise file.error(place, f"`table` isn't a full name: {text}", str(error)) from error


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        return countable(datetime.fromisoformat(text))
    except ValueError:
        return False
