"""A table's size in words, with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakewarden.renderers.words import wording
from lakewarden_collector.counted import counted


def stated_size(size: Mapping[str, Any]) -> str:
    """Say how large, how many files, and who says so since when."""
    number = size.get("bytes")
    if number is None:
        return "not known"
    parts = [wording.exact_size(number)]
    if (files := size.get("files")) is not None:
        parts.append(counted(files, "file"))
    if origin := size.get("origin"):
        parts.append(f"from the {str(origin).replace('_', ' ')}")
    if as_of := size.get("as_of"):
        parts.append(f"as of {wording.utc(str(as_of))}")
    if "exact" in size:
        parts.append("exact" if size["exact"] else "not exact")
    return ", ".join(parts)
