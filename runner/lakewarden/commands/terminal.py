"""What a person sees besides results: progress, notes and errors, all on stderr.

Workspaces and inventories have their words in all of it, so control characters are made visible.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from time import monotonic
from typing import Final, TextIO

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
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
from lakewarden.renderers.wording import visible
from lakewarden_collector.errors import InventoryError, Problem
from lakewarden_collector.sources.interface import Shown

_PLAIN_EVERY: Final = 10
"""Seconds between two lines where there is no terminal to draw on."""

_EXIT_BROKEN_PIPE: Final = 128 + signal.SIGPIPE
"""What a shell shows for a program that a closed pipe ended."""


def report_stream(kind: str) -> TextIO:
    """Return standard output for a report; all formats but the console's are UTF-8 everywhere."""
    if kind != "console" and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


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
    """Bars that vanish when done, on a terminal; plain lines, now and then, elsewhere."""

    def __init__(self) -> None:
        self._console = stderr()
        self._bar: tuple[Progress, TaskID] | None = None
        self._shown_at = float("-inf")

    def note(self, text: str) -> None:
        """Print one sentence."""
        self._console.print(visible(text))

    def show(self, state: Shown) -> None:
        """Bring the bar of the stage up to date; elsewhere, print a line every ten seconds."""
        text = visible(state.text)
        if self._bar is not None:
            bars, task = self._bar
            bars.update(task, description=text, completed=state.done, total=state.total)
        elif not self._console.is_terminal and monotonic() - self._shown_at >= _PLAIN_EVERY:
            self._shown_at = monotonic()
            of = "" if state.total is None else f"/{state.total:,}"
            self._console.print(f"{text} … {state.done:,}{of}")

    @contextmanager
    def stage(self, text: str, total: int | None = None) -> Iterator[Advance]:
        """Show that a stage is under way, and how far it is."""
        text = visible(text)
        if not self._console.is_terminal:
            self._console.print(f"{text} …")
            self._shown_at = monotonic()
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
            self._bar = (bars, task)
            try:
                yield lambda number: bars.advance(task, number)
            finally:
                self._bar = None


def show(problem: Problem) -> None:
    """Print an error: what, on as many lines as it has, where, and what to do about it."""
    console = stderr()
    where = f"{visible(problem.where)}: " if problem.where else ""
    console.print(Text.assemble(("error: ", "bold red"), where, visible(problem.what, keep="\n\t")))
    if problem.remedy:
        remedy = visible(problem.remedy, keep="\n\t")
        console.print(Text.assemble(("  remedy: ", "bold"), remedy))


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
