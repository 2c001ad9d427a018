"""Makes a document smaller as long as what is interesting about it stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from lakewarden.kit.edge_documents import copied, legal

Json = dict[str, Any]

_KEPT: Final = ("full_name", "catalog_name", "schema_name", "name")
_ROUNDS: Final = 100


def smallest(document: Json, keep: Callable[[Sequence[Json]], Sequence[bool]]) -> Json:
    """Return the smallest document that is found; `keep` says of several which still are it.

    Leaving out any one part of the result, or making it simpler, loses what is interesting.
    """
    for _ in range(_ROUNDS):
        smaller = sorted(filter(legal, _reductions(document)), key=_size)
        kept = keep(smaller) if smaller else ()
        better = next((each for each, is_kept in zip(smaller, kept, strict=True) if is_kept), None)
        if better is None:
            break
        document = better
    return document


def _size(document: Json) -> tuple[int, str]:
    text = json.dumps(document, sort_keys=True)
    return len(text), text


def _reductions(document: Json) -> Iterator[Json]:
    """Yield the document with one part left out or simpler; each is smaller than it."""
    for path, value in _parts(document, ()):
        if path[0] not in _KEPT:
            yield _changed(document, path, None, drop=True)
            for simpler in _simpler(value):
                yield _changed(document, path, simpler)


def _parts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401 -- any JSON
    if isinstance(value, dict):
        for name, each in value.items():
            yield (*path, name), each
            yield from _parts(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield (*path, number), each
            yield from _parts(each, (*path, number))


def _simpler(value: Any) -> Iterator[Any]:  # noqa: ANN401 -- any JSON
    if isinstance(value, list | dict) and value:
        yield type(value)()
    elif isinstance(value, str) and value:
        yield ""
        if value != "x":
            yield "x"
        yield from (value[:length] for length in _less(len(value)))
        yield from _shorter_list(value)
    elif isinstance(value, int) and not isinstance(value, bool) and value:
        yield from _less(value)


def _less(number: int) -> Iterator[int]:
    """Yield smaller numbers, so that the least one that will do is found in few rounds."""
    yield 0
    yield from (number - (1 << power) for power in range((number - 1).bit_length()))


def _shorter_list(text: str) -> Iterator[str]:
    """Yield a list that is written as JSON with one part less, and with simple parts."""
    try:
        found = json.loads(text)
    except ValueError:
        return
    if isinstance(found, list):
        for number in range(len(found)):
            yield json.dumps([*found[:number], *found[number + 1 :]], separators=(",", ":"))


def _changed(
    document: Json,
    path: tuple[str | int, ...],
    value: Any,  # noqa: ANN401 -- any JSON
    *,
    drop: bool = False,
) -> Json:
    changed: Json = copied(document)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed
