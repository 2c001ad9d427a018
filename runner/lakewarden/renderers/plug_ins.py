"""Formats that other distributions bring along, as entry points of the group below.

An entry point's name is the format's; its object is a class or a function that returns a
`Renderer` when it is called without arguments. Nothing of a plug-in is imported until a report is
wanted in its format.
"""

from __future__ import annotations

import logging
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Final, cast

from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers.interface import Renderer
from lakewarden_collector.errors import OutputError, Problem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from typing import TextIO

    from lakewarden.model.report import Report

GROUP: Final = "lakewarden.renderers"
_REMEDY: Final = "Run it with -v to see where; update it, or uninstall it."
_LOG: Final = logging.getLogger(__name__)


def names() -> dict[str, str]:
    """Return the name of each plug-in's format, in lower case, and the distributions it is from."""
    found: dict[str, str] = {}
    for each in sorted(_entry_points(), key=_distribution):
        name = each.name.lower()
        found[name] = (
            f"{found[name]} and {_distribution(each)}" if name in found else _distribution(each)
        )
    return dict(sorted(found.items()))


def find(name: str) -> EntryPoint | None:
    """Return the plug-in of that name, which is in lower case; None where there is none.

    Raises `ConfigurationError` where two distributions claim the name.
    """
    found = [each for each in _entry_points() if each.name.lower() == name]
    if len(found) > 1:
        raise ConfigurationError(
            f"the format {name!r} comes from two plug-ins: {names()[name]}",
            where=GROUP,
            remedy="Uninstall all but one of them.",
        )
    return found[0] if found else None


def refuse(name: str) -> None:
    """Raise `ConfigurationError` where a plug-in claims the name of a format of ours."""
    if claimed := names().get(name):
        raise ConfigurationError(
            f"the plug-in {name!r} of {claimed} has the name of a built-in format",
            where=GROUP,
            remedy=f"Uninstall {claimed}, or ask its author to rename the format.",
        )


def load(name: str) -> Renderer:
    """Import a plug-in and return its renderer; raises `ConfigurationError` where that fails."""
    found = find(name)
    if found is None:
        raise ConfigurationError(
            f"no installed plug-in has the format {name!r}",
            where=GROUP,
            remedy="Install it into the Python environment that runs Lakewarden.",
        )
    what = f"the plug-in {name!r} of {_distribution(found)}"
    try:
        made = found.load()()
        fits = callable(made.render) and made.format.lower() == name
    except (Exception, SystemExit) as error:
        _LOG.debug("%s can't be loaded", what, exc_info=error)
        raise ConfigurationError(
            f"{what} can't be loaded: {_error_text(error)}", where=found.value, remedy=_REMEDY
        ) from error
    if not fits:
        raise ConfigurationError(
            f"{what} isn't a renderer of that format: it says {made.format!r}",
            where=found.value,
            remedy=_REMEDY,
        )
    return _Guarded(cast("Renderer", made), what, found.value)


class _Guarded:
    """A plug-in's renderer, whose failures name it."""

    def __init__(self, inner: Renderer, what: str, where: str) -> None:
        self.format = inner.format
        self._inner, self._what, self._where = inner, what, where

    def render(self, report: Report, out: TextIO) -> None:
        """Have the plug-in write the report."""
        try:
            with redirect_stdout(sys.stderr):  # a report may be on standard output
                self._inner.render(report, out)
        except (Problem, BrokenPipeError):
            raise  # of the output or the report, or as the plug-in wants it told
        except (Exception, SystemExit) as error:
            _LOG.debug("%s failed", self._what, exc_info=error)
            raise OutputError(
                f"{self._what} failed: {_error_text(error)}",
                where=self._where,
                remedy="Run it with -v to see where, and tell its author.",
            ) from error


def _error_text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _entry_points() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points  # noqa: PLC0415 -- slow, and only some commands ask

    return tuple(entry_points(group=GROUP))


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
