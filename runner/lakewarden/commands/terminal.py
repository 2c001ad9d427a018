"""What a person sees apart from results: progress, notes and errors, all on stderr.

Workspaces and inventories have their words in all of it, so control characters are made visible.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from time import monotonic
from typing import Final

import typer
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
from typer.exceptions import TyperException

from lakewarden.model.errors import (
    EXIT_BROKEN,
    EXIT_USAGE,
    ConfigurationError,
)
from lakewarden.progress import Advance
from lakewarden.renderers.safe_console import (
    STANDARD_OUTPUT,
    SafeConsole,
    console,
    log_handler,
    nowhere,
)
from lakewarden.renderers.words.wording import visible
from lakewarden_collector import interruption
from lakewarden_collector.errors import InventoryError, Problem, WrongInputError
from lakewarden_collector.private_folder import PREFIX
from lakewarden_collector.sources.interface import ProgressState

_PLAIN_EVERY: Final = 10
"""Seconds between two lines where there is no terminal to draw on."""

_BY_PYDANTIC: Final = re.compile(r"(: )Value error, ")
"""What Pydantic, by which Typer converts values, puts before its message."""

_POSSIBLE: Final = re.compile(r" \(Possible options: [^)]*\)$")
"""How Typer ends what it says of an option that is near to others."""

_WRONG_NAME: Final = {errno.ENAMETOOLONG, errno.EACCES, errno.ELOOP, errno.ENOTDIR}
"""What is wrong with a name that we were given, where it isn't one of our temporary files."""

_EXIT_BROKEN_PIPE: Final = 128 + signal.SIGPIPE
"""What a shell shows for a program that a closed pipe ended."""


_QUIET: Final[ContextVar[bool]] = ContextVar("quiet", default=False)


@contextmanager
def speaking(*, verbose: bool = False, quiet: bool = False) -> Iterator[None]:
    """Log to standard error, or say nothing there but errors, until left."""
    if verbose:
        logging.basicConfig(level=logging.DEBUG, handlers=[log_handler()])
    token = _QUIET.set(quiet or is_quiet())
    try:
        yield
    finally:
        _QUIET.reset(token)


def is_quiet() -> bool:
    """Whether only the conclusion is wanted."""
    return _QUIET.get()


def stderr() -> SafeConsole:
    """Return the console for everything that isn't a result."""
    return console(error=True)


def notes() -> SafeConsole:
    """Return the console for what a person may miss: progress and notes."""
    return console(error=True, quiet=is_quiet())


class _Count(ProgressColumn):
    """How many items are done, of how many where that is known; nothing before the first."""

    def render(self, task: Task) -> Text:
        if task.total is not None:
            return Text(f"{task.completed:,.0f}/{task.total:,.0f}")
        return Text(f"{task.completed:,.0f}" if task.completed else "")


class TerminalProgress:
    """Bars that vanish when done, on a terminal; plain lines, now and then, elsewhere."""

    def __init__(self) -> None:
        self._console = notes()
        self._bar: tuple[Progress, TaskID] | None = None
        self._shown_at = float("-inf")

    def note(self, text: str) -> None:
        """Print one sentence."""
        self._console.print(text)

    def show(self, state: ProgressState) -> None:
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
    """Print an error: what, where, its further lines, and what to do about it.

    A line end in a name would let it begin a line that looks like one of ours: it is shown as text.
    """
    out = stderr()
    where = f"{visible(problem.where)}: " if problem.where else ""
    out.print(Text.assemble(("error: ", "bold red"), where, visible(problem.what, keep="\t")))
    for line in problem.details:
        out.print(Text("  " + visible(line, keep="\t")))
    if problem.remedy:
        out.print(Text.assemble(("  remedy: ", "bold"), visible(problem.remedy)))


def refuse_usage(error: TyperException) -> int:
    """Print what Typer says of wrong arguments, in a line, and return the exit code.

    The arguments themselves may stand in it: text with line ends, too, from a script's variable.
    """
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "lakewarden"
    message = _BY_PYDANTIC.sub(r"\1", error.format_message(), count=1)
    near: Sequence[str] = getattr(error, "possibilities", None) or ()
    if near:
        message = _POSSIBLE.sub("", message)
    if message:  # there is none where the help was asked for by no arguments at all
        meant = f"Did you mean {' or '.join(near[:2])}? " if near else ""
        show(ConfigurationError(message, remedy=f"{meant}See `{command} --help`."))
    return EXIT_USAGE


def exit_code(problem: Problem) -> int:
    """Return the exit code of an error that left nothing to report."""
    wrong_input = isinstance(problem, ConfigurationError | InventoryError | WrongInputError)
    return EXIT_USAGE if wrong_input else EXIT_BROKEN


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Turn errors into messages and exit codes; everything entered before has been left."""
    try:
        yield
    except Problem as problem:
        show(problem)
        if problem.where == STANDARD_OUTPUT:
            nowhere(sys.stdout)  # what it still holds would break it again at the end
        raise typer.Exit(exit_code(problem)) from problem
    except KeyboardInterrupt as interrupt:
        stderr().print(interruption.word())
        raise typer.Exit(interruption.exit_code()) from interrupt
    except BrokenPipeError:  # the reader of our output has seen enough
        nowhere(sys.stdout)  # or Python would complain at its end
        raise typer.Exit(_EXIT_BROKEN_PIPE) from None
    except UnicodeEncodeError as error:
        undecodable = ConfigurationError(
            f"a name isn't valid UTF-8: {error.object[:200]}",
            remedy="Rename it, or correct the option that has it; reports are UTF-8.",
        )
        show(undecodable)
        raise typer.Exit(exit_code(undecodable)) from error
    except OSError as error:
        refused = _system_problem(error)
        show(refused)
        raise typer.Exit(exit_code(refused)) from error


def _system_problem(error: OSError) -> Problem:
    """Say what the system refused: a full disk, a folder that is gone, an output that broke."""
    try:
        os.getcwd()  # noqa: PTH109 -- pathlib's is the same
    except OSError:
        return ConfigurationError(
            "the folder that this runs in doesn't exist any more",
            remedy="Change to another folder, and run it again.",
        )
    what = error.strerror or str(error) or type(error).__name__
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    if error.errno in _WRONG_NAME and f"{os.sep}{PREFIX}" not in where:
        return ConfigurationError(
            f"can't be used: {what}",
            where=where,
            remedy="Correct the name, or the rights of the folders that it goes through.",
        )
    return Problem(
        f"the system refused a file: {what}",
        where=where,
        remedy="Check the disk's free space and the rights; TMPDIR and LAKEWARDEN_CACHE_DIR name "
        "other folders for temporary files and for the cache.",
    )


@contextmanager
def closing_streams() -> Iterator[None]:
    """Bring all output out at the end, whatever the end is; say so where that fails."""
    try:
        yield
    except SystemExit as ending:
        code = _flush()
        if code:
            raise SystemExit(code) from None
        raise ending from None
    code = _flush()
    if code:
        raise SystemExit(code)


def _flush() -> int:
    """Return the exit code that the streams demand, 0 for none."""
    code = 0
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere(sys.stdout)
        code = _EXIT_BROKEN_PIPE
    except (OSError, ValueError) as error:
        nowhere(sys.stdout)
        code = EXIT_BROKEN
        with suppress(OSError):
            show(Problem(f"can't be written: {error_text(error)}", where=STANDARD_OUTPUT))
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        nowhere(sys.stderr)
    return code


def error_text(error: Exception) -> str:
    """Return what the system says of an error, without the number."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
