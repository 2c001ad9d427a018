"""Finds a key that a JSON object has twice: readers disagree on which of the two values counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class _Twice:
    """Stands where an object has a key twice."""

    def __init__(self, key: str) -> None:
        self.key = key


def repeated_key(raw: bytes) -> str:
    """Return what is wrong with a JSON text, with the JSON path; empty where every key is once.

    The text is one that a decoder has read already.
    """
    twice: list[_Twice] = []

    def members(pairs: list[tuple[str, Any]]) -> Mapping[str, Any] | _Twice:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        keys = [key for key, _ in pairs]
        twice.append(_Twice(next(key for key in found if keys.count(key) > 1)))
        return twice[-1]

    try:
        value = json.loads(raw, object_pairs_hook=members)
        if not twice:
            return ""
        place = _path(value, twice[-1])  # no other object with a key twice is around it
    except (RecursionError, ValueError) as error:
        return f"it is nested too deeply, or no JSON to everyone: {error}"
    return f"the key {twice[-1].key!r} appears twice - at `${place}`"


def _path(value: object, sought: _Twice) -> str | None:
    """Return where the object is that has the key."""
    if value is sought:
        return ""
    parts: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        parts = [(f".{key}", part) for key, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"[{index}]", part) for index, part in enumerate(value)]
    for name, part in parts:
        if (below := _path(part, sought)) is not None:
            return f"{name}{below}"
    return None
