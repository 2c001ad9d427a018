"""A policy is a folder: its rule and the rule's test, named and annotated alike everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from lakewarden.model.decision import Enforcement, Severity
from tests.data import rego

pytestmark = pytest.mark.opa

_SETS: Final = {"pass", "deny", "exempt", "not_applicable", "needs"}
_TABLES: Final = rego.POLICIES / "lakewarden" / "tables"


def _folders() -> list[Path]:
    return sorted(path for path in _TABLES.glob("*/*") if path.is_dir())


def _policies() -> list[Path]:
    return [folder / f"{folder.name}.rego" for folder in _folders()]


def _name(path: Path) -> str:
    return path.relative_to(_TABLES).as_posix()


def test_there_are_policies() -> None:
    """If the folders moved, every other test here would pass by looking at nothing."""
    assert len(_folders()) >= 5


@pytest.mark.parametrize("folder", _folders(), ids=_name)
def test_folder_holds_the_policy_and_its_test(folder: Path) -> None:
    """A third file would be something that `ls` does not explain and no router finds."""
    expected = {f"{folder.name}.rego", f"{folder.name}_test.rego"}
    assert {path.name for path in folder.iterdir()} == expected


@pytest.mark.parametrize("domain", sorted(_TABLES.iterdir()), ids=_name)
def test_domain_holds_policies_and_its_settings(domain: Path) -> None:
    """A domain is typed by one schema; anything else in its folder is in the wrong place."""
    assert {path.name for path in domain.iterdir() if not path.is_dir()} == {"settings.schema.json"}


@pytest.mark.parametrize("policy", _policies(), ids=_name)
def test_public_rules_are_the_five_sets(policy: Path) -> None:
    """A misspelt set would be one that the router never asks for; helpers start with `_`."""
    public = {name for name in rego.rule_names(policy) if not name.startswith("_")}
    assert public <= _SETS
    assert {"pass", "deny"} <= public


@pytest.mark.parametrize("policy", _policies(), ids=_name)
def test_public_rules_are_sets(policy: Path) -> None:
    """Any other kind of rule has no members for the router to collect."""
    for rule in rego.parsed(policy)["rules"]:
        head = rule["head"]
        if not head["ref"][0]["value"].startswith("_"):
            assert "key" in head
            assert "value" not in head


@pytest.mark.parametrize("policy", _policies(), ids=_name)
def test_annotation_is_complete(policy: Path) -> None:
    """Catalogue, reports and documentation take every word about a policy from here."""
    annotation = rego.package_annotation(policy)
    custom = annotation.get("custom", {})
    for words in (annotation.get("title"), annotation.get("description"), custom["remediation"]):
        assert isinstance(words, str)
        assert words.strip()
    assert custom["severity"] in set(Severity)
    assert custom["enforcement"] in set(Enforcement)
    assert set(custom) == {"severity", "enforcement", "remediation"}


@pytest.mark.parametrize("policy", _policies(), ids=_name)
def test_policy_does_not_name_itself(policy: Path) -> None:
    """Identity comes from the path; a second copy of it would go wrong when a policy moves."""
    texts = list(_texts(rego.parsed(policy)["rules"]))
    assert texts
    assert not [text for text in texts if policy.stem in text]


def _texts(node: Any) -> Iterator[str]:  # noqa: ANN401 -- a piece of JSON
    if isinstance(node, dict):
        if node.get("type") == "string" and isinstance(node["value"], str):
            yield node["value"]
        for key, value in node.items():
            if key != "location":
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
