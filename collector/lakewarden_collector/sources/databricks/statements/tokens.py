"""The text of a statement, split so far that names, text and comments are told from words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

TokenKind = Literal["word", "name", "text", "number", "mark"]

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<name>`(?:[^`]|``)*`)
    | (?P<text>'[^'\\]*'|"[^"\\]*")
    | (?P<word>[^\W\d]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<comment>--|/\*)
    | (?P<open>[`'"])
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_VERBS: Final = ("SELECT", "DESCRIBE")


@dataclass(frozen=True)
class Token:
    """A word, a back-quoted name, a text between quotes, a number, or one other character."""

    kind: TokenKind
    text: str


def tokens(statement: str) -> Iterator[Token]:
    """Yield the tokens of a statement.

    Raises `ValueError` where a quote is not closed, and for what would have to be read as the
    server is set: a backslash in a text (an escape or not), and comments (nested or not; the ones
    that begin with `/*+` are hints). No statement here needs one.
    """
    for found in _TOKEN.finditer(statement):
        kind, text = found.lastgroup, found[0]
        match kind:
            case "space":
                continue
            case "comment":
                raise ValueError(f"a statement has a comment: {statement[found.start() :]!r}")
            case "open":
                raise ValueError(f"a quote is not closed, or a text has a backslash: {statement!r}")
            case "word" | "name" | "text" | "number" | "mark":
                yield Token(kind, text)


def check_reads_only(statement: str) -> None:
    """Raise `ValueError` unless the text is one SELECT or one DESCRIBE."""
    first = None
    for token in tokens(statement):
        first = first or token
        if token == Token("mark", ";"):
            raise ValueError(f"this may be more than one statement: {statement!r}")
    if first is None or first.kind != "word" or first.text.upper() not in _VERBS:
        raise ValueError(f"neither a SELECT nor a DESCRIBE: {statement!r}")
