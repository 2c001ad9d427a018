"""Patterns over names, as settings and waivers have them; the same as `glob.match` in the router.

`*` stands for any characters, dots too, and `?` for one. Case counts. Rego's globs know more
characters, which are refused here, so that nobody can rely on what only one of the two does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

RESERVED: Final = frozenset("[]{}\\")
"""Characters that mean something in other pattern languages."""

REMEDY: Final = "Only * (any characters) and ? (one) have a meaning."


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what says whether a name matches, quickly where its beginning does not."""
    words = {"*": ".*", "?": "."}
    expression = "".join(words.get(each, re.escape(each)) for each in pattern)
    fullmatch = re.compile(expression, re.DOTALL).fullmatch
    beginning = re.split(r"[*?]", pattern, maxsplit=1)[0]
    return lambda name: name.startswith(beginning) and fullmatch(name) is not None


def reserved(pattern: str) -> str:
    """Return the reserved characters of the pattern, separated by blanks; empty if it has none."""
    return " ".join(sorted(set(pattern) & RESERVED))
