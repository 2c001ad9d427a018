"""The tables of one run: made at once, dropped at the end whatever happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from databricks.sdk import WorkspaceClient

from tests.factory.dropping import Left, drop, left
from tests.factory.errors import FactoryError
from tests.factory.factory import Made, complete, create
from tests.factory.interrupts import uninterrupted
from tests.factory.naming import Run
from tests.factory.place import Schema
from tests.factory.specs import Spec
from tests.factory.warehouse import AT_ONCE, DEADLINE, Warehouse


class LeftBehindError(Exception):
    """Tables could not be dropped; it names them, and why."""


class Tables:
    """Makes tables in a schema, under names that no other run has; a context manager.

    What cannot be made is an error of that table alone, raised when it is asked for.
    """

    def __init__(
        self,
        client: WorkspaceClient,
        schema: Schema,
        *,
        run: Run | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        """Take the client; raises `FactoryError` where its configuration names no warehouse."""
        self.schema = schema
        self.run = run or Run.begin()
        self._client = client
        self._warehouse = Warehouse(client, schema, deadline=deadline)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="factory")
        self._results: dict[Spec, Made | FactoryError] = {}
        self._begun: list[Left] = []
        self._final: FactoryError | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pattern(self) -> str:
        """The pattern over full names that matches the tables of this run alone."""
        return self.schema.full_name(self.run.beginning) + "*"

    @property
    def made(self) -> list[Made]:
        """The tables that are there as they should be."""
        return [each for each in self._results.values() if isinstance(each, Made)]

    @property
    def problems(self) -> list[FactoryError]:
        """Why the others are not."""
        return [each for each in self._results.values() if isinstance(each, FactoryError)]

    def make(self, specs: Iterable[Spec]) -> None:
        """Make a table of each specification, some at once, and wait for all of them."""
        futures = [self._pool.submit(self._make, spec) for spec in dict.fromkeys(specs)]
        wait(futures)
        for future in futures:
            future.result()

    def of(self, spec: Spec) -> Made:
        """Return the table of a specification; raises the `FactoryError` that it ended with."""
        result = self._results[spec]
        if isinstance(result, FactoryError):
            raise result
        return result

    def close(self) -> None:
        """Drop everything that was begun, and look whether it is gone.

        An interrupt does not break that off; a second call does nothing. Raises `LeftBehindError`.
        """
        with uninterrupted():
            if self._closed:
                return
            self._closed = True
            self._warehouse.stop()
            self._pool.shutdown(wait=True, cancel_futures=True)
            if not self._begun:
                return
            try:
                dropped = drop(self._client, self.schema, self._begun)
                there = [each for each in left(self._client, self.schema) if each.run == self.run]
            except FactoryError as error:
                raise self._left_behind(self._begun, (error,)) from error
            if there or dropped.failures:
                raise self._left_behind(there, dropped.failures)

    def _left_behind(
        self, tables: Sequence[Left], failures: Sequence[FactoryError]
    ) -> LeftBehindError:
        names = ", ".join(self.schema.full_name(each.name) for each in tables) or "none"
        again = f"python -m tests.factory.sweep {self.schema} --older-than 0"
        lines = [
            f"not everything was dropped; there may still be: {names}",
            *map(str, failures),
            f"A later run drops them; or, while no other run works in {self.schema}: {again}",
        ]
        return LeftBehindError("\n".join(lines))

    def _make(self, spec: Spec) -> None:
        if self._final is not None:  # it would fail alike, and take as long
            self._results[spec] = self._final
            return
        try:
            name = self._create(spec)
            self._results[spec] = complete(self._warehouse, self.schema, name, spec)
        except FactoryError as error:
            self._results[spec] = error
            if error.final:
                self._final = error

    def _create(self, spec: Spec) -> str:
        name = self.run.name(spec.name)
        begun = Left(name, self.run, is_view=spec.view is not None)
        self._begun.append(begun)
        try:
            create(self._warehouse, self.schema, name, spec)
        except FactoryError as error:
            if error.lacking:  # then there is certainly nothing to drop, and no way to drop it
                self._begun.remove(begun)
            raise
        return name
