"""The SQL that the double reads: one DESCRIBE or one SELECT, by Spark's lexical rules.

Quoting is checked as Spark and Delta do: a part is a plain word of ASCII letters, digits and
underscores, or stands between back-quotes with back-quotes inside it doubled (Delta's
`DeltaSqlBase.g4`, rules IDENTIFIER and BACKQUOTED_IDENTIFIER; facts 1.2). Everything else is a
PARSE_SYNTAX_ERROR, `IDENTIFIER(…)` in DESCRIBE DETAIL included.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.workspace.estate import SqlError

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<string>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    | (?P<marker>:[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>\d+(?:\.\d+)?(?![A-Za-z0-9_]))
    | (?P<word>[A-Za-z0-9_]+)
    | (?P<symbol><=>|<>|!=|>=|<=|==|\|\||[-+*/%=<>(),.;])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is quoted, string, marker, number, word or symbol; `text` as written."""

    kind: str
    text: str

    def says(self, *words: str) -> bool:
        """Whether this is one of the given key words or symbols, which are in upper case."""
        return self.kind in ("word", "symbol") and self.text.upper() in words

    @property
    def value(self) -> str:
        """The name or the string that the token means, without its quotes."""
        if self.kind == "quoted":
            return self.text[1:-1].replace("``", "`")
        if self.kind == "string":
            quote = self.text[0]  # doubled inside it stands for itself since Spark 4
            text = self.text[1:-1].replace(quote * 2, quote)
            return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), text)
        return self.text


@dataclass(frozen=True, slots=True)
class DescribeDetail:
    """`DESCRIBE DETAIL` of the table with this name, part by part."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DescribeTable:
    """`DESCRIBE [TABLE]` of the table with this name: its columns."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DescribeJson:
    """`DESCRIBE TABLE EXTENDED … AS JSON` of the table with this name."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT, as its tokens."""

    tokens: tuple[Token, ...]


def read(sql: str) -> DescribeDetail | DescribeTable | DescribeJson | Select:
    """Return the one statement of `sql`; raises `SqlError` (42601) for all the double refuses."""
    tokens = tokenise(sql)
    while tokens and tokens[-1].says(";"):
        tokens.pop()
    if not tokens:
        raise syntax_error("end of input")
    for token in tokens:
        if token.says(";"):
            raise syntax_error(";")
    if tokens[0].says("SELECT"):
        return Select(tuple(tokens))
    if tokens[0].says("DESCRIBE", "DESC"):
        rest = tokens[1:]
        if rest and rest[0].says("DETAIL"):
            return DescribeDetail(_name(rest[1:]))
        if rest and rest[0].says("TABLE"):
            rest = rest[1:]
        if rest and rest[0].says("EXTENDED") and _ends_as_json(rest):
            return DescribeJson(_name(rest[1:-2]))
        return DescribeTable(_name(rest))
    raise syntax_error(tokens[0].text)


def _ends_as_json(tokens: Sequence[Token]) -> bool:
    return len(tokens) > 2 and tokens[-2].says("AS") and tokens[-1].says("JSON")


def tokenise(sql: str) -> list[Token]:
    """Return the tokens of `sql` without white space and comments."""
    tokens: list[Token] = []
    position = 0
    while position < len(sql):
        found = _TOKEN.match(sql, position)
        if found is None:
            raise syntax_error(sql[position])
        position = found.end()
        kind = found.lastgroup or ""
        if kind != "space":
            tokens.append(Token(kind, found.group()))
    return tokens


def syntax_error(near: str) -> SqlError:
    """Return what Spark says of a statement that it cannot parse."""
    return SqlError(
        "42601", "PARSE_SYNTAX_ERROR", f"Syntax error at or near '{near}'. SQLSTATE: 42601"
    )


def not_found(full_name: str) -> SqlError:
    """Return what Spark says of a table that is not there."""
    return SqlError(
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        f"The table or view {full_name} cannot be found. Verify the spelling and correctness of"
        " the schema and catalog. SQLSTATE: 42P01",
    )


def _name(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the parts of a name that takes up all of `tokens`."""
    parts: list[str] = []
    for number, token in enumerate(tokens):
        if number % 2 == 0:
            if token.kind not in ("word", "number", "quoted"):
                raise syntax_error(token.text)
            if token.kind == "number" and not token.text.isdigit():
                raise syntax_error(token.text)
            if not token.value:
                raise syntax_error("``")
            parts.append(token.value)
        elif not token.says("."):
            raise syntax_error(token.text)
    if len(tokens) % 2 == 0:
        raise syntax_error("end of input")
    return tuple(parts)
