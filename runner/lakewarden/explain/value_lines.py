"""Lines about what applies to a table: values with the places that give them, and waivers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakewarden.evaluation.effective_rules import (
    CoveringWaiver,
    EffectiveValue,
    GivenValue,
    Giver,
)
from lakewarden.model.waiver import WaiverState
from lakewarden.renderers.console.layout import Sheet
from lakewarden.renderers.words.waivers import KINDS, WORDS
from lakewarden.resources import shipped_config

_INDENT: Final = 2
_DETAIL: Final = 6
_STYLES: Final = {
    WaiverState.PENDING: "",
    WaiverState.ACTIVE: "green",
    WaiverState.EXPIRING: "green",
    WaiverState.EXPIRED: "yellow",
}


def show_value(
    sheet: Sheet, label: str, value: EffectiveValue, *, indent: int, plain: bool = False
) -> None:
    """Write a value with its place, and below it what it replaces.

    A policy's values are `plain` words; settings are written as YAML and JSON both have them.
    """
    sheet.line(f"{label}{given_by(value, plain=plain)}", indent=indent, hang=_INDENT)
    for each in _worth_naming(value):
        text = f"replaces {given_by(each, plain=plain)}"
        sheet.line(text, style="dim", indent=indent + _INDENT, hang=_INDENT)


def _worth_naming(value: EffectiveValue) -> Iterator[GivenValue]:
    """Yield the overrides that a value replaces, and of the rest what differs from the next."""
    after: GivenValue = value
    for each in value.replaced:
        if each.by is Giver.OVERRIDE or each.value != after.value:
            yield each
        after = each


def given_by(given: GivenValue, *, plain: bool = False) -> str:
    """Return a value and, in brackets, the place that gives it."""
    if given.by is Giver.DEFAULT:
        place = "the policy's own" if plain else "default"
    elif given.by is Giver.FILE:
        place = shown_place(given.where)
    else:
        place = f"{shown_place(given.where)}, override for {', '.join(given.matched)}"
    words = given.value if plain else json.dumps(given.value, ensure_ascii=False)
    return f"{words} ({place})"


def shown_config(config: str) -> str:
    """Return what to call the folder that settings and waivers come from."""
    shipped = Path(config) == shipped_config()
    return "the defaults that ship with Lakewarden" if shipped else config


def shown_place(where: str) -> str:
    """Return a place; of a file that ships with Lakewarden, only the name counts for a reader."""
    path = Path(where)
    return f"shipped {path.name}" if path.parent == shipped_config() else where


def show_waiver(sheet: Sheet, waiver: CoveringWaiver) -> None:
    """Write a waiver that names the table, with its state and its place."""
    until = {
        WaiverState.EXPIRED: f", valid until {waiver.expires}",
        WaiverState.PENDING: f", valid from {waiver.starts} until {waiver.expires}",
    }.get(waiver.state, f" until {waiver.expires}")
    state = f"{WORDS[waiver.state]}{until}"
    style = "yellow" if waiver.too_long else _STYLES[waiver.state]
    sheet.line(f"{waiver.policy}: {state}", style=style, indent=_INDENT)
    named = f"table {waiver.table}" if waiver.table else f"pattern {waiver.pattern}"
    kind = KINDS[waiver.kind]
    ticket = f", ticket {waiver.ticket}" if waiver.ticket else ""
    for text in (
        f"{shown_place(waiver.where)}, {named}",
        f"{kind}, owner {waiver.owner}, approved by {waiver.approved_by}{ticket}",
        waiver.reason,
        *([f"It isn't applied. {waiver.too_long}"] if waiver.too_long else []),
    ):
        sheet.line(text, indent=_DETAIL, hang=_INDENT)
