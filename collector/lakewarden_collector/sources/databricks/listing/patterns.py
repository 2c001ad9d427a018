"""Patterns over full names: what they match, and below which catalogs and schemas they can.

A pattern with three parts between dots, such as `*.tmp.*`, is held against the name's three parts
one by one, so that a dot inside a back-quoted part isn't a separator; in any other, such as
`prod.*`, `*` crosses dots, and it is held against the name as `join_name` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from lakewarden_collector.names import join_name, split_name
from lakewarden_collector.patterns import Pattern

_PARTS: Final = 3
_WILD: Final = re.compile(r"[*?]")


class NamePattern:
    """One pattern; the names that it is asked about are sequences of parts without back-quotes."""

    def __init__(self, text: str) -> None:
        self.text = text
        parts = _split(text)
        self.parts = tuple(_normal(part) for part in parts) if len(parts) == _PARTS else ()
        """The three patterns of the parts; empty where the pattern is held against whole names."""
        self._leading = tuple(_normal(part) for part in parts)
        self._matchers = [Pattern(part) for part in self.parts]
        self._whole = Pattern(text)

    def matches(self, name: Sequence[str]) -> bool:
        """Whether the table of this name matches."""
        if self.parts:
            return self._fits(name)
        return self._whole.matches(join_name(name))

    def reaches(self, prefix: Sequence[str]) -> bool:
        """Whether a table of this catalog, or of this catalog's schema, could match."""
        if self.parts:
            return self._fits(prefix)
        return self._whole.can_begin(join_name(prefix) + ".")

    def covers(self, prefix: Sequence[str]) -> bool:
        """Whether every table of this catalog, or of this catalog's schema, matches."""
        if self.parts:
            rest = self.parts[len(prefix) :]
            return self._fits(prefix) and all(set(part) == {"*"} for part in rest)
        # Where the last character is a wildcard, what it matches may grow.
        return self.text.endswith("*") and self._whole.matches(join_name(prefix) + ".")

    def literal(self, depth: int) -> str | None:
        """Return the part at a depth (0 for the catalog) as a name, where it isn't a wildcard."""
        if depth >= len(self._leading) or _WILD.search(self._leading[depth]):
            return None
        try:
            return split_name(self._leading[depth])[0]
        except ValueError:
            return None

    def _fits(self, name: Sequence[str]) -> bool:
        pairs = zip(self._matchers, name, strict=False)
        return all(matcher.matches(join_name([part])) for matcher, part in pairs)


def _split(text: str) -> list[str]:
    """Return what is between the dots that are not between back-quotes."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == "`"
        if character == "." and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _normal(part: str) -> str:
    """Return a part with back-quotes only where `join_name` writes them."""
    if _WILD.search(part):
        return part
    try:
        name = split_name(part)
    except ValueError:
        return part
    return join_name(name) if len(name) == 1 else part
