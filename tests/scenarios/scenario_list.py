"""The scenarios: what the feature files promise, each as one rule of a feature.

A rule's tags say which scenario it is (`@small-tables-auto-exemption`), which requirement it proves
(`@requirement:CL-05`), and by which policies and settings (`@policy:…`, `@setting:…`); its title
says what holds, its description says it in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gherkin.errors import ParserError
from gherkin.parser import Parser
from msgspec import Struct

from tests.support.commandline import REPOSITORY

FEATURES: Final = REPOSITORY / "tests" / "acceptance" / "features"

_REQUIREMENT: Final = "requirement:"
_POLICY: Final = "policy:"
_SETTING: Final = "setting:"
_MEANINGS: Final = (_REQUIREMENT, _POLICY, _SETTING)


class FeatureError(Exception):
    """A feature file that isn't Gherkin, or a rule whose tags do not make a scenario."""


class Scenario(Struct, frozen=True, kw_only=True):
    """One promise about an estate, proven by tests of three layers."""

    name: str
    """As in `SCENARIO=…`: words with hyphens."""
    title: str
    """What holds, in a sentence without a full stop."""
    description: str
    requirement: str
    """The requirement's number, such as CL-05."""
    policies: tuple[str, ...]
    """Patterns over policy ids."""
    settings: tuple[str, ...]
    feature: str
    """The feature file, relative to the checkout."""
    line: int

    @property
    def marker(self) -> str:
        """The pytest marker of its tests."""
        return marker(self.name)


def marker(name: str) -> str:
    """Return a scenario's marker: its name with underscores."""
    return name.replace("-", "_")


def is_label(tag: str) -> bool:
    """Say whether a feature's tag is about its rule, and no marker."""
    return tag.startswith(_MEANINGS)


def scenarios(folder: Path = FEATURES) -> tuple[Scenario, ...]:
    """Return every scenario of the feature files, by the number of its requirement.

    Raises `FeatureError`, which names file and line, for what isn't Gherkin and for a rule whose
    tags are incomplete or taken.
    """
    found = [each for path in sorted(folder.glob("*.feature")) for each in _read(path)]
    for word in ("name", "requirement"):
        taken: dict[str, Scenario] = {}
        for each in found:
            other = taken.setdefault(getattr(each, word), each)
            if other is not each:
                raise FeatureError(
                    f"{each.feature}:{each.line}: {getattr(each, word)} is also that of the rule"
                    f" at {other.feature}:{other.line}"
                )
    return tuple(sorted(found, key=lambda each: each.requirement))


def _read(path: Path) -> Iterator[Scenario]:
    place = (
        path.relative_to(REPOSITORY).as_posix() if path.is_relative_to(REPOSITORY) else str(path)
    )
    try:
        document: Any = Parser().parse(path.read_text(encoding="utf-8"))
    except ParserError as error:
        raise FeatureError(f"{place}: {error}") from error
    feature = document.get("feature") or {"children": []}
    for child in feature["children"]:
        if "rule" in child:
            yield _scenario(child["rule"], place)


def _scenario(rule: Any, place: str) -> Scenario:  # noqa: ANN401 -- the parser's syntax tree
    line = int(rule["location"]["line"])
    tags = [tag["name"].removeprefix("@") for tag in rule["tags"]]
    names = [tag for tag in tags if not is_label(tag)]
    requirements = _after(_REQUIREMENT, tags)
    if len(names) != 1 or len(requirements) != 1 or not _after(_POLICY, tags):
        raise FeatureError(
            f"{place}:{line}: a rule has one tag that names its scenario, one @requirement:… and"
            f" at least one @policy:…, not {' '.join('@' + tag for tag in tags) or 'no tag'}"
        )
    return Scenario(
        name=names[0],
        title=rule["name"],
        description=" ".join(rule["description"].split()),
        requirement=requirements[0],
        policies=_after(_POLICY, tags),
        settings=_after(_SETTING, tags),
        feature=place,
        line=line,
    )


def _after(meaning: str, tags: list[str]) -> tuple[str, ...]:
    return tuple(tag.removeprefix(meaning) for tag in tags if tag.startswith(meaning))
