"""Finds which of many names and patterns cover a table, without comparing it with each of them.

A pattern can only match a name that begins with what stands before its first wildcard and ends with
what stands behind its last one. By the longer of the two, the few that can match are looked up.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from lakewarden_collector.patterns import Pattern, fold

_WILDCARD: Final = re.compile(r"[*?]")

_Patterns = dict[str, list[tuple[Pattern, list[int]]]]


class NameIndex:
    """Exact names and patterns, each with numbers of the caller's; case doesn't count."""

    def __init__(
        self,
        names: Iterable[tuple[str, int]] = (),
        patterns: Iterable[tuple[str, int]] = (),
    ) -> None:
        self._named: dict[str, list[int]] = {}
        for name, number in names:
            self._named.setdefault(fold(name), []).append(number)
        distinct: dict[str, list[int]] = {}
        for pattern, number in patterns:
            distinct.setdefault(fold(pattern), []).append(number)
        self._beginning: _Patterns = {}
        self._ending: _Patterns = {}
        for pattern, numbers in distinct.items():
            parts = _WILDCARD.split(pattern)
            by_end = len(parts[-1]) > len(parts[0])
            places, key = (self._ending, parts[-1]) if by_end else (self._beginning, parts[0])
            places.setdefault(key, []).append((Pattern(pattern), numbers))
        self._beginnings = sorted(set(map(len, self._beginning)))
        self._endings = sorted(set(map(len, self._ending)))

    def covering(self, full_name: str) -> list[int]:
        """Return the numbers of what covers a table, in ascending order."""
        name = fold(full_name)
        found = list(self._named.get(name, ()))
        long_enough = len(name) + 1
        for length in self._beginnings[: bisect_left(self._beginnings, long_enough)]:
            for pattern, numbers in self._beginning.get(name[:length], ()):
                if pattern.matches(name):
                    found += numbers
        for length in self._endings[: bisect_left(self._endings, long_enough)]:
            for pattern, numbers in self._ending.get(name[-length:], ()):
                if pattern.matches(name):
                    found += numbers
        return sorted(found)
