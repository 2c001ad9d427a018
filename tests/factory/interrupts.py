"""Lets an interrupt end a run in order, and clean-up come to its end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Make SIGTERM raise `KeyboardInterrupt`, as SIGINT does, so that clean-up runs.

    Only a main thread can do so; in any other, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back until the context is left; then `KeyboardInterrupt` is raised.

    Only a main thread can do so; in any other, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        held.append(number)

    before: dict[signal.Signals, Any] = {each: signal.signal(each, hold) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if held:
        raise KeyboardInterrupt
