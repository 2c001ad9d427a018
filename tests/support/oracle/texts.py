"""Patterns, names and times, as the product's definition reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from unicodedata import category

_FILLERS: Final = "\u115f\u1160\u3164\uffa0\u2800"
"""Letters and signs that show nothing."""


def time(text: str) -> datetime:
    """Return RFC 3339 text as a moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def glob(pattern: str, text: str) -> bool:
    """Match with `*` for any run of characters, dots included, and `?` for any one, case aside."""
    wild = {"*": ".*", "?": "."}
    expression = "".join(wild.get(c, re.escape(c)) for c in pattern.lower())
    return bool(re.fullmatch(expression, text.lower(), re.DOTALL))


def any_glob(patterns: Iterable[str], text: str) -> bool:
    """Match any of the patterns."""
    return any(glob(pattern, text) for pattern in patterns)


def shown_of(text: str) -> str:
    """Return the text without what shows nothing at its ends; empty if nothing in it shows."""
    if not any(shows_or_parts(char) and not char.isspace() for char in text):
        return ""
    while not _stays(text[0]):
        text = text[1:]
    while not _stays(text[-1]):
        text = text[:-1]
    return text


def shows_or_parts(char: str) -> bool:
    """Whether a character shows something or is a blank, which parts what does."""
    if char.isspace():
        return True
    return category(char) not in ("Cc", "Cf", "Mn", "Me") and char not in _FILLERS


def _stays(char: str) -> bool:
    """Whether a character may begin or end a text: it shows, or is part of what does."""
    return not char.isspace() and (shows_or_parts(char) or category(char) in ("Mn", "Me"))


def split_name(name: str) -> tuple[str, ...] | None:
    """Split a dotted name whose parts may stand in back-quotes; None if it is none.

    Inside back-quotes a doubled one stands for itself; elsewhere a back-quote that does not open
    a part is an ordinary character, as Spark prints it.
    """
    parts = []
    rest = name
    while True:
        part, rest = _quoted(rest[1:]) if rest.startswith("`") else _plain(rest)
        if not part or (rest and not rest.startswith(".")):
            return None
        parts.append(part)
        if not rest:
            return tuple(parts)
        rest = rest[1:]


def _plain(text: str) -> tuple[str, str]:
    part, dot, rest = text.partition(".")
    return part, dot + rest


def _quoted(text: str) -> tuple[str, str]:
    """Return what stands before the closing back-quote, nothing if there is none, and the rest."""
    part = ""
    while text:
        if text.startswith("``"):
            part, text = part + "`", text[2:]
        elif text.startswith("`"):
            return part, text[1:]
        else:
            part, text = part + text[0], text[1:]
    return "", ""
