"""Texts about many tables, kept as the phrases that they share and what differs.

`main.sales.orders holds 35.2 KiB (36110 bytes)` becomes a phrase with places for the table's name
and its size, which are known already, and for other numbers and names. Thousands of tables then
share one phrase. A phrase with what belongs in its places is the text again, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from lakewarden.model.report import TableReport
from lakewarden.renderers.words import wording
from lakewarden_collector.names import sql_name

NUMBER: Final = "\ufdd0"
"""The place of a number that differs. Like the places below it is a character that no visible text
has: `wording.visible` writes it as an escape."""

FULL_NAME: Final = "\ufdd1"
SQL_NAME: Final = "\ufdd2"
"""Of the name with its parts quoted as SQL needs it."""
QUOTED_NAME: Final = "\ufdd3"
"""Of the name with all of its parts in back-quotes."""
NAME: Final = "\ufdd4"
OWNER: Final = "\ufdd5"
BYTES: Final = "\ufdd6"
GROUPED_BYTES: Final = "\ufdd7"
"""Of the bytes with commas."""
SIZE: Final = "\ufdd8"
"""Of the size in words: `35.2 KiB`."""

WORDS: Final = tuple(map(chr, range(0xFDD9, 0xFDF0)))
"""Of a name that is said, such as a column's: the first such name, the second …"""

EXACT: Final = 2**53
"""From here on JavaScript's numbers leave some out; such a number is kept as text."""

_DIGITS: Final = re.compile("([0-9]+)")
_NAME: Final = re.compile(r'\\?"([A-Za-z_][\w.@-]{3,60})\\?"(?!:)', re.ASCII)
"""A text that is nothing but a name, also in a list that is text itself. A colon follows what JSON
calls a key."""
_TELLING: Final = 4
"""Letters that a bare name has at least to have a place; shorter ones occur by chance."""

_NONE: Final = ord("0")

_encode: Final = msgspec.json.Encoder().encode


def shown(text: str) -> str:
    """Return text as the page shows it."""
    return wording.visible(text, keep="\n")


class Own:
    """The values of a table that the page knows already, with their places."""

    def __init__(self, table: TableReport) -> None:
        # The script has the names as they are shown, so their quoted forms are made of those.
        parts = [shown(each) for each in (table.catalog_name, table.schema_name, table.name)]
        quoted = ".".join("`" + part.replace("`", "``") + "`" for part in parts)
        found = [
            (QUOTED_NAME, quoted),
            (FULL_NAME, shown(table.full_name)),
            (SQL_NAME, sql_name(parts)),
        ]
        found += [
            (place, shown(text))
            for place, text in ((NAME, table.name), (OWNER, table.owner or ""))
            if len(text) >= _TELLING and not text.isdigit()
        ]
        size = table.size.get("bytes")
        if isinstance(size, int) and 0 <= size < EXACT:
            found.append((SIZE, wording.size(size)))
            if len(str(size)) >= _TELLING:
                found += [(GROUPED_BYTES, f"{size:,}"), (BYTES, str(size))]
        self._values = [(place, _quoted(value)) for place, value in found]

    def take(self, text: str) -> tuple[str, Sequence[str]]:
        """Return the phrase of some JSON text, and what belongs in its places for words."""
        for place, value in self._values:
            if value in text:
                text = text.replace(value, place)
        names = list(dict.fromkeys(_NAME.findall(text)))[: len(WORDS)]
        for place, name in zip(WORDS, names, strict=False):
            text = text.replace(name, place)
        pieces = _DIGITS.split(text)
        return NUMBER.join(pieces[::2]), names + pieces[1::2]


def _quoted(value: str) -> str:
    return _encode(value).decode()[1:-1]


class Phrases:
    """What is said of some tables in one respect, such as one policy's decision."""

    def __init__(self, *, empty: int = 0) -> None:
        """`empty` tables have gone before, of which nothing is said."""
        self._phrases: dict[str, int] = {}
        self._rows: list[int] = [-1] * empty
        self._words: list[list[Sequence[str]]] = []

    def add(self, own: Own, value: Any) -> int:  # noqa: ANN401 -- whatever JSON can say
        """Keep what is said of the next table; None is nothing. Return the length of its text."""
        if value is None:
            self._rows.append(-1)
            return 1
        text = _encode(value).decode()
        phrase, words = own.take(text)
        number = self._phrases.setdefault(phrase, len(self._phrases))
        if number == len(self._words):
            self._words.append([])
        self._rows.append(number)
        self._words[number].append(words)
        return len(text)

    def packed(self) -> Mapping[str, Any]:
        """Return the phrases, which one each table has, and by phrase what belongs in its places.

        `rows` has a letter for each table: `0` is none, `1` the first phrase. `words` has a list
        for each place of a phrase, names before numbers. What is the same for all tables of a
        phrase stands in the phrase itself.
        """
        phrases: list[str] = []
        words: list[list[list[int | str]]] = []
        for phrase, rows in zip(self._phrases, self._words, strict=True):
            columns = list(zip(*rows, strict=True))
            phrases.append(_settled(phrase, columns))
            words.append([[_number(each) for each in one] for one in columns if _differs(one)])
        letters = "".join(chr(_NONE + 1 + number) for number in self._rows)
        return {"phrases": phrases, "rows": letters, "words": words}


def _settled(phrase: str, columns: Sequence[Sequence[str]]) -> str:
    """Fill the places in which all tables have the same; number the others' names again."""
    first, *rest = phrase.split(NUMBER)
    names = columns[: len(columns) - len(rest)]
    filled = (NUMBER if _differs(column) else column[0] for column in columns[len(names) :])
    text = first + "".join(digits + piece for digits, piece in zip(filled, rest, strict=True))
    left = iter(WORDS)
    for place, column in zip(WORDS, names, strict=False):
        text = text.replace(place, next(left) if _differs(column) else column[0])
    return text


def _differs(column: Sequence[str]) -> bool:
    return any(each != column[0] for each in column)


def _number(word: str) -> int | str:
    """Return digits as a number, which is shorter, unless it would be another text again."""
    plain = word.isdigit() and (word == "0" or not word.startswith("0"))
    return int(word) if plain and len(word) < len(str(EXACT)) else word
