"""Phrases that tables share: each text comes back to the letter, and what is alike is kept once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.model.report import TableReport
from lakewarden.renderers.html.phrases import (
    BYTES,
    FULL_NAME,
    GROUPED_BYTES,
    NAME,
    NUMBER,
    OWNER,
    QUOTED_NAME,
    SIZE,
    SQL_NAME,
    WORDS,
    Own,
    Phrases,
    shown,
)
from lakewarden.renderers.words import wording
from lakewarden_collector.names import sql_name
from tests.support import reports

LITTLE = st.text(alphabet="ab1`.\n\u202e\ufdd0\ufdd9 <", max_size=5)
PARTS = st.text(alphabet="orders_12 `é", min_size=1, max_size=8)
TEXTS = st.lists(
    st.tuples(
        st.booleans(), LITTLE | st.sampled_from(("order_id", "012", "1024 of 90071992547409930"))
    )
)


def table(name: str, size: int, owner: str | None) -> TableReport:
    parts = ("main", "sales", name)
    return TableReport(
        full_name=".".join(parts),
        catalog_name=parts[0],
        schema_name=parts[1],
        name=name,
        owner=owner,
        size={"bytes": size},
        decisions={},
    )


def places(table: TableReport) -> dict[str, str]:
    """Return what the page knows of a table, the way its script does."""
    parts = (table.catalog_name, table.schema_name, table.name)
    size = table.size["bytes"]
    return {
        FULL_NAME: shown(table.full_name),
        SQL_NAME: shown(sql_name(parts)),
        QUOTED_NAME: shown(".".join("`" + part.replace("`", "``") + "`" for part in parts)),
        NAME: shown(table.name),
        OWNER: shown(table.owner or ""),
        BYTES: str(size),
        GROUPED_BYTES: f"{size:,}",
        SIZE: wording.size(size),
    }


def rebuilt(packed: Any, tables: list[TableReport]) -> list[Any]:  # noqa: ANN401 -- JSON
    """Put the texts together again, the way the page's script does."""
    seen: Counter[int] = Counter()
    found: list[Any] = []
    for letter, each in zip(packed["rows"], tables, strict=True):
        phrase = ord(letter) - ord("1")
        if phrase < 0:
            found.append(None)
            continue
        text, columns = packed["phrases"][phrase], packed["words"][phrase]
        turn, seen[phrase] = seen[phrase], seen[phrase] + 1
        own = places(each)
        for place in (FULL_NAME, SQL_NAME, QUOTED_NAME, NAME, OWNER, BYTES, GROUPED_BYTES, SIZE):
            text = text.replace(place, msgspec.json.encode(own[place]).decode()[1:-1])
        names = columns[: len(columns) - text.count(NUMBER)]
        for place, column in zip(WORDS, names, strict=False):
            text = text.replace(place, str(column[turn]))
        numbers = iter(columns[len(names) :])
        found.append(json.loads(re.sub(NUMBER, partial(_next, numbers, turn), text)))
    return found


def _next(numbers: Iterator[list[Any]], turn: int, _place: re.Match[str]) -> str:
    return str(next(numbers)[turn])


@given(st.lists(st.tuples(PARTS, st.integers(0, 2**60), st.none() | PARTS, TEXTS), max_size=5))
def test_every_text_comes_back_to_the_letter(drawn: list[Any]) -> None:
    """A message with another digit, or another table's name, would be a lie about the table."""
    phrases = Phrases()
    tables, texts = [], []
    for name, size, owner, pieces in drawn:
        each = table(name, size, owner)
        about = [*places(each).values()]
        value = {
            "message": "".join(
                about[len(piece) % len(about)] if own else shown(piece) for own, piece in pieces
            ),
            "actual": [shown(piece) for _, piece in pieces],
        }
        phrases.add(Own(each), value if pieces else None)
        tables.append(each)
        texts.append(value if pieces else None)
    packed = msgspec.json.decode(msgspec.json.encode(phrases.packed()))
    assert rebuilt(packed, tables) == texts


def test_tables_share_what_they_have_in_common() -> None:
    """Or ten thousand tables carry one sentence ten thousand times."""
    phrases = Phrases()
    for number in range(50):
        size = 2**20 + 4096 * number
        one = table(f"orders_{number}", size, "sales")
        message = (
            f"main.sales.orders_{number} holds {wording.size(size)} ({size} bytes), and its column "
            f"{'store' if number % 2 else 'status'} has {number} of at most 90 values."
        )
        actual = "store" if number % 2 else "status"
        phrases.add(Own(one), {"message": message, "actual": actual})
    packed = phrases.packed()
    phrase = (
        '{"message":"\ufdd1 holds \ufdd8 (\ufdd6 bytes), and its column \ufdd9 has \ufdd0 of at '
        'most 90 values.","actual":"\ufdd9"}'
    )
    assert packed["phrases"] == [phrase]
    assert packed["rows"] == "1" * 50
    assert packed["words"] == [[["status", "store"] * 25, list(range(50))]]


def test_nothing_is_said_of_some_tables() -> None:
    phrases = Phrases(empty=2)
    one = reports.sample(1).rows[0]
    phrases.add(Own(one), "It is.")
    phrases.add(Own(one), None)
    assert phrases.packed()["rows"] == "0010"
