"""One step of testing policies: what it found, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from lakewarden.kit.finding import Finding


class Status(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Result(Struct, frozen=True, kw_only=True):
    """What a step has to say; `note` is what it looked at, or why it was skipped."""

    status: Status
    note: str
    findings: tuple[Finding, ...] = ()


class Outcome(Struct, frozen=True, kw_only=True):
    """A step that was taken."""

    step: str
    status: Status
    note: str
    findings: tuple[Finding, ...]
    seconds: float


def timed(step: str, take: Callable[[], Result]) -> Outcome:
    """Take a step and measure it."""
    start = time.perf_counter()
    result = take()
    return Outcome(
        step=step,
        status=result.status,
        note=result.note,
        findings=result.findings,
        seconds=time.perf_counter() - start,
    )


def judged(findings: list[Finding], note: str) -> Result:
    """Return a step that failed exactly if there are findings; they are put in order."""
    status = Status.FAILED if findings else Status.OK
    return Result(status=status, note=note, findings=tuple(sorted(findings)))


def skipped(why: str) -> Result:
    """Return a step that was not taken."""
    return Result(status=Status.SKIPPED, note=why)


def counted(number: int, noun: str) -> str:
    """Return `1 test`, `2 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
