"""SQL text as statements of tokens, each with its line.

sqlglot's tokenizer gives up on a whole file where one quote isn't closed or one template stands,
so statements are told apart here: by semicolons outside of quotes, comments and templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct, structs

TokenKind = Literal["word", "number", "string", "quoted", "symbol"]

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+|\ufeff)
    | (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<template>\{\{.*?\}\}|\{%.*?%\}|\{\#.*?\#\}|\$\{.*?\})
    | (?P<string>[rR]?'(?:[^'\\]|\\.|'')*'|[rR]?"(?:[^"\\]|\\.|"")*"|\$\$.*?\$\$)
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w]))
    | (?P<word>\w+)
    | (?P<open>[rR]?['"`]|\$\$|\{\{|\{%|\{\#|\$\{)
    | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RAW: Final = re.compile(
    r"[rR]'[^']*'|[rR]\"[^\"]*\"",
)
_COMMENT_MARK: Final = re.compile(r"/\*|\*/")
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\{#|\$\{")
_ESCAPE: Final = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_ESCAPED: Final = {
    "0": "\0",
    "b": "\b",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "Z": "\x1a",
    "%": "\\%",
    "_": "\\_",
}


class Token(Struct, frozen=True, gc=False):
    """A word, number, string, back-quoted name or symbol of a statement.

    A symbol is one character. `text` is as it stands in the file; `value` is what a string or a
    back-quoted name says, and the upper case of a word.
    """

    kind: TokenKind
    text: str
    value: str
    line: int
    joined: bool = False
    """Whether nothing stands between it and the token before, as in `>=`."""


class Statement(Struct, frozen=True):
    """The tokens between two semicolons, never none; `line` counts from 1.

    `fault` says why the tokens can't be believed: a template stands in them, or a quote isn't
    closed, and then all that follows in the file belongs to this statement.
    """

    tokens: Sequence[Token]
    fault: str = ""

    @property
    def line(self) -> int:
        """Where the statement begins."""
        return self.tokens[0].line


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a file."""
    tokens: list[Token] = []
    fault = ""
    for token, trouble in _tokens(text):
        if token.kind == "symbol" and token.text == ";" and not trouble:
            if tokens:
                yield Statement(tokens, fault)
            tokens, fault = [], ""
            continue
        fault = fault or trouble
        tokens.append(token)
    if tokens:
        yield Statement(tokens, fault)


def _tokens(text: str) -> Iterator[tuple[Token, str]]:
    """Yield each token, with what is wrong with it."""
    position, line, end = 0, 1, -1
    while position < len(text):
        found = _RAW.match(text, position) or _TOKEN.match(text, position)
        assert found is not None  # noqa: S101 -- the last alternative matches any character
        kind, piece = found.lastgroup or "string", found[0]
        if kind == "block":
            after = _end_of_comment(text, position)
            if after < 0:
                yield Token("symbol", "/*", "/*", line), "a comment (/*) isn't closed"
                return
            line += text.count("\n", position, after)
            position = after
            continue
        if kind == "open":
            yield Token("symbol", piece, piece, line), f"{piece} isn't closed"
            return
        if kind not in ("space", "comment"):
            token, fault = _token(kind, piece, line)
            yield structs.replace(token, joined=position == end), fault
            end = found.end()
        line += piece.count("\n")
        position = found.end()


def _token(kind: str, piece: str, line: int) -> tuple[Token, str]:
    match kind:
        case "template":
            return Token("symbol", piece, piece, line), f"it is a template: {_short(piece)}"
        case "string":
            found = _TEMPLATE.search(piece)
            fault = f"it is a template: {_short(piece[found.start() :])}" if found else ""
            return Token("string", piece, _string(piece), line), fault
        case "quoted":
            found = _TEMPLATE.search(piece)
            fault = f"it is a template: {_short(piece)}" if found else ""
            return Token("quoted", piece, piece[1:-1].replace("``", "`"), line), fault
        case "number":
            return Token("number", piece, piece, line), ""
        case "word":
            return Token("word", piece, piece.upper(), line), ""
        case _:
            return Token("symbol", piece, piece, line), ""


def _end_of_comment(text: str, position: int) -> int:
    """Return where a comment ends, which may hold others; -1 where it doesn't."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(text, position):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return -1


def _string(piece: str) -> str:
    """Return what a string literal says."""
    if piece.startswith("$$"):
        return piece[2:-2]
    if piece[0] in "rR":
        return piece[2:-1]
    quote = piece[0]
    return _ESCAPE.sub(_unescaped, piece[1:-1].replace(quote * 2, quote))


def _unescaped(found: re.Match[str]) -> str:
    short, long, octal, other = found.groups()
    if octal:
        return chr(int(octal, 8))
    if short or long:
        code = int(short or long, 16)
        return chr(code) if code <= 0x10FFFF else found[0]  # noqa: PLR2004 -- the last of Unicode
    return _ESCAPED.get(other, other)


def _short(text: str, most: int = 40) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"
