"""Finds the few waivers that may be about some tables among the thousands that a team can have."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lakewarden.model.waivers import Waiver
from lakewarden_collector.patterns import Pattern, fold


class WaiverLookup:
    """An index of waivers by the names and patterns of their tables.

    The router matches what it is sent; this only spares it what cannot match.
    """

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self._waivers = waivers
        self._named: dict[str, list[int]] = {}
        for number, waiver in enumerate(waivers):
            if isinstance(waiver.table, str):
                self._named.setdefault(fold(waiver.table), []).append(number)
        self._patterned = [
            (number, Pattern(waiver.pattern))
            for number, waiver in enumerate(waivers)
            if isinstance(waiver.pattern, str)
        ]

    def covering(self, names: Collection[str]) -> list[Waiver]:
        """Return the waivers that cover at least one of these tables, in their order."""
        named = {number for name in names for number in self._named.get(fold(name), ())}
        patterned = {
            number for number, pattern in self._patterned if any(map(pattern.matches, names))
        }
        return [self._waivers[number] for number in sorted(named | patterned)]
