"""A pattern matches the same names in Python, in OPA and in the embedded engine."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
import regorus

from lakewarden.engines.install.binary import find_opa
from lakewarden.resources import shipped_policies
from lakewarden_collector.patterns import WILDCARDS, Pattern, fold

pytestmark = pytest.mark.opa

_RULE: Final = shipped_policies() / "lakewarden/lib/pattern/pattern.rego"
_QUERY: Final = """package asked
import data.lakewarden.lib.pattern
matching := [i | some i, [one, other] in input; pattern.matches(one, other)]
same := [i | some i, [one, other] in input; pattern.same(one, other)]
"""
_LETTERS: Final = (
    "aAbB\u00df\u1e9e\u0130Ii\u0131K\u212a\u017fs\u03a3\u03c3\u03c2\u00b5\u03bc"
    ".-_ `^$+()|\\[]{}\n\u2028\u00e9\u0301\U0001f600"
)
_NEWER: Final = frozenset(
    code
    for first, last in ((0x1C89, 0x1C8A), (0xA7CB, 0xA7DC), (0x264, 0x264), (0x10D50, 0x10D8F))
    for code in range(first, last + 1)
)
"""Letters of Unicode 16, of whose case Python 3.11 and OPA do not know, unlike Regorus."""

Pairs = Sequence[tuple[str, str]]
Ask = Callable[[str, Pairs], set[int]]


def _opa(rule: str, pairs: Pairs, folder: Path) -> set[int]:
    (folder / "asked.rego").write_text(_QUERY)
    (folder / "input.json").write_text(json.dumps(pairs))
    found = find_opa()
    assert found
    command = [found.path, "eval", "-d", _RULE, "-d", "asked.rego", "-i", "input.json", "-f", "raw"]
    done = subprocess.run(
        [*map(str, command), f"data.asked.{rule}"], cwd=folder, capture_output=True, check=True
    )
    return set(json.loads(done.stdout))


def _regorus(rule: str, pairs: Pairs) -> set[int]:
    engine = regorus.Engine()
    engine.add_policy("pattern.rego", _RULE.read_text())
    engine.add_policy("asked.rego", _QUERY)
    engine.set_input_json(json.dumps(pairs))
    return set(engine.eval_rule(f"data.asked.{rule}"))


@pytest.fixture(params=["opa", "regorus"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    if request.param == "regorus":
        return _regorus
    return lambda rule, pairs: _opa(rule, pairs, tmp_path)


def test_drawn_patterns_match_the_same_names(ask: Ask) -> None:
    drawn = random.Random(12)  # noqa: S311 -- the same on each run
    pairs = [_pair(drawn) for _ in range(20_000)]
    expected = {at for at, (one, other) in enumerate(pairs) if Pattern(one).matches(other)}
    assert 2_000 < len(expected) < 18_000
    found = ask("matching", pairs)
    assert [pairs[at] for at in sorted(found ^ expected)] == []


def _pair(drawn: random.Random) -> tuple[str, str]:
    """Draw a name, and a pattern that is made of it or of another."""
    name = "".join(drawn.choices(_LETTERS, k=drawn.randrange(8)))
    pattern = drawn.choice([name, name.swapcase(), "".join(drawn.choices(_LETTERS, k=3))])
    for _ in range(drawn.randrange(4)):
        at = drawn.randint(0, len(pattern))
        pattern = pattern[:at] + drawn.choice("**?") + pattern[at + drawn.randrange(3) :]
    return pattern, name


def test_every_letter_has_the_same_case(ask: Ask) -> None:
    forms: set[tuple[str, str]] = set()
    for code in {*range(0x110000)} - {*range(0xD800, 0xE000)} - _NEWER:
        letter = chr(code)
        for other in (letter.upper(), letter.lower(), letter.title(), fold(letter)):
            if len(other) == 1 and other != letter and ord(other) not in _NEWER:
                forms |= {(letter, other), (other, letter), (fold(letter), other)}
    pairs = sorted(forms)
    expected = {at for at, (one, other) in enumerate(pairs) if fold(one) == fold(other)}
    assert ask("same", pairs) == ask("matching", pairs) == expected


def test_a_pattern_that_invites_backtracking_is_answered_at_once(ask: Ask) -> None:
    """Each of these takes a matcher that goes back longer than any test may last.

    The last two have as many wildcards as a file may have in a pattern; Regorus compiles no
    expression for four times as many.
    """
    name = "_" * 255
    most = ["*" * WILDCARDS + "x", "?*" * (WILDCARDS // 2) + "x"]
    patterns = ["*_*_*_*_*_*_tmp", "*_?*_?*_?*_?*_?*_tmp", *most]
    assert ask("matching", [(pattern, name) for pattern in patterns]) == set()
