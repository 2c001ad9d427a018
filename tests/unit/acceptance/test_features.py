"""The feature files are for those who answer for the estate, and none of their text is lost."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import pytest
from gherkin.parser import Parser

from tests.scenarios.scenario_list import FEATURES

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z ,'-]*")
_TECHNICAL: Final = re.compile(r"\b(select|json|sql|yaml|null|true|false|bytes?)\b", re.IGNORECASE)

FILES: Final = sorted(path.name for path in FEATURES.glob("*.feature"))


def _scenarios(file: str) -> list[dict[str, Any]]:
    document: Any = Parser().parse((FEATURES / file).read_text(encoding="utf-8"))
    rules = [child["rule"] for child in document["feature"]["children"]]
    return [child["scenario"] for rule in rules for child in rule["children"]]


@pytest.mark.parametrize("file", FILES)
def test_no_two_scenarios_of_a_file_have_one_title(file: str) -> None:
    """pytest-bdd keeps them by title: of two, one would never run, and nothing would say so."""
    titles = Counter(scenario["name"] for scenario in _scenarios(file))
    assert [title for title, number in titles.items() if number > 1] == []


@pytest.mark.parametrize("file", FILES)
def test_every_step_is_in_the_words_of_the_business(file: str) -> None:
    steps = [step["text"] for scenario in _scenarios(file) for step in scenario["steps"]]
    assert steps
    for text in steps:
        assert _PLAIN.fullmatch(text), text
        assert not _TECHNICAL.search(text), text
