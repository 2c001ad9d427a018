"""What a person sees besides results: progress, notes and errors, all on stderr."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from lakewarden.model.errors import (
    EXIT_BROKEN,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    ConfigurationError,
)
from lakewarden.progress import Advance
from lakewarden_collector.errors import InventoryError, Problem

_EXIT_BROKEN_PIPE: Final = 128 + signal.SIGPIPE
"""What a shell shows for a program that a closed pipe ended."""


def stderr() -> Console:
    """Return the console for everything that is no result; it never wraps or marks up."""
    return Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


class _Count(ProgressColumn):
    """How many items are done, of how many where that is known; nothing before the first."""

    def render(self, task: Task) -> Text:
        if task.total is not None:
            return Text(f"{task.completed:,.0f}/{task.total:,.0f}")
        return Text(f"{task.completed:,.0f}" if task.completed else "")


class TerminalProgress:
    """Bars that vanish when done, on a terminal; a plain line for each stage elsewhere."""

    def __init__(self) -> None:
        self._console = stderr()

    def note(self, text: str) -> None:
        """Print one sentence."""
        self._console.print(text)

    @contextmanager
    def stage(self, text: str, total: int | None = None) -> Iterator[Advance]:
        """Show that a stage is under way, and how far it is."""
        if not self._console.is_terminal:
            self._console.print(f"{text} …")
            yield lambda _: None
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            _Count(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bars:
            task = bars.add_task(text, total=total)
            yield lambda number: bars.advance(task, number)


def show(problem: Problem) -> None:
    """Print an error: what, where and what to do about it."""
    console = stderr()
    where = f"{problem.where}: " if problem.where else ""
    console.print(Text.assemble(("error: ", "bold red"), where, problem.what))
    if problem.remedy:
        console.print(Text.assemble(("  remedy: ", "bold"), problem.remedy))


def exit_code(problem: Problem) -> int:
    """Return the exit code of an error that left nothing to report."""
    wrong_input = isinstance(problem, ConfigurationError | InventoryError)
    return EXIT_USAGE if wrong_input else EXIT_BROKEN


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Turn errors into messages and exit codes; everything entered before has been left."""
    try:
        yield
    except Problem as problem:
        show(problem)
        raise typer.Exit(exit_code(problem)) from problem
    except KeyboardInterrupt as interrupt:
        stderr().print("interrupted")
        raise typer.Exit(EXIT_INTERRUPTED) from interrupt
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stdout = None  # or Python would complain at its end
        raise typer.Exit(_EXIT_BROKEN_PIPE) from None
