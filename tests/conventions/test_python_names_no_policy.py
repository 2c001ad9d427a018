"""Adding or renaming a policy or a domain needs no Python: no line of it names one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from tests.support import rego

_PACKAGES: Final = ("collector", "runner")
_TREES: Final = tuple(rego.POLICIES / "lakewarden" / tree for tree in ("tables", "waivers"))
_DEMO: Final = rego.CHECKOUT / "collector" / "lakewarden_collector" / "sources" / "demo"
"""Left out: the demo makes tables, settings and waivers for the policies that are shipped."""

_EXAMPLES: Final = {"--allow unknown:*.key_limit", "such as '*.key_limit'"}
"""Left out: help texts that show how an option is used."""


def _sources() -> list[Path]:
    files = [
        path
        for package in _PACKAGES
        for kind in ("*.py", "*.html", "*.j2", "*.yaml", "*.json")
        for path in (rego.CHECKOUT / package).rglob(kind)
        if not path.is_relative_to(_DEMO)
    ]
    assert len(files) > 20
    return sorted(files)


def _forbidden() -> set[str]:
    """Return the names of all policies and settings, and what a domain's name would lead."""
    words = set()
    for domain in (each for tree in _TREES for each in tree.iterdir()):
        words |= {f"{domain.name}_config", f"tables.{domain.name}", f"lib.{domain.name}"}
        words.add(f"lakewarden.waivers.{domain.name}")
        words |= {policy.name for policy in domain.iterdir() if policy.is_dir()}
        schema = json.loads((domain / "settings.schema.json").read_text(encoding="utf-8"))
        words |= schema["properties"].keys()
    return words


def test_the_forbidden_words_are_found() -> None:
    """If the folders moved, the next test would look for nothing."""
    assert {"clustering_config", "key_limit", "size_threshold_bytes"} <= _forbidden()
    assert {"approval_config", "life_limited", "max_life_days"} <= _forbidden()


def test_python_names_no_policy_domain_or_setting() -> None:
    forbidden = _forbidden()
    found: dict[str, list[str]] = {}
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        for example in _EXAMPLES:
            text = text.replace(example, "")
        found[path.relative_to(rego.CHECKOUT).as_posix()] = sorted(
            word for word in forbidden if word in text
        )
    assert {path: words for path, words in found.items() if words} == {}
