"""`docs/policy-contract.md` lists exactly what of `lib` is for others' policies."""

from __future__ import annotations

import re
from typing import Final

from lakewarden.engines.bundle.annotations import package_annotations
from tests.support import rego

_PAGE: Final = rego.CHECKOUT / "docs" / "policy-contract.md"
_ROW: Final = re.compile(r"^\| `(\w+)` \| (`.+?`) \| .+ \|$", re.MULTILINE)
_RULE: Final = re.compile(
    r"^(?!else)([a-z]\w*)(?:\(([^)]*)\))?(?= (?::=|contains|if)\b| :=)", re.MULTILINE
)


def _offered() -> dict[str, set[tuple[str, int]]]:
    """Return by public package its rules, each with its number of arguments."""
    offered = {}
    for module in sorted((rego.POLICIES / "lakewarden" / "lib").rglob("*.rego")):
        text = module.read_text("utf-8")
        custom = package_annotations(text, str(module)).get("custom", {})
        if custom.get("public"):
            offered[module.stem] = {(name, _count(given)) for name, given in _RULE.findall(text)}
    return offered


def _count(arguments: str) -> int:
    return len(arguments.split(",")) if arguments else 0


def test_the_table_lists_what_is_public() -> None:
    section = _PAGE.read_text("utf-8").partition("## What the library offers")[2]
    section = section.partition("\n## ")[0]
    listed = {
        package: {
            (name, _count(given)) for name, given in re.findall(r"`(\w+)(?:\(([^)]*)\))?`", rules)
        }
        for package, rules in _ROW.findall(section)
    }
    assert listed == _offered()
