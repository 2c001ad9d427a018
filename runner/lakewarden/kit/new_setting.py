"""A setting as it is named on the command line: `NAME`, `NAME=DEFAULT` or `NAME:TYPE=DEFAULT`."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.file_schema import COMMON

_FORM: Final = re.compile(
    r"(?P<name>[^:=]*)(?P<colon>:(?P<type>[^=]*))?(?P<equals>=(?P<default>.*))?"
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN: Final = frozenset({*COMMON, "tables"})
_WORDS: Final = {"true": True, "false": False}


class NewSetting(Struct, frozen=True, kw_only=True):
    """One setting that a new policy reads.

    `property` is what a domain's settings schema says about it, with type, default and
    description; None for a setting that the domain has already.
    """

    name: str
    property: dict[str, Any] | None = None


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(value) if value.is_integer() else value


def _boolean(text: str) -> bool:
    if text not in _WORDS:
        raise ValueError(text)
    return _WORDS[text]


def _list(text: str) -> list[str]:
    return [part for each in text.split(",") if (part := each.strip())]


TYPES: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "string": (str, "any text"),
    "integer": (int, "a whole number, such as 20"),
    "number": (_number, "a number, such as 0.5"),
    "boolean": (_boolean, "true or false"),
    "list": (_list, "texts with commas between them, such as raw,staging"),
}
"""Type to what reads a default of it, and what such a default looks like."""


def read_setting(text: str) -> NewSetting:
    """Read `NAME`, `NAME=DEFAULT`, whose type the default tells, or `NAME:TYPE=DEFAULT`.

    Raises `ConfigurationError` for a name that can't be one, an unknown type, and a default that
    isn't of the type.
    """
    found = _FORM.fullmatch(text)
    name = found["name"] if found else text
    if not found or not _NAME.fullmatch(name) or name in _TAKEN:
        why = "means something in every domain" if name in _TAKEN else "isn't a setting's name"
        raise _refused(f"{name!r} {why}", "A name is small letters, digits and _.")
    kind, default = found["type"], found["default"]
    if found["colon"] is None and default is None:
        return NewSetting(name=name)
    if found["colon"] is None:
        kind = _guessed(default)
    if kind not in TYPES:
        near = difflib.get_close_matches(kind, TYPES, n=1, cutoff=0.4)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise _refused(f"there is no type {kind!r}", f"{meant}There are: {', '.join(TYPES)}.")
    if default is None and kind != "list":
        raise _refused(f"{name} has no default", f"Write {name}:{kind}=DEFAULT.")
    read, like = TYPES[kind]
    try:
        value = read(default or "")
    except ValueError as error:
        raise _refused(
            f"the default {default!r} of {name} isn't of the type {kind}", f"Write {like}."
        ) from error
    unit = ", and in which unit" if kind in ("integer", "number") else ""
    about: dict[str, Any] = {"description": f"TODO: say what {name} means{unit}."}
    if kind == "list":
        about |= {"type": "array", "items": {"type": "string"}}
    else:
        about |= {"type": kind}
    return NewSetting(name=name, property=about | {"default": value})


def _guessed(default: str) -> str:
    try:
        value = json.loads(default)
    except ValueError:
        return "string"
    return {bool: "boolean", int: "integer", float: "number"}.get(type(value), "string")


def _refused(what: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(
        what, where="--setting", remedy=f"{remedy} For example, --setting min_length:integer=20."
    )
