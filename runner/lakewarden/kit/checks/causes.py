"""What findings have a cause of their own, and what is likely to end with another one.

One wrong line makes many tools speak: each test of a policy fails, its examples decide otherwise,
and conventions about its tests are broken. An author is shown the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from msgspec import Struct

from lakewarden.kit.checks.step import Step
from lakewarden.kit.conventions import CONVENTIONS
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import TEST_SUFFIX
from lakewarden.settings.settings import SCHEMA_FILE

COMPILING: Final = "opa check"
TESTING: Final = "opa test"
CONVENTION: Final = "conventions"

_BREAKING: Final = frozenset({"package_is_the_path", "only_what_is_there_is_read"})
"""Conventions about what makes tests fail, and policies decide nothing."""
_DERIVED: Final = frozenset(
    {
        *(convention.name for convention in CONVENTIONS if convention.compiled),
        "every_set_is_tested",
        "no_dead_rule",
        "no_unused_import",
        "what_is_read_is_typed",
    }
) - {"settings_are_read_by_name"}
"""Conventions that a policy breaks which does not compile, or is not found by its tests."""
_SHARED: Final = ("lakewarden", "lib")


class Cause(Struct, frozen=True, kw_only=True):
    """One thing to do: the finding to begin with, and those that are likely to end with it."""

    step: str
    finding: Finding
    followers: tuple[tuple[str, Finding], ...] = ()
    """Each with the step that found it."""


def causes(steps: Sequence[Step]) -> list[Cause]:
    """Return what is to be done, in the order of the steps; every finding is in it once."""
    ranked = sorted(
        ((step.name, finding) for step in steps for finding in step.findings), key=_order
    )
    heads: list[tuple[str, Finding]] = []
    followers: list[list[tuple[str, Finding]]] = []
    for name, finding in ranked:
        number = next((n for n, head in enumerate(heads) if _is_same(head, finding)), None)
        if number is None and _is_derived(name, finding):
            number = next(
                (n for n, head in enumerate(heads) if _breaks([head, *followers[n]], finding)), None
            )
        if number is None:
            heads.append((name, finding))
            followers.append([])
        else:
            followers[number].append((name, finding))
    names = [step.name for step in steps]
    found = [
        Cause(step=name, finding=finding, followers=tuple(more))
        for (name, finding), more in zip(heads, followers, strict=True)
    ]
    return sorted(found, key=lambda each: (names.index(each.step), each.finding))


def _order(found: tuple[str, Finding]) -> tuple[int, bool, bool, Finding]:
    """Put what may be a cause before what follows from it, and a policy before its test."""
    name, finding = found
    rank = 3
    if name == COMPILING:
        rank = 0
    elif finding.check in _BREAKING:
        rank = 1
    elif name == TESTING:
        rank = 2
    return rank, finding.follows, finding.file.endswith(TEST_SUFFIX), finding


def _is_same(head: tuple[str, Finding], finding: Finding) -> bool:
    return bool(finding.cause) and head[1].cause == finding.cause


def _is_derived(name: str, finding: Finding) -> bool:
    return name == TESTING or finding.check in _DERIVED


def _breaks(group: Sequence[tuple[str, Finding]], finding: Finding) -> bool:
    """Tell whether findings of one cause are about the folder of another one, or what it shares."""
    folder = PurePath(finding.file).parent
    for name, each in group:
        breaks = "unused" not in each.what if name == COMPILING else each.check in _BREAKING
        place = PurePath(each.file)
        shared = any(place.parts[n : n + 2] == _SHARED for n in range(len(place.parts)))
        # A domain's settings are those of all its policies.
        within = place.parent == folder or (
            finding.file.endswith(SCHEMA_FILE) and place.is_relative_to(folder)
        )
        if breaks and (shared or within):
            return True
    return False
