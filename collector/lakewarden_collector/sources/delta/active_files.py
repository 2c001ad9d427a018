"""Which files a table consists of, found by replaying additions and removals in order."""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from lakewarden_collector.sources.delta.fault import LimitError, TableFaultError
from lakewarden_collector.sources.delta.log_files import LOG_FOLDER
from lakewarden_collector.sources.delta.memory import Share

MOST_ACTIONS: Final = 1 << 25
LARGEST: Final = (1 << 63) - 1
REMOVED: Final = -1
IMPOSSIBLE: Final = -2
"""Stands for a size that no file has: negative, above `LARGEST`, or no whole number."""

_SALT: Final = secrets.token_hex(8)
"""Makes the hashes unforeseeable even where PYTHONHASHSEED is fixed."""

_MOST_NAMED: Final = 1000
_STEP: Final = 1 << 18
_BYTES_TO_KEEP: Final = 16
_BYTES_TO_SORT: Final = 40


class Total(Struct, frozen=True):
    """The bytes and the number of the active files."""

    bytes: int
    files: int


class ActiveFiles:
    """Additions and removals in the order in which the log makes them.

    Each costs 16 bytes: a 64-bit hash of the file's key, and its size. Two of a million files
    have the same hash once in 37 million tables.
    """

    def __init__(self, share: Share) -> None:
        self._share = share
        self._keys = array("q")
        self._sizes = array("q")
        self._paid = 0
        self._impossible: dict[int, str] = {}

    def extend(self, keys: Sequence[str], sizes: pa.Int64Array, where: str) -> None:
        """Append actions about files: their keys, and sizes in bytes or `REMOVED`.

        `where` is named if one of the sizes is `IMPOSSIBLE` and counts in the end. Raises
        `LimitError` where a log holds more actions than `MOST_ACTIONS`.
        """
        first = len(self._keys)
        self._pay(first + len(keys), where)
        self._keys.extend([hash(_SALT + key) for key in keys])
        self._sizes.frombytes(memoryview(sizes.buffers()[1])[8 * sizes.offset :][: 8 * len(sizes)])
        if pc.any(pc.equal(sizes, IMPOSSIBLE)).as_py():
            self._note(first, where)

    def append(self, key: str, size: int, where: str) -> None:
        """Append one action, as `extend` does many."""
        self._pay(len(self._keys) + 1, where)
        self._keys.append(hash(_SALT + key))
        self._sizes.append(size)
        if size == IMPOSSIBLE:
            self._note(len(self._keys) - 1, where)

    def total(self) -> Total:
        """Return the sum over the files whose last action is an addition.

        Raises `TableFaultError` where the size of one of them, or the sum, is impossible.
        """
        self._share.take(_BYTES_TO_SORT * len(self._keys))
        keys, sizes = (_int64(numbers) for numbers in (self._keys, self._sizes))
        order = pc.sort_indices(keys)  # stable: among equal keys the last action comes last
        keys, sizes = keys.take(order), sizes.take(order)
        last = _ends_of_runs(keys)
        wrong = pc.and_(last, pc.equal(sizes, IMPOSSIBLE))
        if pc.any(wrong).as_py():
            key = keys.filter(wrong)[0].as_py()
            raise _impossible(
                "the size of a file is not a whole number from 0 to 2^63-1",
                self._impossible.get(key, LOG_FOLDER),
            )
        active = sizes.filter(pc.and_(last, pc.greater_equal(sizes, 0)))
        total = sum(memoryview(active.buffers()[1]).cast("q")[: len(active)]) if active else 0
        if total > LARGEST:
            raise _impossible(f"its files add up to {total} bytes, more than 2^63-1", LOG_FOLDER)
        return Total(bytes=total, files=len(active))

    def _pay(self, actions: int, where: str) -> None:
        while actions > self._paid:
            if self._paid >= MOST_ACTIONS:
                raise LimitError(
                    f"its log holds more than {MOST_ACTIONS:,} actions about files", where=where
                )
            self._share.take(_STEP * _BYTES_TO_KEEP)
            self._paid += _STEP

    def _note(self, first: int, where: str) -> None:
        for index in range(first, len(self._keys)):
            if self._sizes[index] == IMPOSSIBLE and len(self._impossible) < _MOST_NAMED:
                self._impossible[self._keys[index]] = where


def _int64(numbers: array[int]) -> pa.Int64Array:
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def _ends_of_runs(values: pa.Array) -> pa.BooleanArray:
    changes = pc.not_equal(values[:-1], values[1:])
    return pa.concat_arrays([changes, pa.array([True] * min(len(values), 1), pa.bool_())])


def _impossible(what: str, where: str) -> TableFaultError:
    return TableFaultError(
        f"its size is impossible: {what}",
        where=where,
        remedy="Check the table with the engine that writes it, and RESTORE a previous version.",
    )
