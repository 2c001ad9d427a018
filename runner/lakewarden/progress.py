"""How a run says what it is doing, no matter who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from lakewarden_collector.sources.interface import ProgressState

Advance = Callable[[int], None]


class Progress(Protocol):
    """Hears about a run's stages; the command line draws them, a program may ignore them."""

    def note(self, text: str) -> None:
        """Hear one sentence."""
        ...

    def show(self, state: ProgressState) -> None:
        """Hear how far the stage that is under way has come; called often."""
        ...

    def stage(self, text: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Hear that a stage begins and ends; the function is called as its items are done."""
        ...


class Silent:
    """Progress that nobody listens to."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def show(self, state: ProgressState) -> None:
        """Say nothing."""

    @contextmanager
    def stage(self, text: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 -- the protocol's
        """Say nothing."""
        yield lambda _: None
