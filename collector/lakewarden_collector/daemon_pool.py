"""Threads for requests, which nobody need wait for once their answers are not wanted any more."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Workers(Generic[T]):
    """At most so many threads that run tasks in the order in which they are given.

    Unlike a `ThreadPoolExecutor`, neither leaving the `with` block nor the end of the process waits
    for a task that is under way: a request may take a minute to be answered, or to time out, and
    anyone who presses Ctrl-C should not have to sit through it.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._changed = threading.Condition()
        self._tasks: deque[tuple[Callable[[], T], Future[T]]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def submit(self, task: Callable[[], T]) -> Future[T]:
        """Have a task run; return its future."""
        future: Future[T] = Future()
        with self._changed:
            if self._ended:
                future.cancel()
                return future
            self._tasks.append((task, future))
            if len(self._tasks) > self._idle and len(self._threads) < self._most:
                name = f"{self._name}-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return future

    def end(self, seconds: float | None = 0) -> None:
        """Begin no further task, and wait no longer than so many seconds for those under way.

        None waits for all of them, however long they take.
        """
        with self._changed:
            self._ended = True
            for _, future in self._tasks:
                future.cancel()
            self._tasks.clear()
            self._changed.notify_all()
        if seconds == 0:
            return
        until = None if seconds is None else monotonic() + seconds
        for thread in self._threads:
            thread.join(None if until is None else max(0.0, until - monotonic()))

    def _work(self) -> None:
        while (given := self._next()) is not None:
            task, future = given
            try:
                result = task()
            except BaseException as error:  # noqa: BLE001 -- raised again where the result is asked for
                future.set_exception(error)
            else:
                future.set_result(result)

    def _next(self) -> tuple[Callable[[], T], Future[T]] | None:
        with self._changed:
            self._idle += 1
            try:
                self._changed.wait_for(lambda: self._tasks or self._ended)
                if self._ended:
                    return None
                task, future = self._tasks.popleft()
                future.set_running_or_notify_cancel()
                return task, future
            finally:
                self._idle -= 1
