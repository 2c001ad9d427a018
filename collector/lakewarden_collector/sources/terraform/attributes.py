"""A change's attributes: known, null, known only after apply, or sensitive; never confused.

A plan keeps them in three trees of one shape: `after` has values, `after_unknown` and
`after_sensitive` have `true` where a value is unknown or sensitive. An unknown value may be absent
from `after` or null in it. Sensitive values stand in `after` in clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from lakewarden_collector.document import Absence
from lakewarden_collector.planned import known_after_apply


class Hidden(Enum):
    """Why a plan doesn't give a value."""

    UNKNOWN = auto()
    SENSITIVE = auto()

    @property
    def absence(self) -> Absence:
        """The evidence of a part that is hidden so."""
        if self is Hidden.UNKNOWN:
            return known_after_apply("The plan knows it only after apply.")
        return Absence(status="unsupported", reason="The plan marks it as sensitive.")


class ShapeError(Exception):
    """An attribute isn't what the provider's schema says; the text names it, never its value."""


class Attributes:
    """The attributes of one resource or block, by name. Every method raises `ShapeError`."""

    def __init__(self, after: object, unknown: object, sensitive: object, path: str = "") -> None:
        self._path = path
        self._after = object_of(after, path or "after")
        self._unknown = unknown
        self._sensitive = sensitive

    def hidden(self, name: str) -> Hidden | None:
        """Return why an attribute, or anything within it, is hidden; None where all is there."""
        if marked(within(self._unknown, name)):
            return Hidden.UNKNOWN
        return Hidden.SENSITIVE if self.is_sensitive(name) else None

    def is_sensitive(self, name: str) -> bool:
        """Whether an attribute, or anything within it, is sensitive, even if it's unknown too."""
        return marked(within(self._sensitive, name))

    def text(self, name: str) -> str | Hidden:
        """Return a text; null is empty."""
        return self.hidden(name) or self._typed(name, str) or ""

    def flag(self, name: str, default: bool) -> bool | Hidden:  # noqa: FBT001 -- what null means
        """Return true or false."""
        if hidden := self.hidden(name):
            return hidden
        value = self._typed(name, bool)
        return default if value is None else value

    def texts(self, name: str) -> list[str] | Hidden | None:
        """Return a list of texts, hidden as a whole where one of them is."""
        if hidden := self.hidden(name):
            return hidden
        value: list[str] | None = self._typed(name, list)
        if value is not None and not all(isinstance(each, str) for each in value):
            raise ShapeError(f"`{self._path}{name}` isn't a list of texts")
        return value

    def map(self, name: str) -> dict[str, str | Hidden] | Hidden:
        """Return a map of texts in which some may be hidden; null is empty."""
        unknown, sensitive = within(self._unknown, name), within(self._sensitive, name)
        if unknown is True:
            return Hidden.UNKNOWN
        if sensitive is True:
            return Hidden.SENSITIVE
        values: dict[str, str | Hidden] = {}
        for key, value in (self._typed(name, dict) or {}).items():
            if value is not None and not marked(within(sensitive, key)):
                if not isinstance(value, str):
                    raise ShapeError(f"`{self._path}{name}` isn't a map of texts")
                values[key] = value
        for marks, hidden in ((sensitive, Hidden.SENSITIVE), (unknown, Hidden.UNKNOWN)):
            if isinstance(marks, Mapping):
                values |= {key: hidden for key, mark in marks.items() if marked(mark)}
        return values

    def blocks(self, name: str) -> list[Attributes] | Hidden:
        """Return the blocks of this name, in their order; null is none."""
        unknown, sensitive = within(self._unknown, name), within(self._sensitive, name)
        if unknown is True:
            return Hidden.UNKNOWN
        if sensitive is True:
            return Hidden.SENSITIVE
        return [
            Attributes(
                value, at(unknown, index), at(sensitive, index), f"{self._path}{name}[{index}]."
            )
            for index, value in enumerate(self._typed(name, list) or [])
        ]

    def _typed(self, name: str, kind: type) -> Any:  # noqa: ANN401 -- the kind that was asked for
        value = self._after.get(name)
        if value is not None and not isinstance(value, kind):
            raise ShapeError(f"`{self._path}{name}` isn't a {_WORDS[kind]}")
        return value


_WORDS = {str: "text", bool: "true or false", list: "list", dict: "map"}


def object_of(value: object, name: str) -> Mapping[str, Any]:
    """Return a JSON object; raises `ShapeError` for anything else."""
    if not isinstance(value, dict):
        raise ShapeError(f"`{name.rstrip('.')}` isn't an object")
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def within(marks: object, name: str) -> object:
    """Return the marks of a part; those of the whole hold for each part."""
    if isinstance(marks, dict):
        return marks.get(name)
    return marks is True


def at(marks: object, index: int) -> object:
    """Return the marks of an element; those of the whole hold for each element."""
    if isinstance(marks, list):
        return marks[index] if index < len(marks) else None
    return marks is True


def marked(marks: object) -> bool:
    """Whether anything is marked; plans are flat enough for a stack of what is left."""
    left = [marks]
    while left:
        each = left.pop()
        if each is True:
            return True
        if isinstance(each, dict):
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)
    return False
