"""Looks at a SQL statement of a fix before it goes into a file: is it what it seems to be.

Policies write statements and quote the names in them; the names come from tables. A file of
statements is split, substituted and run by many tools, and read by a person before. So a statement
only stands as one if all of them see the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import sqlglot
from msgspec import Struct
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]  # they are its API

from lakewarden.renderers.words.wording import visible
from lakewarden_collector.patterns import fold

SUBSTITUTED: Final = re.compile(r"\$(?=\{)|\{(?=[{%#])")
"""What Spark, or a tool with templates, replaces before it reads the SQL, in comments as well."""

_ENDS: Final = (";", "--", "/*", "*/")
_BLANK: Final = re.compile(r"<[^<>]+>")
_QUOTES: Final = frozenset("`'\"")
_NESTED: Final = frozenset({"ARRAY", "MAP", "STRUCT"})
"""Types that have others in angle brackets."""

_ABOUT: Final = {
    "CLUSTER BY": "CLUSTER BY",
    "REPLACE PARTITIONED": "CLUSTER BY",
    "OWNER TO": "the owner",
    "SET OWNER": "the owner",
    "SET MANAGED": "where its files are",
    "UNSET MANAGED": "where its files are",
    "ENABLE PREDICTIVE": "predictive optimization",
    "DISABLE PREDICTIVE": "predictive optimization",
    "INHERIT PREDICTIVE": "predictive optimization",
}
"""The words that follow a table's name, to what they set."""

_LISTS: Final = {"TBLPROPERTIES": "the property", "TAGS": "the tag"}
_WHOLE: Final = frozenset({"CREATE", "DROP", "RESTORE", "TRUNCATE"})
"""What a statement begins with that is about a table as a whole."""
_COLUMN: Final = ("ALTER COLUMN", "CHANGE COLUMN")


class Statement(Struct, frozen=True, kw_only=True):
    """A statement, and what a reader of the file has to know about it."""

    sql: str
    fault: str = ""
    """Why it can't stand in a file as a statement; empty where it can."""
    cautions: tuple[str, ...] = ()
    """What to take care of."""
    blanks: tuple[str, ...] = ()
    """What has to be filled in, in the words of its angle brackets, these included."""
    targets: frozenset[str] = frozenset()
    """What it sets, such as CLUSTER BY or a property: two fixes that set the same contradict."""


def statement(sql: str) -> Statement:
    """Look at one statement of a fix."""
    sql = sql.strip()
    try:
        tokens = sqlglot.tokenize(sql, read="databricks")
    except TokenError:
        return Statement(sql=sql, fault="a quote or a comment in it has no end")
    quoted = [piece for each in tokens if (piece := _piece(sql, each))[:1] in _QUOTES]
    if fault := _fault(sql, tokens, quoted):
        return Statement(sql=sql, fault=fault)
    return Statement(
        sql=sql,
        cautions=tuple(_cautions(sql, tokens, quoted)),
        blanks=tuple(_blanks(sql, tokens)),
        targets=frozenset(_targets(sql, tokens)),
    )


def _fault(sql: str, tokens: Sequence[Token], quoted: Sequence[str]) -> str:
    faults = {
        "it doesn't begin with a word of SQL": not sql[:1].isalpha(),
        "a name in it has more than one line": any("\n" in piece for piece in quoted),
        "it holds characters that nobody sees, or a command to a build server": (
            visible(sql, keep="\n\t") != sql
        ),
        "it holds what Spark or a template replaces before the SQL is read": (
            SUBSTITUTED.search(sql) is not None
        ),
        "it's more than one statement": any(
            each.token_type is TokenType.SEMICOLON for each in tokens
        ),
        "it holds a comment": any(each.comments for each in tokens),
    }
    return next((words for words, found in faults.items() if found), "")


def _cautions(sql: str, tokens: Sequence[Token], quoted: Sequence[str]) -> Iterator[str]:
    words = [word for each in tokens for word in _words(sql, each)]
    renamed = [word.upper() for word in _after_name(words[2:])[:2]] == ["RENAME", "TO"]
    if renamed or words[0].upper() in _WHOLE:
        yield (
            "it replaces, renames or drops the whole table: what other statements set on it may be "
            "lost, and they may fail."
        )
    if any(end in piece for piece in quoted for end in _ENDS):
        yield (
            "a name in it holds ; or the signs of a comment. Some tools split there: run it by "
            "itself."
        )
    if any(_BLANK.search(piece) for piece in quoted if not piece.startswith("`")):
        yield "a text in it has angle brackets, and parses whether they're filled in or not."


def _piece(sql: str, token: Token) -> str:
    return sql[token.start : token.end + 1]


def _blanks(sql: str, tokens: Sequence[Token]) -> Iterator[str]:
    """Yield what stands in angle brackets outside of quotes, but for the types in a type."""
    begin: int | None = None
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token.token_type is TokenType.LT:
            nested = before is not None and _piece(sql, before).upper() in _NESTED
            begin = None if nested else token.start
        elif token.token_type is TokenType.GT and begin is not None:
            yield sql[begin : token.end + 1]
            begin = None


def _targets(sql: str, tokens: Sequence[Token]) -> Iterator[str]:
    """Yield what a statement sets, so far as known; the name of its table is left out."""
    match [word for each in tokens for word in _words(sql, each)]:
        case [first, second, "TABLE" | "table", *_] if _are(first, second, "COMMENT", "ON"):
            yield "the comment"
        case [first, second, _, *name, _, _] if _are(first, second, "COMMENT", "ON"):
            yield f"the comment of {fold(''.join(name))}"
        case [first, second, *rest] if _are(first, second, "ALTER", "TABLE", "VIEW"):
            yield from _altered(_after_name(rest))


def _are(first: str, second: str, *words: str) -> bool:
    return first.upper() == words[0] and second.upper() in words[1:]


def _altered(words: Sequence[str]) -> Iterator[str]:
    """Yield what stands after a table's name: `CLUSTER BY`, or the keys of a list."""
    clause = " ".join(words[:2]).upper()
    match words:
        case _ if clause in _ABOUT:
            yield _ABOUT[clause]
        case [_, kind, *keys] if kind.upper() in _LISTS:
            yield from (f"{_LISTS[kind.upper()]} {key}" for key in _keys(keys))
        case [_, _, name, action, *_] if clause in _COLUMN:
            yield f"{action.upper()} of the column {fold(name)}"


def _words(sql: str, token: Token) -> list[str]:
    """Return a token as it's written; sqlglot makes one of CLUSTER BY."""
    piece = _piece(sql, token)
    return [piece] if piece[:1] in _QUOTES else piece.split()


def _after_name(words: Sequence[str]) -> Sequence[str]:
    """Leave out a name, and IF EXISTS before it."""
    at = 2 if [word.upper() for word in words[:2]] == ["IF", "EXISTS"] else 0
    while words[at + 1 : at + 2] == ["."]:
        at += 2
    return words[at + 1 :]


def _keys(words: Sequence[str]) -> Iterator[str]:
    """Yield the keys of a list such as `('a' = '1', b.c = '2')`, or `('a', 'b')`."""
    key: list[str] = []
    in_value = False
    for word in words:
        if word in {",", ")"}:
            if key:
                yield fold("".join(key).strip("'\""))
            key, in_value = [], False
        elif word == "=":
            in_value = True
        elif word not in {"(", "IF", "EXISTS"} and not in_value:
            key.append(word)
