"""One step of testing policies: what it found, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from lakewarden.kit.finding import Finding


class Ending(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Result(Struct, frozen=True, kw_only=True):
    """What a step has to say; `note` is what it looked at, or why it was skipped."""

    ending: Ending
    note: str
    findings: tuple[Finding, ...] = ()


class Step(Struct, frozen=True, kw_only=True):
    """A step that was taken."""

    name: str
    ending: Ending
    note: str
    findings: tuple[Finding, ...]
    seconds: float


def timed(name: str, take: Callable[[], Result]) -> Step:
    """Take a step and measure it."""
    start = time.perf_counter()
    result = take()
    return Step(
        name=name,
        ending=result.ending,
        note=result.note,
        findings=result.findings,
        seconds=time.perf_counter() - start,
    )


def judged(findings: list[Finding], note: str) -> Result:
    """Return a step that failed exactly if there are findings; they are put in order."""
    ending = Ending.FAILED if findings else Ending.OK
    return Result(ending=ending, note=note, findings=tuple(sorted(findings)))


def skipped(why: str) -> Result:
    """Return a step that was not taken."""
    return Result(ending=Ending.SKIPPED, note=why)


def counted(number: int, noun: str) -> str:
    """Return `1 test`, `2 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
