"""A file of waivers, beside the policies that it is about: found in, added to, renewed, pruned."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.waiver import WaiverKind
from lakewarden.settings.waivers import (
    Waiver,
    end_of,
    is_expired,
    read_waiver,
    read_waivers,
)
from lakewarden.settings.yaml_file import YamlFile, parse_yaml, read_utf8
from lakewarden.waivers.edits import Fields, added, changed
from lakewarden_collector.patterns import Pattern, fold

_DAYS: Final = re.compile(r"([0-9]{1,5})d")
TooLong: TypeAlias = Callable[[Waiver], str]
_ORDER: Final = (
    *("policy", "table", "pattern", "kind", "reason", "owner", "approved_by", "ticket"),
    *("starts", "expires"),
)
"""In which order a new waiver has its fields."""


class Located(Struct, frozen=True, kw_only=True):
    """One waiver, and where it stands."""

    waiver: Waiver
    where: str
    """File and line."""
    index: int
    """Its place in the list, from 0."""
    too_long: str = ""
    """A sentence that says so, where it lasts longer than the settings allow."""

    @property
    def target(self) -> str:
        """The table or the pattern that it names."""
        return target_of(self.waiver)


class WaiverFile(Struct, frozen=True, kw_only=True):
    """A file of waivers, read and checked."""

    path: Path
    text: str
    """Empty for a file that isn't there yet."""
    waivers: tuple[Located, ...]
    policy_ids: frozenset[str]
    too_long: TooLong


def open_waiver_file(
    path: Path, policy_ids: Collection[str], too_long: TooLong = lambda _: ""
) -> WaiverFile:
    """Read a file of waivers; one that isn't there has none. Raises as `locate_waivers` does.

    `too_long` says what the settings don't allow of a waiver's life.
    """
    text = read_utf8(path) if path.is_file() else ""
    return WaiverFile(
        path=path,
        text=text,
        waivers=_located(path, text, policy_ids, too_long),
        policy_ids=frozenset(policy_ids),
        too_long=too_long,
    )


def target_of(waiver: Waiver) -> str:
    """Return the table or the pattern that a waiver names."""
    return waiver.table or waiver.pattern or ""


def called(waiver: Waiver) -> str:
    """Return what to call a waiver in a message."""
    return f"{waiver.policy} for {target_of(waiver)}"


def day_after(text: str, clock: str) -> str:
    """Return the day that `today` or `90d` means by the clock (UTC); any other text as it is."""
    found = _DAYS.fullmatch("0d" if text == "today" else text)
    if found is None:
        return text
    try:
        day = datetime.fromisoformat(clock).astimezone(UTC) + timedelta(days=int(found[1]))
    except OverflowError:
        return text
    return day.date().isoformat()


def with_new(file: WaiverFile, fields: Mapping[str, str | None], clock: str) -> tuple[str, Located]:
    """Return the file's text with one more waiver, and that waiver with its place.

    Raises `ConfigurationError` for what isn't a waiver, is over already, or is waived already.
    """
    given = {name: str(value) for name in _ORDER if (value := fields.get(name))}
    if given.get("kind") == WaiverKind.ACCEPTED:
        del given["kind"]
    waiver = _checked(given, file)
    _require_lasting(waiver, clock)
    _require_within_limits(waiver, file)
    for each in file.waivers:
        if each.waiver.policy == waiver.policy and not is_expired(each.waiver.expires, clock):
            _refuse_twice(each, waiver)
    text = added(file.path, file.text, given)
    return text, _located(file.path, text, file.policy_ids, file.too_long)[-1]


def renewed(
    file: WaiverFile, one: Located, fields: Mapping[str, str | None], clock: str
) -> tuple[str, Located]:
    """Return the file's text with other values in one waiver, and that waiver with its place.

    Raises `ConfigurationError` for what isn't a waiver then, and for an end that isn't later.
    """
    given = {name: str(value) for name in _ORDER if (value := fields.get(name))}
    waiver = _checked(_fields_of(one.waiver) | given, file)
    _require_lasting(waiver, clock)
    _require_within_limits(waiver, file)
    if end_of(waiver.expires) <= end_of(one.waiver.expires):
        raise ConfigurationError(
            f"it lasts until {one.waiver.expires} as it is",
            where=one.where,
            remedy="Name a later day, or shorten it by hand.",
        )
    text = changed(file.path, file.text, one.index, given)
    return text, _located(file.path, text, file.policy_ids, file.too_long)[one.index]


def only_one(file: WaiverFile, policy: str, target: str, clock: str) -> Located:
    """Return the waiver of a policy for a table or pattern; of several, the one that still lasts.

    Raises `ConfigurationError` where there is none, or more than one.
    """
    found = [
        each
        for each in file.waivers
        if each.waiver.policy == policy and fold(each.target) == fold(target)
    ]
    lasting = [each for each in found if not is_expired(each.waiver.expires, clock)]
    chosen = lasting or found
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise ConfigurationError(
            f"several waivers of {policy} name {target}",
            where=", ".join(each.where for each in chosen),
            remedy="Remove all but one by hand.",
        )
    others = [each.target for each in file.waivers if each.waiver.policy == policy]
    raise ConfigurationError(
        f"no waiver of {policy} names {target}",
        where=str(file.path),
        remedy=f"Those of this policy name {', '.join(others)}."
        if others
        else "`lakewarden waivers list` shows all; add one by `lakewarden waivers add`.",
    )


def _fields_of(waiver: Waiver) -> dict[str, str]:
    return {name: str(value) for name in _ORDER if (value := getattr(waiver, name))}


def _checked(given: Fields, file: WaiverFile) -> Waiver:
    """Return the waiver that these fields make; there is no line yet that errors could name."""
    place = YamlFile(path=file.path, value=None, lines={})
    try:
        return read_waiver(place, 0, dict(given), file.policy_ids)
    except ConfigurationError as error:
        raise ConfigurationError(error.what, where="the waiver", remedy=error.remedy) from error


def _require_lasting(waiver: Waiver, clock: str) -> None:
    if is_expired(waiver.expires, clock):
        raise ConfigurationError(
            f"{waiver.expires} is over already",
            where="--expires",
            remedy="Name a later day, or a number of days from today, such as 90d.",
        )


def _require_within_limits(waiver: Waiver, file: WaiverFile) -> None:
    if reason := file.too_long(waiver):
        raise ConfigurationError(
            f"the settings don't allow that: {reason.rstrip('.')}",
            where="--expires",
            remedy="Begin its life by --starts today, and let it end within the limit.",
        )


def _refuse_twice(there: Located, waiver: Waiver) -> None:
    """Raise `ConfigurationError` where a waiver that is there covers all that a new one does."""
    same = fold(there.target) == fold(target_of(waiver))
    pattern = there.waiver.pattern
    wider = isinstance(pattern, str) and Pattern(pattern).matches(target_of(waiver))
    if same or (wider and end_of(there.waiver.expires) >= end_of(waiver.expires)):
        by = "" if same else f" by the pattern {pattern}"
        raise ConfigurationError(
            f"{called(waiver)} is waived already{by}, until {there.waiver.expires}",
            where=there.where,
            remedy="Prolong that one by `lakewarden waivers renew`."
            if same
            else "Nothing needs to be added.",
        )


def _located(
    path: Path, text: str, policy_ids: Collection[str], too_long: TooLong
) -> tuple[Located, ...]:
    found = read_waivers(parse_yaml(path, text), policy_ids)
    return tuple(
        Located(waiver=waiver, where=where, index=index, too_long=too_long(waiver))
        for index, (waiver, where) in enumerate(found)
    )
