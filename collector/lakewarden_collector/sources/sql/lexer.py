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
    | (?P<comment>--(?:\\\n|[^\r\n])*)
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

_OPEN: Final = "isn't closed"
_TAG: Final = re.compile(r"\{%[-+]?\s*(\w+)")
_BLOCKS: Final = frozenset(
    {
        *("if", "for", "macro", "call", "filter", "block", "raw", "with", "autoescape"),
        *("snapshot", "materialization", "test", "trans"),
    }
)
"""Tags of Jinja and dbt that an `end…` ends."""

_NOTEBOOK: Final = "-- Databricks notebook source"
_CELLS: Final = re.compile(r"^-- COMMAND -+[ \t\r]*$", re.MULTILINE)
_MAGIC_LINE: Final = re.compile(r"^-- MAGIC ?", re.MULTILINE)
_MAGIC: Final = re.compile(r"\A\s*-- MAGIC +(%\w+)")
_TITLE: Final = re.compile(r"\A\s*(?:-- Databricks notebook source\s*)?(?:-- DBTITLE[^\n]*)?")
_PROSE: Final = ("%md", "%html")
"""Cells that run nothing."""


class Token(Struct, frozen=True, gc=False):
    """A word, number, string, back-quoted name or symbol of a statement.

    A symbol is one character. `text` is as it stands in the file; `value` is what a string or a
    back-quoted name says, and the upper case of a word.
    """

    kind: TokenKind
    text: str
    value: str
    line: int
    gap: str = ""
    """The white space and comments between it and the token before."""

    @property
    def joined(self) -> bool:
        """Whether nothing stands between it and the token before, as in `>=`."""
        return not self.gap


class Statement(Struct, frozen=True):
    """The tokens between two semicolons, never none; `line` counts from 1.

    `fault` says why the tokens can't be believed: a template stands in them or around them, or a
    quote is `open`, and then all that follows in the file or cell belongs to this statement.
    """

    tokens: Sequence[Token]
    fault: str = ""
    open: bool = False

    @property
    def line(self) -> int:
        """Where the statement begins."""
        return self.tokens[0].line


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a file, which may be a SQL notebook that Databricks exported.

    A cell in another language than SQL is one statement of one word, such as `%python`.
    """
    if not text.startswith(_NOTEBOOK):
        yield from _statements(text, 1)
        return
    line = 1
    for cell in _CELLS.split(text):
        magic = _MAGIC.search(_TITLE.sub("", cell))
        if magic is None:
            yield from _statements(cell, line)
        elif magic[1].lower() == "%sql":
            yield from _statements(_MAGIC_LINE.sub("", cell).replace(magic[1], "", 1), line)
        elif magic[1].lower() not in _PROSE:
            begin = line + cell.count("\n", 0, cell.index("-- MAGIC"))
            yield Statement([Token("word", magic[1], magic[1].upper(), begin)])
        line += cell.count("\n")


def _statements(text: str, line: int) -> Iterator[Statement]:
    tokens: list[Token] = []
    fault, opened, blocks = "", False, _Blocks()
    for token, trouble in _tokens(text, line):
        if token.kind == "symbol" and token.text == ";" and not trouble:
            if tokens:
                yield Statement(tokens, fault)
            tokens, fault = [], ""
            continue
        ended = blocks.pass_by(token)
        if ended and not tokens:
            continue  # what stood in the block has failed already
        fault = fault or trouble or blocks.around
        opened = trouble.endswith(_OPEN)
        tokens.append(token)
    if tokens:
        yield Statement(tokens, fault, opened)


class _Blocks:
    """The blocks of Jinja around a statement: nobody knows whether, or how often, it runs."""

    def __init__(self) -> None:
        self._open: list[str] = []

    @property
    def around(self) -> str:
        """Why a statement here can't be believed; empty outside of all blocks."""
        return f"it stands in a template: {_short(self._open[0])}" if self._open else ""

    def pass_by(self, token: Token) -> bool:
        """Enter or leave a block if the token does; return whether it left one."""
        tag = _TAG.match(token.text) if token.kind == "symbol" else None
        if tag is None:
            return False
        word = tag[1]
        if word.startswith("end"):
            if self._open:
                self._open.pop()
            return True
        if word in _BLOCKS or (word == "set" and "=" not in token.text):
            self._open.append(token.text)
        return False


def _tokens(text: str, line: int) -> Iterator[tuple[Token, str]]:
    """Yield each token, with what is wrong with it."""
    position = end = 0
    while position < len(text):
        found = _RAW.match(text, position) or _TOKEN.match(text, position)
        assert found is not None  # noqa: S101 -- the last alternative matches any character
        kind, piece = found.lastgroup or "string", found[0]
        if kind == "block":
            after = _end_of_comment(text, position)
            if after < 0:
                yield Token("symbol", "/*", "/*", line), f"a comment (/*) {_OPEN}"
                return
            line += text.count("\n", position, after)
            position = after
            continue
        if kind == "open":
            yield Token("symbol", piece, piece, line), f"{piece} {_OPEN}"
            return
        if kind not in ("space", "comment"):
            token, fault = _token(kind, piece, line)
            yield structs.replace(token, gap=text[end:position]), fault
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
    text = _ESCAPE.sub(_unescaped, piece[1:-1].replace(quote * 2, quote))
    # Two escapes may be the halves of one character; no text can have one half.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
