"""How many statements a collection may send."""

from __future__ import annotations

import threading


class Budget:
    """A number of statements, taken one by one; None is no limit. Safe to use from threads."""

    def __init__(self, most: int | None, spent: int = 0) -> None:
        self.most = most
        self._left = None if most is None else max(0, most - spent)
        self._lock = threading.Lock()

    @property
    def left(self) -> int | None:
        """What is left; None is no limit."""
        return self._left

    def take(self) -> bool:
        """Take one statement; False where none is left."""
        with self._lock:
            if self._left is None:
                return True
            if self._left == 0:
                return False
            self._left -= 1
            return True

    def sentence(self) -> str:
        """Say why there is no more, to a person."""
        return f"the budget of {self.most:,} statements (--max-statements) was spent before it"
