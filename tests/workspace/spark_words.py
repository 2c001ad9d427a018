"""Cuts SQL into words and names by Spark's lexical rules, and remembers where each one stood.

Only what is needed to find names is told apart: back-quoted parts, plain words, text in quotes
and comments, in which nothing is a name, and single characters. Nothing is refused: Spark itself
says what is wrong with a statement. Rules: Spark's `SqlBaseLexer.g4`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_PIECE: Final = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<string>[rR]'[^']*'|[rR]"[^"]*"|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<quoted>`(?:[^`]|``)+`)
    | (?P<word>[0-9]*[A-Za-z_][A-Za-z0-9_]*(?!\w))
    | (?P<number>\w+)
    | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""A plain part of a name is ASCII and not a number; any other must be back-quoted."""


@dataclass(frozen=True, slots=True)
class Name:
    """Parts with dots between them, from `start` up to `end` in the text.

    `ends` holds where each part ends. A key word is a name of one part that is not quoted.
    """

    parts: tuple[str, ...]
    start: int
    ends: tuple[int, ...]
    quoted: bool

    @property
    def end(self) -> int:
        """Where the name ends."""
        return self.ends[-1]

    @property
    def word(self) -> str:
        """The key word that this may be, in upper case; empty where it is none."""
        return "" if self.quoted or len(self.parts) > 1 else self.parts[0].upper()

    @property
    def folded(self) -> tuple[str, ...]:
        """The parts as they are compared: without case."""
        return tuple(part.lower() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A string, a number, or one character that is none of these."""

    text: str
    start: int
    word = ""


Item = Name | Symbol


def items(sql: str) -> list[Item]:
    """Return the names and symbols of a statement, without white space and comments."""
    found: list[Item] = []
    pieces = [piece for piece in _PIECE.finditer(sql) if piece.lastgroup != "space"]
    position = 0
    while position < len(pieces):
        if _is_part(pieces[position]):
            name = [*_parts(pieces, position)]
            found.append(
                Name(
                    parts=tuple(map(_value, name)),
                    start=name[0].start(),
                    ends=tuple(part.end() for part in name),
                    quoted=name[0].lastgroup == "quoted",
                )
            )
            position += 2 * len(name) - 1
        else:
            found.append(Symbol(pieces[position].group(), pieces[position].start()))
            position += 1
    return found


def quoted(*parts: str) -> str:
    """Return a name with every part between back-quotes."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def _parts(pieces: list[re.Match[str]], position: int) -> Iterator[re.Match[str]]:
    yield pieces[position]
    while (
        position + 2 < len(pieces)
        and pieces[position + 1].group() == "."
        and _is_part(pieces[position + 2])
    ):
        position += 2
        yield pieces[position]


def _is_part(piece: re.Match[str]) -> bool:
    return piece.lastgroup in ("quoted", "word")


def _value(piece: re.Match[str]) -> str:
    text = piece.group()
    return text[1:-1].replace("``", "`") if piece.lastgroup == "quoted" else text
