"""Says where a report contradicts itself: the place, what stands there, what should stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any, Final

import msgspec

from lakewarden.model.errors import ConfigurationError

REMEDY: Final = (
    "It was edited or damaged after it was written. Use the original, or write it again with "
    "`lakewarden evaluate --report json=PATH`."
)
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST: Final = 80  # characters of a value in a message
_MISSING: Final = object()


def contradiction(where: str, what: str) -> ConfigurationError:
    """Return the error of a report whose parts disagree."""
    return ConfigurationError(f"contradicts itself: {what}", where=where, remedy=REMEDY)


def require_equal(file: str, path: str, stated: object, counted: object) -> None:
    """Raise `ConfigurationError` for the first place at which `stated` isn't what was `counted`.

    Both are JSON values or structs; `path` is the JSON path of `stated`, such as `$.summary`.
    Numbers that aren't whole may differ by as much as other tools round them.
    """
    differing = _differing(path, msgspec.to_builtins(stated), msgspec.to_builtins(counted))
    if differing is None:
        return
    place, stands, should = differing
    if stands is _MISSING:
        what = f"it is missing, but the rest of the report says {shown(should)}"
    elif should is _MISSING:
        what = f"it says {shown(stands)}, which the rest of the report doesn't mention"
    else:
        what = f"it says {shown(stands)}, but the rest of the report says {shown(should)}"
    raise contradiction(f"{file}: {place}", what)


def below(path: str, key: str) -> str:
    """Return the JSON path of a key."""
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{path}[{json.dumps(key)}]"


def shown(value: object) -> str:
    """Return a value as JSON, cut where it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:  # a number of thousands of digits
        return "a number too long to show"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _differing(path: str, stated: Any, counted: Any) -> tuple[str, object, object] | None:  # noqa: ANN401 -- JSON
    if isinstance(stated, Mapping) and isinstance(counted, Mapping):
        for key in [*counted, *(key for key in stated if key not in counted)]:
            found = _differing(
                below(path, key), stated.get(key, _MISSING), counted.get(key, _MISSING)
            )
            if found is not None:
                return found
        return None
    if _is_list(stated) and _is_list(counted):
        for number in range(max(len(stated), len(counted))):
            found = _differing(f"{path}[{number}]", _item(stated, number), _item(counted, number))
            if found is not None:
                return found
        return None
    if isinstance(stated, float) or isinstance(counted, float):
        numbers = isinstance(stated, int | float) and isinstance(counted, int | float)
        equal = numbers and isclose(stated, counted, rel_tol=1e-9)
    else:
        equal = stated == counted and isinstance(stated, bool) == isinstance(counted, bool)
    return None if equal else (path, stated, counted)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _item(values: Sequence[object], number: int) -> object:
    return values[number] if number < len(values) else _MISSING
