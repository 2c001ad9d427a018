"""How many requests to have under way at once: one more per window, half on a refusal.

No limit of a workspace is published (neither of its API nor of how many statements a warehouse
runs at once), so none is written here. TCP does the same about the same question; ADR 31. This file
only decides; `throttle.py` counts and blocks.
"""

from __future__ import annotations

from typing import Final

IN_USE: Final = 0.8
"""The width counts as in use where this share of it is under way. One that nobody uses says
nothing, and would be wrong once somebody does."""
REST_WINDOWS: Final = 16
"""How long the width stays just below one that was refused, before that is tried again."""


class AdaptiveLimit:
    """The width: from `start`, never above `limit`, never below 1.

    A window is as many requests as the width, ended while the width was in use.
    """

    def __init__(self, start: int, limit: int) -> None:
        if not 1 <= start <= limit:
            raise ValueError(f"a start of {start} is not between 1 and the limit of {limit}")
        self.limit = limit
        self.width = start
        self._ended = 0
        self._brink = 0
        """The width just below one that was refused; 0 where none was."""
        self._rested = 0

    def completed(self, under_way: int) -> None:
        """Note that a request ended, one of `under_way`."""
        if under_way < IN_USE * self.width:
            return
        self._ended += 1
        if self._ended >= self.width:
            self._ended = 0
            self._widen()

    def refused(self) -> None:
        """Note that the workspace refused a request that was sent at this width."""
        self._brink = max(1, self.width - 1)
        self.width = max(1, self.width // 2)
        self._ended = self._rested = 0

    def _widen(self) -> None:
        if self.width < self._brink:  # it went well before: back there by doubling
            self.width = min(2 * self.width, self._brink)
        elif self.width == self._brink and self._rested < REST_WINDOWS:
            self._rested += 1
        else:
            self._brink = 0
            self.width = min(self.width + 1, self.limit)
