"""The engine `embedded`: Regorus, a Rego interpreter. It needs no binary.

How it differs from OPA, measured: a built-in that fails is always an error, as with OPA's
`strict-builtin-errors`, but for `sprintf` with values that do not fit, which gives text; types and
schemas are not checked before evaluation, so an unknown function is found when it is called.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
from msgspec import Struct

from lakewarden.engines import regorus_worker
from lakewarden.engines.bundle.annotations import annotated
from lakewarden.engines.bundle.purity import reject_impure
from lakewarden.engines.bundle.stage import StagedModule, read_policies
from lakewarden.engines.interface import (
    MOST_ANSWER_BYTES,
    MOST_RESTARTS,
    REQUEST_SECONDS,
    Module,
    too_long,
)
from lakewarden.engines.watched import WatchedProcess
from lakewarden.model.errors import (
    ConfigurationError,
    EngineDiedError,
    EngineError,
    EvaluationError,
)
from lakewarden.model.report import EngineInfo
from lakewarden_collector import interruption
from lakewarden_collector.decoding import decoder
from lakewarden_collector.errors import Problem

_RULE: Final = "data.lakewarden.main.decisions"
_UNDEFINED: Final = b'"<undefined>"'
_TAIL: Final = 600
_FREE: Final = 10
"""From this descriptor on none has a meaning for a shell."""

_ONE_POLICY = re.compile(rb'\{"policies":\["([^"\\]+)"\]')
"""How a request begins that asks a single policy."""

_MESSAGE = re.compile(
    r"-->\s(?P<file>.*):(?P<line>\d+):\d+\n.*?^error: (?P<what>.*?)\s*\Z", re.DOTALL | re.MULTILINE
)
_UNSCHEDULED: Final = "could not schedule"
_NOT_COMPILED = re.compile(
    r"unsafe|could not find function|undefined function|not a valid ref|cyclic evaluation"
)
"""What Regorus says on evaluation, although it is about the policy and no input would help."""


class EmbeddedEngine:
    """See `interface.Engine`. One interpreter in a process of its own for all who ask.

    See `regorus_worker` for why. That process ends with us, and is started again where it ended
    over a request.
    """

    def __init__(self, policy_dirs: Sequence[Path]) -> None:
        self._policy_dirs = policy_dirs
        self._policies: Sequence[StagedModule] = ()
        self._modules: Sequence[Module] = ()
        self._worker: _Worker | None = None
        self._lock = threading.Lock()
        self._restarts = 0
        self._version = ""

    def __enter__(self) -> Self:
        _look_for_regorus()
        self._policies = read_policies(self._policy_dirs)
        reject_impure((str(policy.source), policy.text) for policy in self._policies)
        self._modules = [annotated(policy) for policy in self._policies]
        self._version = metadata.version("gordon-to-regorus")
        self._worker = _Worker()
        try:
            self._load(self._worker)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    @property
    def info(self) -> EngineInfo:
        """Regorus and the version of the package that brings it."""
        return EngineInfo(name="embedded", version=self._version)

    @property
    def binary(self) -> Path | None:
        """None: it is a library."""
        return None

    @property
    def concurrency(self) -> int:
        """One: there is one interpreter."""
        return 1

    def modules(self) -> Sequence[Module]:
        """Return the modules as they were read."""
        return self._modules

    def check_modules(self) -> None:
        """Do nothing: the policies are in this process."""

    def decide(self, request: bytes) -> bytes:
        """See `interface.Engine.decide`."""
        with self._lock:
            if self._worker is None:
                raise EngineError("the engine was not entered, or has ended")
            try:
                alone = _ONE_POLICY.match(request)
                package = b"lakewarden.tables." + alone[1] if alone else b""
                answer = self._worker.ask(package + b"\0" + request)
            except WorkerLostError as error:
                raise self._start_again(self._worker) from error
        tag, text = answer[:1], answer[1:]
        if tag == b"A":
            if text == _UNDEFINED:
                raise _no_router()
            return text
        if tag == b"L":
            raise too_long(int(text))
        raise self._of_user(_refused(text.decode()))

    def _of_user(self, problem: Problem) -> Problem:
        """Have an error about the policies themselves name the user's own file.

        What ends up in a decision keeps the path below the bundle root: it is the same wherever the
        policies lie.
        """
        path, colon, line = problem.where.partition(":")
        if isinstance(problem, ConfigurationError):
            found = (each for each in self._policies if each.path == path)
            problem.where = next((f"{each.source}{colon}{line}" for each in found), problem.where)
        return problem

    def _start_again(self, lost: _Worker) -> Problem:
        """Replace a process that ended; return what to say of the request that it ended over."""
        output = lost.output()
        lost.end()
        if interruption.requested() or self._restarts == MOST_RESTARTS:
            self._worker = None
            return EngineError(f"Regorus kept crashing: {output or 'it wrote nothing'}")
        self._restarts += 1
        self._worker = _Worker()
        self._load(self._worker)
        return EngineDiedError(
            f"Regorus ended while it evaluated this: {output or 'it wrote nothing'}"
        )

    def _load(self, worker: _Worker) -> None:
        """Have everything compiled; raise `ConfigurationError` for what can't be.

        A rule whose variables are unsafe would only be left out, with a line on standard error.
        """
        start = {
            "sys_path": [each for each in sys.path if each],
            "policies": [(each.path, each.text, each.package) for each in self._policies],
            "answer_bytes": MOST_ANSWER_BYTES,
        }
        try:
            loaded = _decode_loaded(worker.ask(msgspec.json.encode(start)))
        except WorkerLostError as error:
            raise EngineError(f"Regorus can't be started: {worker.output()}") from error
        if loaded.loading:
            raise self._of_user(_not_compiled(*loaded.loading))
        for message, package in loaded.compiling:
            if _NOT_COMPILED.search(_first_words(message)):
                raise self._of_user(_not_compiled(message, package))
        output = worker.output()
        if _UNSCHEDULED in output:
            raise ConfigurationError(
                f"Regorus can't compile a rule: {output}",
                where=", ".join(str(directory) for directory in self._policy_dirs),
                remedy="`opa check` names the rule with the unsafe variable.",
            )
        if output:
            sys.stderr.write(f"{output}\n")


class _Loaded(Struct, frozen=True):
    """What the process says of the policies; each error is a message and its place."""

    loading: tuple[str, str] | None
    compiling: list[tuple[str, str]]


_decode_loaded: Final = decoder(_Loaded).decode


class WorkerLostError(Exception):
    """The process has ended."""


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends aren't those that the shell around the process uses itself."""
    ends = os.pipe()
    try:
        reading, writing = (fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, _FREE) for each in ends)
    finally:
        for each in ends:
            os.close(each)
    return reading, writing


class _Worker:
    """The process, and the two pipes by which it is asked."""

    def __init__(self) -> None:
        theirs, requests = _pipe()
        answers, ours = _pipe()
        self._requests = os.fdopen(requests, "wb")
        self._answers = os.fdopen(answers, "rb")
        self._written = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by end()
        try:
            self._process = WatchedProcess(
                [
                    sys.executable or "python3",
                    "-I",
                    "-S",
                    regorus_worker.__file__,
                    str(theirs),
                    str(ours),
                ],
                cwd=Path.cwd(),
                env=os.environ,
                stdout=self._written,
                stderr=self._written,
                pass_fds=(theirs, ours),
            )
        finally:
            os.close(theirs)
            os.close(ours)

    def ask(self, message: bytes) -> bytes:
        """Send a message and return the answer.

        Raises `WorkerLostError`, or `EngineError` where the answer takes too long.
        """
        deadline = threading.Timer(REQUEST_SECONDS, self._process.kill)
        deadline.daemon = True
        deadline.start()
        started = time.monotonic()
        try:
            regorus_worker.send(self._requests, message)
            answer = regorus_worker.receive(self._answers)
        except OSError as error:
            raise WorkerLostError from error
        finally:
            deadline.cancel()
        if answer is None and time.monotonic() - started >= REQUEST_SECONDS:
            raise EngineError(f"Regorus did not answer within {REQUEST_SECONDS:.0f} seconds")
        if answer is None:
            raise WorkerLostError
        return answer

    def output(self) -> str:
        """Return the end of what the process wrote to standard error."""
        self._written.seek(0)
        return self._written.read().decode(errors="replace").strip()[-_TAIL:]

    def end(self) -> None:
        """End the process."""
        self._process.end()
        for stream in (self._requests, self._answers, self._written):
            with suppress(OSError):  # what was not sent before it ended
                stream.close()


def _look_for_regorus() -> None:
    try:
        found = importlib.util.find_spec("regorus")
    except ValueError:  # where it was set to nothing
        found = None
    if found is None:
        raise EngineError(
            "the embedded engine is not installed",
            remedy="Run `pip install 'lakewarden[embedded]'`.",
        )


def _first_words(error: str) -> str:
    """Return the message without the backtrace that Regorus appends."""
    return error.partition("Stack backtrace:")[0].strip()


def _explained(error: str, where: str) -> tuple[str, str]:
    """Return what is wrong and where, from Regorus' drawing of the line."""
    message = _first_words(error)
    found = _MESSAGE.search(message)
    return (found["what"], f"{found['file']}:{found['line']}") if found else (message, where)


def _not_compiled(error: str, where: str) -> ConfigurationError:
    what, place = _explained(error, where)
    return ConfigurationError(
        f"Regorus can't compile this policy: {what}",
        where=place,
        remedy="Correct the policy, or use `--engine opa`, which supports all of Rego.",
    )


def _refused(error: str) -> Problem:
    what, place = _explained(error, "")
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
