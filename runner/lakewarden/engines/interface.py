"""What every policy engine offers. Policies are loaded when the engine is entered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from msgspec import Struct

from lakewarden.model.errors import AnswerTooLongError
from lakewarden.model.report import EngineInfo

REQUEST_SECONDS: Final = 300.0
"""How long one request may take, from its first byte to the answer's last."""

MOST_ANSWER_BYTES: Final = 16 << 20
"""The longest answer to one request; a batch's is some hundred KB."""

MOST_RESTARTS: Final = 10
"""How often an engine that dies is started again in a run."""


def too_long(length: int) -> AnswerTooLongError:
    """Return the error of an answer that is longer than `MOST_ANSWER_BYTES`."""
    return AnswerTooLongError(
        f"the answer has {length:,} bytes or more, but at most {MOST_ANSWER_BYTES:,} are allowed"
    )


class Module(Struct, frozen=True, kw_only=True):
    """One Rego module under package `lakewarden`, as the engine that decides holds it.

    `path` is relative to the bundle root (`lakewarden/main/main.rego`); `package` is dotted,
    without `data.`; `annotations` is the package's METADATA block, as a mapping, empty if absent.
    """

    path: str
    package: str
    text: str
    annotations: dict[str, Any]


class Engine(Protocol):
    """Decides requests. Thread-safe: several requests may be in flight."""

    def __enter__(self) -> Self:
        """Start the engine and load the policies.

        Raises `EngineError` (not available or not started), `ConfigurationError` (a policy that
        does not compile, naming file and line; a server that holds other policies).
        """
        ...

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End everything that entering started, on every path."""
        ...

    @property
    def info(self) -> EngineInfo:
        """Name and version of who decides."""
        ...

    @property
    def binary(self) -> Path | None:
        """The program that decides; None where it runs elsewhere, or is a library."""
        ...

    @property
    def concurrency(self) -> int:
        """How many requests are worth having in flight."""
        ...

    def modules(self) -> Sequence[Module]:
        """Return every loaded module under package `lakewarden`, sorted by path."""
        ...

    def check_modules(self) -> None:
        """Compare the modules with those of the beginning, once all is decided.

        Raises `ConfigurationError` if others may have decided meanwhile, `EngineError` if the
        engine is gone.
        """
        ...

    def decide(self, request: bytes) -> bytes:
        """Evaluate `data.lakewarden.main.decisions` with `request` (JSON) as `input`.

        Returns the value as JSON: a list of `TableDecisions`, one a table, in the tables' order.
        Raises `EvaluationError` if the engine refused this request or its answer is too long,
        `EngineDiedError` if it ended over this request and was started again, `EngineError` if it
        is gone and could not be brought back.
        """
        ...
