"""Table documents with something else in them: JSON merge patches (RFC 7396), kept legal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument, TableDocument, encoded
from lakewarden_collector.patterns import fold

_decode_document: Final = decoder(TableDocument).decode
_MISSING: Final = object()


def patched(document: EncodedDocument, patch: Mapping[str, Any]) -> EncodedDocument | None:
    """Return the document with a patch applied.

    What it sets is known then, so nothing explains its absence any more. None where the result
    isn't a legal document about the same table, or the same as before.
    """
    before: dict[str, Any] = json.loads(document.data)
    after = merged(before, patch)
    settled = {path for path in before.get("evidence", {}) if _is_set(path, patch)}
    if settled:
        after["evidence"] = {
            path: why for path, why in after["evidence"].items() if path not in settled
        }
    try:
        made = encoded(_decode_document(msgspec.json.encode(after)))
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None
    same_table = fold(made.full_name) == fold(document.full_name)
    return made if same_table and after != before else None


def merged(value: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object merged with a patch, as RFC 7396 has it."""
    result = dict(value)
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
        elif isinstance(change, Mapping):
            inner = result.get(key)
            result[key] = merged(inner if isinstance(inner, Mapping) else {}, change)
        else:
            result[key] = change
    return result


def difference(before: Any, after: Any) -> int:  # noqa: ANN401 -- any JSON
    """Count the leaves that differ between two values: those changed, added and removed."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = before.keys() | after.keys()
        return sum(
            difference(before.get(each, _MISSING), after.get(each, _MISSING)) for each in keys
        )
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return sum(map(difference, before, after))
    if before == after:
        return 0
    return max(_leaves(before), _leaves(after))


def _leaves(value: Any) -> int:  # noqa: ANN401 -- any JSON, or missing
    if isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        return sum(map(_leaves, parts)) or 1
    return 0 if value is _MISSING else 1


def _is_set(path: str, patch: Mapping[str, Any]) -> bool:
    """Whether a patch gives the value whose absence stands under a path in `evidence`."""
    return any(
        path == each or path.startswith(f"{each}.") or each.startswith(f"{path}.")
        for each in _set(patch)
    )


def _set(patch: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths that a patch sets; of an object, those in it, and the object's own."""
    for key, change in patch.items():
        if isinstance(change, Mapping):
            yield from (f"{key}.{name}" for name, each in change.items() if each is not None)
        elif change is not None:
            yield key
