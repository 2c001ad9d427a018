"""How many requests to have under way at once, found by trying.

No limit of a workspace is published (neither of its API nor of how many statements a warehouse
runs at once), so none is written here: the width climbs while more requests under way mean more
requests done, and is halved where the workspace refuses. This file only decides; `throttle.py`
counts and blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAST: Final = 1.5
"""The step at first, and on the way back to where the workspace refused."""
CAREFUL: Final = 1.25
"""The step after one did not help: smaller ones cannot be told from noise."""
HELPFUL: Final = 0.3
"""The share of a step that must be seen in the throughput. Less is queueing, not work: at 1.25
the width stays where another step would bring under 8 % more."""
BRINK: Final = 0.95
"""The share of a refused width at which the climb waits before it goes on by ones."""
FULL: Final = 0.8
"""A request counts as sent at full width where this share of the width was under way."""
PATIENCE: Final = (2, 32)
"""How many windows to wait after a failed step: at first, and at most (doubled each time)."""
_LEAST: Final = 24
"""The fewest requests that a throughput is measured over, where it is to be compared."""


class _Window:
    """The throughput of one width, measured over twice as many requests as it allows at once.

    `settle` requests are let pass first: those that were sent at another width.
    """

    def __init__(self, width: int, settle: int = 0, least: int = _LEAST) -> None:
        self._size = max(2 * width, least)
        self._settle = settle
        self._begun: float | None = None
        self._ended = 0
        self._full = 0

    def add(self, now: float, *, full: bool) -> float | None:
        """Count a request that ended; return requests per second where the window is complete.

        None also where most requests did not find the width used: then it is not the width that
        limits the throughput, and the window begins again.
        """
        if self._settle > 0:
            self._settle -= 1
            return None
        if self._begun is None:
            self._begun = now
            return None
        self._ended += 1
        self._full += full
        if self._ended < self._size:
            return None
        seconds, limited = now - self._begun, 2 * self._full > self._ended
        ended, self._begun, self._ended, self._full = self._ended, now, 0, 0
        return ended / seconds if limited and seconds > 0 else None


@dataclass(frozen=True)
class _Level:
    width: int
    rate: float


def _helped(best: _Level, wider: _Level) -> bool:
    growth = wider.width / best.width - 1
    return wider.rate / best.rate - 1 >= HELPFUL * growth


class AdaptiveLimit:
    """The width: from `start`, never above `limit`, never below 1."""

    def __init__(self, start: int, limit: int) -> None:
        if not 1 <= start <= limit:
            raise ValueError(f"a start of {start} is not between 1 and the limit of {limit}")
        self.limit = limit
        self.width = start
        self._factor = FAST
        self._patience = PATIENCE[0]
        self._waiting = 0
        self._refused: int | None = None
        self._measured = True  # a refusal before the first window counts as one at this width
        self._best: _Level | None = None
        self._doubted: float | None = None
        self._window = _Window(start)

    def completed(self, now: float, under_way: int) -> None:
        """Be told that a request ended at `now` seconds, one of `under_way`."""
        rate = self._window.add(now, full=under_way >= FULL * self.width)
        if rate is None:
            return
        before = self.width
        self._measured = True
        self._judge(rate)
        self._window = self._next_window(before)

    def refused(self) -> None:
        """Be told that the workspace refused a request that was sent at this width."""
        before = self.width
        if self._measured:
            again = self._refused is not None and before >= BRINK * self._refused
            self._patience = min(2 * self._patience, PATIENCE[1]) if again else PATIENCE[0]
            self._refused = before
        # Else it is still the spell that narrowed before, and says nothing about this width.
        self._measured = False
        self._best = self._doubted = None
        self._waiting = 0
        self._factor = FAST
        self.width = max(1, before // 2)
        self._window = self._next_window(before)

    def _next_window(self, before: int) -> _Window:
        settle = 0 if self.width == before else before
        # On the way back to where it was, nothing is compared.
        return _Window(self.width, settle, 1 if self.width < self._brink() else _LEAST)

    def _judge(self, rate: float) -> None:
        best = self._best
        if best is None:
            self._best = _Level(self.width, rate)
            self._rise()
        elif self._waiting > 0:
            self._best = _Level(self.width, (best.rate + rate) / 2)
            self._waiting -= 1
            if self._waiting == 0:
                self._rise()
        elif self.width < self._brink():
            self._rise()  # back to where it was before a refusal
        elif self.width < CAREFUL * best.width and self.width < self.limit:
            self._rise()  # too little above to tell
        elif _helped(best, _Level(self.width, rate)):
            self._best = _Level(self.width, rate)
            self._factor, self._patience, self._doubted = FAST, PATIENCE[0], None
            self._rise()
        elif self._doubted is None:
            self._doubted = rate  # bad luck, perhaps: statements are not alike
        elif _helped(best, _Level(self.width, (self._doubted + rate) / 2)):
            self._best = _Level(self.width, (self._doubted + rate) / 2)
            self._doubted = None
            self._rise()
        else:
            self.width, self._factor, self._doubted = best.width, CAREFUL, None
            self._wait()

    def _wait(self) -> None:
        self._waiting = self._patience
        self._patience = min(2 * self._patience, PATIENCE[1])

    def _brink(self) -> int:
        """Return the width just below one that was refused; 0 where none was."""
        if self._refused is None:
            return 0
        return max(1, min(self._refused - 1, round(BRINK * self._refused)))

    def _rise(self) -> None:
        brink = self._brink()
        if self.width < brink:
            wider = min(brink, max(self.width + 1, int(self.width * FAST)))
            if wider == brink:
                self._waiting = self._patience
        elif self._refused is not None and self.width <= self._refused:
            wider = self.width + 1
        else:
            if self._refused is not None:  # the workspace allows more than it did
                self._refused, self._patience = None, PATIENCE[0]
            wider = max(self.width + 1, int(self.width * self._factor))
        self.width = min(wider, self.limit)
