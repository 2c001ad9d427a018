"""Values of a manifest, which may be of any type: the author of a model's config chooses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lakewarden_collector.names import split_name

_LONGEST: Final = 60
_QUOTED: Final = re.compile(r"`[^`]*`")


class NodeError(Exception):
    """Why a node can't become a document, and what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def optional_text(values: Mapping[str, Any], key: str) -> str | None:
    """Return a text, None where it's absent or null; raises `NodeError` for anything else."""
    value = values.get(key)
    if value is None or isinstance(value, str):
        return value
    raise _mistyped(key, value, "text")


def required_text(values: Mapping[str, Any], key: str) -> str:
    """Return a text that dbt always writes; raises `NodeError` where it isn't there."""
    value = optional_text(values, key)
    if not value:
        raise NodeError(f"the manifest gives it no `{key}`", "Run `dbt parse` again.")
    return value


def boolean(values: Mapping[str, Any], key: str) -> bool:
    """Return a boolean, false where it's absent or null; raises `NodeError` for anything else."""
    value = values.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _mistyped(key, value, "true or false")


def objects(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object, empty where it's absent or null; raises `NodeError` for anything else."""
    value = values.get(key)
    if value is None or isinstance(value, dict):
        return value or {}
    raise _mistyped(key, value, "an object of names and values")


def column_names(
    values: Mapping[str, Any], key: str, *, as_sql: bool = True
) -> list[tuple[str, ...]]:
    """Return columns, each as its name parts, that a text or a list of texts names.

    dbt-databricks writes the text into SQL, so one text may name several columns; a Python model
    hands it over as one name (`as_sql` is false). Raises `NodeError` for anything else.
    """
    value = values.get(key)
    texts = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _mistyped(key, value, "a column's name or a list of them")
    if texts == [""]:
        return []
    names = [name for text in texts for name in (_split(text) if as_sql else [text])]
    try:
        return [_parts(name.strip()) for name in names]
    except ValueError as error:
        raise NodeError(
            f"`{key}` doesn't name columns: {error}",
            "Name columns, with back-quotes around what SQL can't read bare.",
        ) from error


def rendered(value: object) -> str:
    """Return a value as a template of dbt writes it into a statement."""
    return str(value)


def _parts(name: str) -> tuple[str, ...]:
    if set("()") & set(_QUOTED.sub("", name)):
        raise ValueError(f"{name!r} is an expression")
    return split_name(name)


def _split(text: str) -> list[str]:
    """Split a list of names at its commas, which may also stand between back-quotes."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == "`"
        if character == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _mistyped(key: str, value: object, wanted: str) -> NodeError:
    text = repr(value)
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return NodeError(f"`{key}` is {shown}, not {wanted}", f"Give `{key}` as {wanted}.")
