"""Patterns over names, the same everywhere: settings, waivers, options, and `lib.pattern` in Rego.

`*` stands for any characters, dots and none included, `?` for one, and anything else for itself.
Case never counts, by Unicode's simple case folding, which is what `(?i)` means to the engines. A
match takes time in proportion to pattern times name at most, whatever the two are: nothing here
backtracks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

RESERVED: Final = frozenset("[]{}\\")
"""Characters that mean something in other pattern languages; patterns in files can't have them."""

WILDCARDS: Final = 50
LENGTH: Final = 1000
"""What a pattern in a file may have: more wouldn't fit into the expressions of every engine."""

REMEDY: Final = (
    "Only * (any characters) and ? (one) have a meaning; a pattern has at most "
    f"{WILDCARDS} of them and {LENGTH} characters."
)

_STARS: Final = re.compile(r"\*+")


def fold(text: str) -> str:
    """Return the text without case: each character folded to one character, so no length changes.

    `İ` folds to itself and isn't an `i`, `ẞ` folds to `ß` and isn't `ss`, the Kelvin sign is a `k`.
    """
    return text.lower() if text.isascii() else "".join(map(_folded, text))


class Pattern:
    """One pattern, ready to be compared with many names.

    The parts between stars are looked for from left to right, each at the first place where it
    fits. A later place could never help what follows, so no choice is ever taken back.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = _STARS.sub("*", fold(text))
        first, *others = (_Part(part) for part in self._folded.split("*"))
        self._first, self._between, self._last = first, others[:-1], others[-1] if others else None

    def matches(self, name: str) -> bool:
        """Return whether the pattern matches the whole name."""
        name = fold(name)
        first, last = self._first, self._last
        if not first.fits(name, 0):
            return False
        if last is None:
            return len(name) == first.length
        end = len(name) - last.length
        place = first.length
        if end < place or not last.fits(name, end):
            return False
        for part in self._between:
            place = part.find(name, place, end)
            if place < 0:
                return False
            place += part.length
        return True

    def can_begin(self, beginning: str) -> bool:
        """Return whether a name that begins so could match."""
        # The bits of `places` say after how many characters of the pattern the text may stand.
        pattern = self._folded
        stars = sum(1 << place for place, each in enumerate(pattern) if each == "*")
        places = _past_stars(1, stars)
        for letter in fold(beginning):
            steps = sum(1 << place for place, each in enumerate(pattern) if each in (letter, "?"))
            places = _past_stars((places & stars) | ((places & steps) << 1), stars)
        return places != 0


class _Part:
    """What stands between two stars: a text of fixed length, with or without question marks."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self._text = text
        self._any = "?" in text
        letters = ("." if each == "?" else re.escape(each) for each in text)
        # Of fixed length, with nothing to repeat: this expression can't backtrack.
        self._expression = re.compile("".join(letters), re.DOTALL) if self._any else None

    def fits(self, name: str, place: int) -> bool:
        if self._expression is None:
            return name.startswith(self._text, place)
        return self._expression.match(name, place) is not None

    def find(self, name: str, place: int, end: int) -> int:
        """Return the first place where it fits between two others, or -1."""
        if self._expression is None:
            return name.find(self._text, place, end)
        found = self._expression.search(name, place, end)
        return -1 if found is None else found.start()


def any_matches(patterns: Iterable[Pattern], name: str) -> bool:
    """Return whether one of the patterns matches the name."""
    return any(pattern.matches(name) for pattern in patterns)


def fault(pattern: str) -> str:
    """Return what a pattern in a file has that it can't have; empty where it is right."""
    if found := set(pattern) & RESERVED:
        return " ".join(sorted(found))
    wildcards = pattern.count("*") + pattern.count("?")
    if wildcards > WILDCARDS:
        return f"{wildcards} wildcards"
    return f"{len(pattern)} characters" if len(pattern) > LENGTH else ""


def _past_stars(places: int, stars: int) -> int:
    """Let each place before a star also stand behind it; no two stars stand side by side."""
    return places | ((places & stars) << 1)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    for form in (character.casefold(), character.lower()):
        if len(form) == 1:
            return form
    return character
