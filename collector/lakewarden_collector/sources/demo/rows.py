"""Made-up rows of a coffee roaster with a web shop: the same ones for the same seed.

Identifiers are random UUIDs, which no Parquet codec shrinks, so a table's size on disk follows
from its number of rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

import pyarrow as pa

from lakewarden_collector.sources.demo.spec import Columns

_FIRST_DAY: Final = date(2026, 1, 1)
_DAYS: Final = 300
_SECONDS_OF_A_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)

# Where the 32 hexadecimal digits of a UUID stand among its 36 characters.
_DIGIT_PLACES: Final = tuple(place for place in range(36) if place not in {8, 13, 18, 23})


def made_up_rows(columns: Columns, count: int, seed: str) -> pa.Table:
    """Return `count` rows; equal arguments give equal rows, on every machine.

    Raises `KeyError` for a kind of content that `KINDS` does not have.
    """
    random = Random(seed)  # noqa: S311 -- repeatable content is wanted, not secrets
    return pa.table({name: KINDS[kind](random, count) for name, kind in columns})


def _below(random: Random, count: int, limit: int) -> list[int]:
    """Return `count` whole numbers from 0 to `limit` - 1, much faster than one call for each."""
    return [number % limit for number in array("I", random.randbytes(4 * count))]


def _uuids(random: Random, count: int) -> pa.Array:
    digits = random.randbytes(16 * count).hex().encode()
    text = bytearray(b"-" * (36 * count))
    for digit, place in enumerate(_DIGIT_PLACES):
        text[place::36] = digits[digit::32]
    offsets = array("i", range(0, 36 * count + 1, 36))
    return pa.Array.from_buffers(
        pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(bytes(text))]
    )


def _numbers(random: Random, count: int) -> pa.Array:
    return pa.array(_below(random, count, 500), pa.int64())


def _flags(random: Random, count: int) -> pa.Array:
    return pa.array(_below(random, count, 20), pa.int32()).cast(pa.bool_())


def _money(random: Random, count: int) -> pa.Array:
    cents = array("Q", bytes(16 * count))  # two little-endian words a number; the high one is 0
    cents[::2] = array("Q", _below(random, count, 250_000))
    return pa.Array.from_buffers(pa.decimal128(12, 2), count, [None, pa.py_buffer(cents)])


def _dates(random: Random, count: int) -> pa.Array:
    first = (_FIRST_DAY - _EPOCH).days
    days = [first + day for day in _below(random, count, _DAYS)]
    return pa.array(days, pa.int32()).cast(pa.date32())


def _times(random: Random, count: int) -> pa.Array:
    first = (_FIRST_DAY - _EPOCH) // timedelta(seconds=1)
    seconds = _below(random, count, _DAYS * _SECONDS_OF_A_DAY)
    microseconds = [(first + second) * 1_000_000 for second in seconds]
    return pa.array(microseconds, pa.timestamp("us", tz="UTC"))


def _words(*words: str) -> Callable[[Random, int], pa.Array]:
    def content(random: Random, count: int) -> pa.Array:
        return pa.array(words).take(pa.array(_below(random, count, len(words)), pa.int32()))

    return content


_cities = _words("Bremen", "Bristol", "Genoa", "Lisbon", "Rotterdam", "Trieste", "Valencia")


def _addresses(random: Random, count: int) -> pa.Array:
    parts: Sequence[pa.Array] = (_cities(random, count), _numbers(random, count))
    return pa.StructArray.from_arrays(parts, names=["city", "house_number"])


KINDS: Final[dict[str, Callable[[Random, int], pa.Array]]] = {
    "uuid": _uuids,
    "number": _numbers,
    "money": _money,
    "date": _dates,
    "time": _times,
    "address": _addresses,
    "flag": _flags,
    "city": _cities,
    "month": _words("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"),
    "roast": _words("light", "medium", "dark", "espresso", "decaf"),
    "status": _words("open", "paid", "shipped", "returned", "cancelled"),
}
"""Kind of content to what makes a column of it."""
