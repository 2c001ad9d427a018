"""Regal's configuration can be read, and each departure from its defaults has its reason.

About `checks/linting.py`.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from tests.support import rego

_FILE: Final = rego.CHECKOUT / ".regal" / "config.yaml"
_CATEGORIES: Final = {
    "bugs",
    "custom",
    "idiomatic",
    "imports",
    "performance",
    "style",
    "testing",
}
_RULE: Final = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["rules"]
    return rules


def test_names_and_levels_are_of_the_form_that_regal_knows() -> None:
    """Regal passes over a name that it does not know: a misspelt one would switch off nothing."""
    assert _rules().keys() <= _CATEGORIES
    for rules in _rules().values():
        for name, options in rules.items():
            assert _RULE.fullmatch(name)
            assert options["level"] in {"error", "warning", "ignore"}
            assert set(options) <= {
                "level",
                "ignore",
                "conventions",
                "exclude-test-suffix",
                "except-imports",
                "except-paths",
            }


def test_what_is_ignored_has_a_reason() -> None:
    """The line before a rule that is switched off says why."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    ignored = [number for number, line in enumerate(lines) if line.strip() == "level: ignore"]
    assert ignored
    for number in ignored:
        assert lines[number - 2].strip().startswith("# ")


def test_files_that_are_left_out_exist() -> None:
    """An exception for a file that moved would be one for nothing."""
    left_out = [
        name
        for rules in _rules().values()
        for options in rules.values()
        for name in options.get("ignore", {}).get("files", [])
    ]
    assert left_out
    for name in left_out:
        assert list(rego.POLICIES.rglob(name))


def test_every_package_keeps_the_naming_convention() -> None:
    """What Regal would say here is tried here, since Regal is not on every machine."""
    (convention,) = _rules()["custom"]["naming-convention"]["conventions"]
    packages = {".".join(rego.package_of(module)) for module in rego.modules()}
    assert all(re.search(convention["pattern"], package) for package in packages)
    assert not re.search(convention["pattern"], "company.tables")
