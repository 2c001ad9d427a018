"""The runner's errors and the exit code that each one earns."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.errors import OutputError, Problem
from lakewarden_collector.interruption import EXIT_INTERRUPTED, EXIT_TERMINATED

__all__ = [
    "EXIT_BROKEN",
    "EXIT_FAILED",
    "EXIT_INCOMPLETE",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_TERMINATED",
    "EXIT_USAGE",
    "AnswerTooLongError",
    "ConfigurationError",
    "EngineDiedError",
    "EngineError",
    "EvaluationError",
    "FetchError",
    "HistoryError",
]

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INCOMPLETE: Final = 3
EXIT_BROKEN: Final = 4


class ConfigurationError(Problem):
    """The user's settings, waivers, policies or arguments are wrong: exit 2."""


class HistoryError(OutputError):
    """The run couldn't be added to its history, although the reports are written: exit 4."""


class FetchError(Problem):
    """What lies in another place, such as a git repository, couldn't be fetched: exit 4."""


class EngineError(Problem):
    """The engine was not available, or could not be started or asked: exit 4."""


class EvaluationError(Problem):
    """The engine refused to evaluate one request; the caller splits it and asks again."""


class AnswerTooLongError(EvaluationError):
    """The engine's answer to one request is longer than allowed; it was not read to its end."""


class EngineDiedError(EvaluationError):
    """The engine ended over one request, which may be its fault, and was started again."""
