"""The smallest request that still shows something, found by leaving parts out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.support.drawing.settings import DEFAULTS

Json = dict[str, Any]

_ATTEMPTS: Final = 400
"""How often the question is asked at most: some seconds with an engine."""
_REQUIRED: Final = {
    *("full_name", "catalog_name", "schema_name", "name"),
    *("size", "detail", "access", "evidence"),
}


def smallest(asked: Json, shows: Callable[[Json], bool]) -> Json:
    """Return a request about one table, smaller if possible, of which `shows` is still true.

    Waivers, fields of the document and elements of its lists are left out, and settings are put
    back to their defaults, one at a time, until nothing more can go.
    """
    left = _ATTEMPTS
    shrinking = True
    while shrinking:
        shrinking = False
        for smaller in _smaller(asked):
            left -= 1
            if left < 0:
                return asked
            if shows(smaller):
                asked, shrinking = smaller, True
                break
    return asked


def _smaller(asked: Json) -> Iterator[Json]:
    if asked["waivers"]:
        yield asked | {"waivers": []}
    for domain, chosen in asked["settings"].items():
        changed = {name for name in chosen if chosen[name] != DEFAULTS[domain][name]}
        for names in (changed, *({name} for name in sorted(changed))):
            if names:
                usual = {name: DEFAULTS[domain][name] for name in names}
                yield asked | {"settings": asked["settings"] | {domain: chosen | usual}}
    for path in _removable(asked["tables"][0], ()):
        document = copy.deepcopy(asked["tables"][0])
        inside: Any = document
        for step in path[:-1]:
            inside = inside[step]
        del inside[path[-1]]
        yield asked | {"tables": [document]}


def _removable(value: object, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all that a valid document can do without, outer parts first."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for step, _ in inner:
        required = _REQUIRED if not path else {"name"} if path[0] == "columns" else {"status"}
        if step not in required:
            yield (*path, step)
    for step, below in inner:
        yield from _removable(below, (*path, step))
