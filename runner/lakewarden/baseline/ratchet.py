"""Compares a baseline with an earlier state of it: it may lose entries, and gain none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lakewarden.baseline.entries import Entry
from lakewarden.model.baseline import Ratchet, Swap
from lakewarden_collector.patterns import fold

MOST: Final = 20

_Identity = tuple[str, str, str | None]


def compare(against: str, before: Sequence[Entry] | None, now: Sequence[Entry]) -> Ratchet:
    """Return how a baseline differs from the one before; `before` is None where there was none.

    An entry is the same by policy, key and the table's name or its id.
    """
    left = {each.place: each for each in before or ()}
    added: list[Entry] = []
    younger = 0
    for entry in now:
        same = left.pop(entry.place, None)
        if same is None:
            added.append(entry)
        else:
            younger += entry.since > same.since
    by_id = {_by_id(each): each for each in left.values() if each.table_id is not None}
    new: list[Entry] = []
    for entry in added:
        same = by_id.pop(_by_id(entry), None) if entry.table_id is not None else None
        if same is None:
            new.append(entry)
        else:
            del left[same.place]
            younger += entry.since > same.since
    swaps, growth = _swapped(list(left.values()), new)
    return Ratchet(
        against=against,
        is_there=before is not None,
        added=len(new),
        removed=len(left),
        swapped=len(swaps),
        younger=younger,
        swaps=tuple(
            Swap(out=out.named, into=into.named)
            for out, into in sorted(swaps, key=lambda each: each[1].place)[:MOST]
        ),
        growth=tuple(each.named for each in _sorted(growth)[:MOST]),
    )


def _by_id(entry: Entry) -> _Identity:
    return entry.policy, entry.table_id or "", entry.key


def _swapped(gone: list[Entry], new: list[Entry]) -> tuple[list[tuple[Entry, Entry]], list[Entry]]:
    """Pair what is gone with what is new: of the same policy and table first, then of the same."""
    pairs: list[tuple[Entry, Entry]] = []
    for alike in (
        lambda each: (each.policy, fold(each.table)),
        lambda each: (each.policy,),
        lambda _: (),
    ):
        waiting: dict[tuple[str, ...], list[Entry]] = {}
        for entry in reversed(_sorted(gone)):
            waiting.setdefault(alike(entry), []).append(entry)
        rest: list[Entry] = []
        for entry in _sorted(new):
            if found := waiting.get(alike(entry)):
                pairs.append((found.pop(), entry))
            else:
                rest.append(entry)
        gone, new = [each for some in waiting.values() for each in some], rest
    return pairs, new


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda each: each.place)
