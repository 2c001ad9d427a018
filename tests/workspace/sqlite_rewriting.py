"""Writes a SELECT of Spark in SQLite's words.

Three-part names, `current_date()`, intervals of days, casts, string escapes, back-quotes, `<=>`
and `GROUP BY ALL` are rewritten; all else stays as it is, and SQLite understands it or refuses.

sqlglot 30.30 wouldn't do: it reads `SELECT a, FROM t`, which Spark refuses, takes `'it''s'` for
two strings, and writes for SQLite what SQLite lacks (GROUP BY ALL, INTERVAL, ARG_MAX).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from tests.workspace.estate import SqlError, instant
from tests.workspace.sqltext import Token

_TYPES: Final = {
    "STRING": "TEXT",
    "DATE": "TEXT",
    "TIMESTAMP": "TEXT",
    "BIGINT": "INTEGER",
    "LONG": "INTEGER",
    "DOUBLE": "REAL",
}
_AGGREGATES: Final = frozenset(
    [
        "COUNT",
        "SUM",
        "MIN",
        "MAX",
        "AVG",
        "MAX_BY",
        "MIN_BY",
        "ANY_VALUE",
        "COUNT_IF",
        "FIRST",
        "BOOL_OR",
        "BOOL_AND",
    ]
)


def rewritten(select: Sequence[Token], now: datetime, table: Callable[[str], str]) -> str:
    """Return SQLite's text for the tokens of a SELECT of Spark.

    `table` returns what SQLite calls a table, of which it is told the full name in lower case.
    """
    tokens = _grouped(list(select))
    out: list[str] = []
    i = 0
    while i < len(tokens):
        length, text = _piece(tokens, i, now, table)
        out.append(text)
        i += length
    return " ".join(out)


def _piece(
    tokens: list[Token], i: int, now: datetime, table: Callable[[str], str]
) -> tuple[int, str]:
    """Return how many tokens from `i` on make a piece, and SQLite's text for it."""
    token = tokens[i]
    if i and tokens[i - 1].says("FROM", "JOIN", ","):
        parts = _dotted(tokens, i)
        if len(parts) >= 3 or (len(parts) > 1 and not tokens[i - 1].says(",")):
            return 2 * len(parts) - 1, table(".".join(parts).lower())
    if token.says("CURRENT_DATE", "CURRENT_TIMESTAMP", "NOW"):
        length = 3 if _says(tokens, i + 1, "(") else 1
        days = _interval(tokens, i + length)
        at = now - timedelta(days=days or 0)
        today = token.says("CURRENT_DATE")
        text = _literal(at.date().isoformat() if today else instant(at))
        return length + (0 if days is None else 4), text
    following = tokens[i + 1] if i + 1 < len(tokens) else Token("symbol", "")
    if token.says("DATE", "TIMESTAMP") and following.kind == "string":
        return 2, _literal(following.value)
    if token.says("AS") and following.says(*_TYPES):
        return 2, "AS " + _TYPES[following.text.upper()]
    return 1, _plain(token)


def _grouped(tokens: list[Token]) -> list[Token]:
    """Write out `GROUP BY ALL`: every selected expression without an aggregate, by position."""
    for i in range(len(tokens) - 2):
        if tokens[i].says("GROUP") and tokens[i + 1].says("BY") and tokens[i + 2].says("ALL"):
            start = max(j for j in range(i) if tokens[j].says("SELECT"))
            end = next(j for j in range(start, i) if tokens[j].says("FROM"))
            items: list[list[Token]] = [[]]
            depth = 0
            for token in tokens[start + 1 : end]:
                depth += token.says("(") - token.says(")")
                if token.says(",") and depth == 0:
                    items.append([])
                else:
                    items[-1].append(token)
            plain = [
                n for n, item in enumerate(items, 1) if not any(t.says(*_AGGREGATES) for t in item)
            ]
            positions = Token("word", ", ".join(map(str, plain)))
            return [*tokens[: i + 2], positions, *tokens[i + 3 :]]
    return tokens


def _plain(token: Token) -> str:
    """Return SQLite's text of a token that means the same wherever it stands."""
    if token.kind == "string":
        return _literal(token.value)
    if token.kind == "quoted":
        return quoted(token.value)
    return "IS" if token.says("<=>") else token.text


def _dotted(tokens: list[Token], i: int) -> list[str]:
    parts: list[str] = []
    while i < len(tokens) and tokens[i].kind in ("word", "quoted"):
        parts.append(tokens[i].value)
        if not _says(tokens, i + 1, "."):
            break
        i += 2
    return parts


def _says(tokens: list[Token], i: int, word: str) -> bool:
    return i < len(tokens) and tokens[i].says(word)


def _interval(tokens: list[Token], i: int) -> int | None:
    """Return n where `- INTERVAL n DAYS` stands at `i`."""
    if _says(tokens, i, "-") and _says(tokens, i + 1, "INTERVAL") and i + 3 < len(tokens):
        if tokens[i + 2].kind in ("number", "string") and tokens[i + 3].says("DAY", "DAYS"):
            return int(tokens[i + 2].value)
        raise SqlError("42601", "PARSE_SYNTAX_ERROR", "Syntax error at or near 'INTERVAL'")
    return None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a name as SQLite quotes it."""
    return '"' + name.replace('"', '""') + '"'
