"""The engine `embedded`: Regorus, a Rego interpreter in this process. It needs no binary.

How it differs from OPA, measured: a built-in that fails is always an error, as with OPA's
`strict-builtin-errors`, but for `sprintf` with values that do not fit, which gives text; types and
schemas are not checked before evaluation, so an unknown function is found when it is called.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from lakewarden.engines.annotations import package_annotations
from lakewarden.engines.interface import Module
from lakewarden.engines.purity import reject_impure
from lakewarden.engines.stage import StagedModule, read_policies
from lakewarden.model.errors import ConfigurationError, EngineError, EvaluationError
from lakewarden.model.report import EngineInfo
from lakewarden_collector.errors import Problem

_RULE: Final = "data.lakewarden.main.decisions"
_UNDEFINED: Final = '"<undefined>"'

_MESSAGE = re.compile(
    r"-->\s(?P<file>.*):(?P<line>\d+):\d+\n.*?^error: (?P<what>.*?)\s*\Z", re.DOTALL | re.MULTILINE
)
_UNSCHEDULED: Final = b"could not schedule"
_NOT_COMPILED = re.compile(
    r"unsafe|could not find function|undefined function|not a valid ref|cyclic evaluation"
)
"""What Regorus says on evaluation, although it is about the policy and no input would help."""


class EmbeddedEngine:
    """See `interface.Engine`. One interpreter on a thread of its own, whoever asks.

    Regorus' engine may not change threads, and does not let others run while it evaluates.
    """

    def __init__(self, policy_dirs: Sequence[Path]) -> None:
        self._policy_dirs = policy_dirs
        self._policies: Sequence[StagedModule] = ()
        self._modules: Sequence[Module] = ()
        self._worker: ThreadPoolExecutor | None = None
        self._engine: Any = None
        self._version = ""

    def __enter__(self) -> Self:
        regorus = _import_regorus()
        self._policies = read_policies(self._policy_dirs)
        reject_impure((str(policy.source), policy.text) for policy in self._policies)
        self._modules = [
            Module(
                path=policy.path,
                package=policy.package,
                text=policy.text,
                annotations=package_annotations(policy.text, str(policy.source)),
            )
            for policy in self._policies
        ]
        self._version = metadata.version("gordon-to-regorus")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lakewarden-regorus")
        try:
            problem = self._worker.submit(self._load, regorus).result()
            if problem is not None:
                raise problem  # noqa: TRY301 -- leaves by the same door as an interrupt
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.submit(self._unload)
            worker.shutdown()

    @property
    def info(self) -> EngineInfo:
        """Regorus and the version of the package that brings it."""
        return EngineInfo(name="embedded", version=self._version)

    @property
    def concurrency(self) -> int:
        """One: the interpreter holds Python's lock while it evaluates."""
        return 1

    def modules(self) -> Sequence[Module]:
        """Return the modules as they were read."""
        return self._modules

    def decide(self, request: bytes) -> bytes:
        """See `interface.Engine.decide`."""
        if self._worker is None:
            raise EngineError("the engine was not entered, or has ended")
        answer = self._worker.submit(self._evaluate, request).result()
        if isinstance(answer, Problem):
            raise answer
        return answer

    # What runs on the worker returns its errors: a raised one would take the interpreter along in
    # its traceback, to be dropped on another thread, which Regorus forbids.

    def _load(self, regorus: Any) -> Problem | None:  # noqa: ANN401 -- the module ships no types
        engine = regorus.Engine()
        for policy in self._policies:
            try:
                engine.add_policy(str(policy.source), policy.text)
            except RuntimeError as error:
                return _not_compiled(error, str(policy.source))
        self._engine = engine
        return self._compile()

    def _compile(self) -> Problem | None:
        """Evaluate everything about an empty input, which makes Regorus compile everything.

        Failures of evaluation are of no interest here. A rule whose variables are unsafe would
        only be left out, with a line on standard error.
        """
        self._engine.set_input_json("{}")
        problem: Problem | None = None
        with _standard_error() as said:
            for package in sorted({policy.package for policy in self._policies}):
                try:
                    self._engine.eval_query_as_json(f"data.{package}")
                except RuntimeError as error:
                    if _NOT_COMPILED.search(_first_words(error)):
                        problem = problem or _not_compiled(error, package)
        lines = b"".join(said)
        if problem is None and _UNSCHEDULED in lines:
            problem = ConfigurationError(
                f"Regorus cannot compile a rule: {lines.decode(errors='replace').strip()}",
                where=", ".join(str(directory) for directory in self._policy_dirs),
                remedy="`opa check` names the rule with the unsafe variable.",
            )
        elif lines:
            os.write(2, lines)
        return problem

    def _unload(self) -> None:
        self._engine = None

    def _evaluate(self, request: bytes) -> bytes | Problem:
        try:
            self._engine.set_input_json(request.decode())
            answer: str = self._engine.eval_rule_as_json(_RULE)
        except (RuntimeError, UnicodeDecodeError) as error:
            return _refused(error)
        return _no_router() if answer == _UNDEFINED else answer.encode()


def _import_regorus() -> Any:  # noqa: ANN401 -- the module ships no types
    try:
        import regorus  # noqa: PLC0415 -- an optional extra
    except ImportError as error:
        raise EngineError(
            f"the embedded engine is not installed ({error})",
            remedy="Run `pip install 'lakewarden[embedded]'`.",
        ) from error
    return regorus


@contextmanager
def _standard_error() -> Iterator[list[bytes]]:
    """Collect what is written to the process's standard error meanwhile, Rust's included."""
    lines: list[bytes] = []
    with tempfile.TemporaryFile() as said:
        kept = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            said.seek(0)
            lines.extend(said)


def _first_words(error: BaseException) -> str:
    """Return the message without the backtrace that Regorus appends."""
    return str(error).partition("Stack backtrace:")[0].strip()


def _told(error: BaseException, where: str) -> tuple[str, str]:
    """Return what is wrong and where, from Regorus' drawing of the line."""
    message = _first_words(error)
    found = _MESSAGE.search(message)
    return (found["what"], f"{found['file']}:{found['line']}") if found else (message, where)


def _not_compiled(error: BaseException, where: str) -> ConfigurationError:
    what, place = _told(error, where)
    return ConfigurationError(
        f"Regorus cannot compile this policy: {what}",
        where=place,
        remedy="Correct the policy, or use `--engine opa`, which knows all of Rego.",
    )


def _refused(error: BaseException) -> Problem:
    what, place = _told(error, "")
    if _NOT_COMPILED.search(what):
        return _not_compiled(error, place)
    if "not a valid rule path" in what:
        return _no_router()
    return EvaluationError(f"Regorus: {what}", where=place)


def _no_router() -> EngineError:
    return EngineError(
        f"the policies have no rule {_RULE}: the router is missing",
        remedy="The policies must include lakewarden/main, which ships with Lakewarden.",
    )
