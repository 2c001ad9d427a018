"""The runner's errors and the exit code that each one earns."""

from __future__ import annotations

from typing import Final

from lakewarden_collector.errors import Problem

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INCOMPLETE: Final = 3
EXIT_BROKEN: Final = 4
EXIT_INTERRUPTED: Final = 130


class ConfigurationError(Problem):
    """The user's settings, waivers, policies or arguments are wrong: exit 2."""


class EngineError(Problem):
    """The engine could not be had, started or asked: exit 4."""


class EvaluationError(Problem):
    """The engine refused to evaluate one request; the caller splits it and asks again."""
