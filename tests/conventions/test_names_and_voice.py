"""Names and phrases that the project has replaced stay out of it: code, messages, pages and Rego.

One concept has one name, and what a person reads is written as a native speaker would say it. Left
out are the changelog, the decision records and the glossary of CONTRIBUTING, which may quote.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.commandline import REPOSITORY

# `excuse`, `excused`, `excuses` and `softened` are names in the JSON report, and stay there.
_NAMES: Final = frozenset(
    {
        *("Asked", "Climb", "Describers", "Desk", "Earlier", "Gathering", "InForce"),
        *("Late", "Losses", "Others", "PATIENCE", "Rules", "Shown", "Spent"),
        *("Spool", "Stand", "Standing", "Stood", "Tried", "WaiverStanding", "catalogue"),
        *("Catalogue", "earlier", "_earlier", "read_earlier", "held", "_held", "in_force"),
        *("_in_force", "let_off", "lets_off", "_excuse", "_excused", "_excuses", "said"),
        *("_said", "told", "_told", "sound_text", "spool", "standing", "_standing"),
        *("standings", "stood", "_stood", "troubles", "try_all", "verdict", "_verdict"),
    }
)
"""Exact identifiers of Python."""

_REGO_NAMES: Final = (
    r"_verdict|_sized|excuses|lib\.kind|property\.on|placeholder\.written|keys\.list|size\.text"
)
"""Names of Rego, some behind the package that has them; what a policy calls its own is free."""

_PHRASES: Final = (
    r"(?<!there )\b(?:is|are) no (?:age|comment|date|Delta|inventory|journal|JSON|mapping)\b",
    r"(?<!there )\b(?:is|are) no (?:number|pattern|report|set|table|YAML)\b",
    r"\bN\. ?a\.|\bn\. a\.",
    r"\blet(?:s|ting)? (?:tables? )?off\b|\bis let off\b",
    r"\bexcuses? (?:nobody|nothing|a|it|them)\b|\b(?:are|is|not) excused\b",
    r"\bwhat other thresholds would change\b(?=\"|</h)|\bagainst now\b|\bwhere, and whose\b",
    r"\bcannot be told\b|\bfor good or bad\b|A bar.s whole\b|\btables that do not meet\b",
    r"\banew\b|\bmend(?:ed|ing|s)?\b|\bbesides\b|\bin vain\b|\bwhoever\b|\bfor whom\b",
    r"\bwhat came of\b|\bdoes not decide for\b|\bnot offered by\b|\bswitched on as a whole\b",
    r"\bnot concerned\b|\bbe it (?:a|by|for|only|that)\b|\b(?:can|can't|cannot|could not be) had\b",
    r"\bcan be had\b|\bfor want of\b|\boutdoes\b|\bnone of its business\b|\btells of no\b",
    r"\bknows? no size of\b|\bsoftened by\b|\bhow hard (?:an? \w+|it) bites\b",
    r"\b(?:an|the) earlier (?:report|inventory|run)\b|\bis not a value that is known\b",
    r"\bwhat is unknown, and why\b|\bhow the data stands\b|\bunknown for lack of evidence\b",
    r"\bwhere this report comes from\b|\bwho is let off\b|\bexcuse nobody\b",
)
_PHRASE: Final = re.compile("|".join(f"(?:{each})" for each in _PHRASES), re.IGNORECASE)
_WORD: Final = re.compile(rf"\b(?:{'|'.join(sorted(_NAMES))})\b")
_REGO: Final = re.compile(rf"(?<![\w.])(?:{_REGO_NAMES})\b|\blib\.kind\b")
_BREAK: Final = re.compile(r"\n[ \t]*(?:#|//|\")?[ \t]*(?:>-)?")

_CODE: Final = ("benchmarks", "collector", "runner", "tests")
_READ: Final = ("collector", "config", "docs", "policies", "runner", "tests/acceptance/features")
_PAGES: Final = ("CONTRIBUTING.md", "Makefile", "README.md", "SECURITY.md", "pyproject.toml")
_TEXTS: Final = {
    *(".css", ".feature", ".html", ".j2", ".js", ".json", ".lock", ".md", ".py", ".rego", ".tmpl"),
    *(".toml", ".yaml"),
}
_QUOTING: Final = ("docs/adr/",)
_GLOSSARY: Final = "\n## Words\n"


def _files(*roots: str) -> Iterator[Path]:
    for root in roots:
        for path in sorted((REPOSITORY / root).rglob("*")):
            if path.suffix in _TEXTS and "__pycache__" not in path.parts:
                yield path


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return text.partition(_GLOSSARY)[0] if path.name == "CONTRIBUTING.md" else text


def names_in(text: str, *, rego: bool = False) -> list[str]:
    """Return the forbidden identifiers of a module's text, each as often as it occurs."""
    if rego:
        return _REGO.findall(text)
    if not _WORD.search(text):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [each.string for each in tokens if each.type == tokenize.NAME and each.string in _NAMES]


def phrases_in(text: str) -> list[str]:
    """Return the forbidden phrases of a text, those that a line's end divides among them."""
    return [found[0] for found in _PHRASE.finditer(_BREAK.sub(" ", text))]


def test_no_forbidden_name_is_left() -> None:
    found = {
        str(path.relative_to(REPOSITORY)): names
        for path in _files(*_CODE)
        if path.suffix == ".py" and path != Path(__file__).resolve()
        if (names := names_in(path.read_text(encoding="utf-8")))
    }
    found |= {
        str(path.relative_to(REPOSITORY)): names
        for path in _files("policies", "docs/examples")
        if path.suffix == ".rego"
        and not path.stem.endswith("_test")
        and (names := names_in(_text(path), rego=True))
    }
    assert found == {}


def test_no_forbidden_phrase_is_left() -> None:
    found = {}
    for path in (*_files(*_READ), *(REPOSITORY / page for page in _PAGES)):
        name = str(path.relative_to(REPOSITORY))
        if not name.startswith(_QUOTING) and (phrases := phrases_in(_text(path))):
            found[name] = phrases
    assert found == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("held = 1\n# held\n'held'\n", ["held"]),
        ("class Spool:\n    def said(self): return self._told\n", ["Spool", "said", "_told"]),
        ("withheld = uphold.heldout\n", []),
    ],
)
def test_a_name_is_found_and_an_everyday_word_is_not(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('"it is no Delta table"', ["is no Delta"]),
        ("There is no table of this name.", []),
        ("#   the tables that a policy lets\n#   off", ["lets off"]),
        ("Nothing more in vain.", ["in vain"]),
        ("a recommendation, amended", []),
    ],
)
def test_a_phrase_is_found_across_lines(text: str, phrases: list[str]) -> None:
    assert phrases_in(text) == phrases
