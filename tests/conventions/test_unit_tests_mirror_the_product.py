"""A unit test lies where the product's module does, or says which module it is about."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.support.commandline import REPOSITORY

UNIT = REPOSITORY / "tests" / "unit"
SOURCES = ("databricks", "dbt", "delta", "demo", "sql", "terraform")
ABOUT_OTHERS = {
    "acceptance": "the features, their steps, and tests/scenarios, which runs them",
    "docs": "the pages",
    "estate_benchmark": "benchmarks/estate",
    "factory": "tests/factory",
    "mutation": "benchmarks/mutation",
    "policies": "the shipped Rego",
    "scenarios": "the scenarios' unit layer",
}
"""Folders whose tests are not about a module of the product."""

_NAMED = re.compile(r"`([a-z_/]+\.py)`")


def _package(test: Path) -> Path:
    """Return the product's folder that a test's folder mirrors."""
    first, *rest = test.parent.relative_to(UNIT).parts or ("",)
    if first != "collector":
        return REPOSITORY.joinpath("runner", "lakewarden", *filter(None, [first, *rest]))
    below = ["sources", *rest] if rest and rest[0] in SOURCES else rest
    return REPOSITORY.joinpath("collector", "lakewarden_collector", *below)


def _trouble(test: Path) -> str:
    """Return why nobody finds a test by the name of its module, or nothing."""
    package = _package(test)
    if not package.is_dir():
        return f"{package} isn't there"
    module = package / test.stem.removeprefix("test_")
    if module.with_suffix(".py").is_file() or module.is_dir() or module.name == package.name:
        return ""
    docstring = ast.get_docstring(ast.parse(test.read_text(encoding="utf-8"))) or ""
    named = _NAMED.findall(docstring)
    if not named:
        return "its docstring names no module, as in `describe_queue.py`"
    lost = [each for each in named if not (package / each).is_file()]
    return f"its docstring names {', '.join(lost)}, not in {package}" if lost else ""


def test_a_test_can_be_found_by_the_name_of_its_module() -> None:
    tests = [
        path
        for path in sorted(UNIT.rglob("test_*.py"))
        if path.relative_to(UNIT).parts[0] not in ABOUT_OTHERS
    ]
    assert len(tests) > 50
    found = {test.relative_to(UNIT).as_posix(): _trouble(test) for test in tests}
    assert {test: trouble for test, trouble in found.items() if trouble} == {}
