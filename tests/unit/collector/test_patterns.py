"""A pattern matches what its two wildcards mean, whatever the case, and never takes long."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakewarden_collector.patterns import Pattern, fold

_LETTERS = "aAbß\u1e9e\u0130iI\u212ak.\n[_"
_NAMES = st.text(st.sampled_from(_LETTERS), max_size=9)
_PATTERNS = st.text(st.sampled_from(_LETTERS + "***??"), max_size=9)


def model(pattern: str, name: str) -> bool:
    """Say so by the definition alone, one character after the other."""

    @cache
    def rest(at: int, place: int) -> bool:
        if at == len(pattern):
            return place == len(name)
        if pattern[at] == "*":
            return any(rest(at + 1, later) for later in range(place, len(name) + 1))
        if place == len(name):
            return False
        same = pattern[at] == "?" or fold(pattern[at]) == fold(name[place])
        return same and rest(at + 1, place + 1)

    return rest(0, 0)


@given(_PATTERNS, _NAMES)
@settings(max_examples=3000, deadline=None)
@example("a*?b", "ab")
@example("*a?*a", "aaa")
@example("*ab*ab", "abab")
@example("*", "")
@example("", "")
def test_a_pattern_matches_what_its_definition_says(pattern: str, name: str) -> None:
    assert Pattern(pattern).matches(name) is model(pattern, name)


@given(_PATTERNS, _NAMES, _NAMES)
@settings(max_examples=2000, deadline=None)
def test_a_name_that_matches_can_begin_as_it_does(
    pattern: str, beginning: str, ending: str
) -> None:
    if model(pattern, beginning + ending):
        assert Pattern(pattern).can_begin(beginning)


@given(_PATTERNS, _NAMES)
@settings(max_examples=2000, deadline=None)
def test_what_can_begin_has_an_ending_that_matches(pattern: str, beginning: str) -> None:
    """One of the pattern's own ends is such an ending, each wildcard taken for a letter."""
    ends = (pattern[at:].replace("?", "x").replace("*", "") for at in range(len(pattern) + 1))
    found = any(model(pattern, beginning + end) for end in ends)
    assert Pattern(pattern).can_begin(beginning) is found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("GRÖSSE", "größe", False),
        ("GRÖẞE", "größe", True),
        ("\u0130d", "id", False),
        ("\u0131d", "id", False),
        ("2\u212a", "2k", True),
        ("ΟΔΟΣ", "οδος", True),
        ("\ud800", "\ud800", True),
        ("\udc80X", "\udc80x", True),
    ],
)
def test_case_is_that_of_simple_folding(one: str, other: str, *, same: bool) -> None:
    assert Pattern(one).matches(other) is same
    assert Pattern(other).matches(one) is same


def test_folding_never_changes_the_length() -> None:
    assert all(len(fold(chr(code))) == 1 for code in range(0x110000))


@pytest.mark.parametrize(
    "pattern",
    [
        "*_*_*_*_*_*_tmp",
        "*_?*_?*_?*_?*_?*_tmp",
        "*" * 200 + "x",
        "?*" * 100 + "x",
        "*_" * 120 + "x",
    ],
)
def test_no_pattern_makes_time_grow_faster_than_the_name(pattern: str) -> None:
    """Ten times the name may take at most a hundred times as long; backtracking took 10^6 times."""
    short, long = (_seconds(Pattern(pattern), "_" * length) for length in (250, 2500))
    assert long < 300 * max(short, 1e-5)


def _seconds(pattern: Pattern, name: str) -> float:
    began = time.perf_counter()
    assert not pattern.matches(name)
    pattern.can_begin(name)
    return time.perf_counter() - began
