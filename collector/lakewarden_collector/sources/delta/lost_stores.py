"""Remembers object stores that do not answer, so that not every table waits for them."""

from __future__ import annotations

from collections import Counter
from typing import Final
from urllib.parse import urlsplit

from lakewarden_collector.sources.delta.fault import TableFaultError
from lakewarden_collector.sources.delta.store_fault import NETWORK_REMEDY, StoreLostError

_ENOUGH: Final = 3
"""How many tables in a row find a store lost before the others are not tried."""


class LostStores:
    """The stores of one collection; used by several threads."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def check(self, uri: str) -> None:
        """Raise `StoreLostError` if the store in which `uri` lies was given up."""
        if self._in_a_row[_store(uri)] >= _ENOUGH:
            raise StoreLostError(
                f"its object store can't be reached: {_ENOUGH} tables in a row found that, "
                "so this one was not tried",
                remedy=NETWORK_REMEDY,
            )

    def note(self, uri: str, fault: TableFaultError | None) -> None:
        """Note what became of a table; a store that answers is not lost, whatever it says."""
        if isinstance(fault, StoreLostError):
            self._in_a_row[_store(uri)] += 1
        else:
            self._in_a_row[_store(uri)] = 0


def _store(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
