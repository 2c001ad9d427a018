"""All mutants of one module: every small change that `operators` proposes, made in its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutation.operators import changes
from benchmarks.mutation.syntax import parse

_AROUND = 60
"""How many characters of a line are told on each side of a change."""


@dataclass(frozen=True, order=True)
class Change:
    """What a mutant changes, told so that it stays true when lines move.

    `file` is below the policies' root; `before` and `after` are the changed lines, or as much of
    them as stands near the change, `after` empty where something is left out; `nth` counts changes
    that read alike within the same rule.
    """

    file: str
    rule: str
    before: str
    after: str
    nth: int = 1


@dataclass(frozen=True)
class Mutant:
    """A module's text with one change, and the line in which that starts."""

    change: Change
    line: int
    text: str


def mutants(opa: Path, root: Path, file: str) -> list[Mutant]:
    """Return the mutants of a module in the order of their places, each text once."""
    text = (root / file).read_text(encoding="utf-8")
    made: list[Mutant] = []
    texts = {text}
    alike: dict[tuple[str, str, str], int] = {}
    for rule, (start, end), new in changes(parse(opa, text)):
        mutated = text[:start] + new + text[end:]
        if mutated in texts:
            continue
        texts.add(mutated)
        before, after = _reported(text, start, end, new)
        nth = alike[rule, before, after] = alike.get((rule, before, after), 0) + 1
        reported = end - len(text[start:end].lstrip(", \n\t"))
        line = text.count("\n", 0, reported) + 1
        made.append(Mutant(Change(file, rule, before, after, nth), line, mutated))
    return made


def _reported(text: str, start: int, end: int, new: str) -> tuple[str, str]:
    """Return the changed line, without and with the change, cut to what stands near it.

    Of what is left out, only itself is told, and that nothing stands there instead.
    """
    if not new:
        return _one_line(text[start:end]).strip(", "), ""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    left, right = text[first:start].lstrip(), text[end : last if last >= 0 else None]
    if len(left) > _AROUND:
        left = f"…{left[-_AROUND:]}"
    if len(right) > _AROUND:
        right = f"{right[:_AROUND]}…"
    old = text[start:end]
    return _one_line(left + old + right), _one_line(left + new + right)


def _one_line(text: str) -> str:
    """Return the text with its lines joined, the middle left out where it is long."""
    joined = " ".join(text.split())
    longest = 4 * _AROUND
    if len(joined) <= longest:
        return joined
    return f"{joined[: longest // 2]} … {joined[-longest // 2 :]}"
