"""How many requests to have under way at once: one more as long as none is refused, then half.

No limit of a workspace is published (neither of its API nor of how many statements a warehouse
runs at once), so none is written here. Additive increase and multiplicative decrease is what TCP
does about the same question; ADR 29. This file only decides; `throttle.py` counts and blocks.
"""

from __future__ import annotations

from typing import Final

IN_USE: Final = 0.8
"""The width counts as in use where this share of it is under way. One that nobody uses says
nothing, and would be wrong once somebody does."""


class AdaptiveLimit:
    """The width: from `start`, never above `limit`, never below 1."""

    def __init__(self, start: int, limit: int) -> None:
        if not 1 <= start <= limit:
            raise ValueError(f"a start of {start} is not between 1 and the limit of {limit}")
        self.limit = limit
        self.width = start
        self._completed = 0

    def completed(self, under_way: int) -> None:
        """Note that a request ended, one of `under_way`; as many as the width make it one wider."""
        if under_way < IN_USE * self.width:
            return
        self._completed += 1
        if self._completed >= self.width:
            self._completed = 0
            self.width = min(self.width + 1, self.limit)

    def refused(self) -> None:
        """Note that the workspace refused a request that was sent at this width: halve it."""
        self._completed = 0
        self.width = max(1, self.width // 2)
