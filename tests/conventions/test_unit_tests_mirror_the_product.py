"""A unit test lies where the product's module does, or says which module it is about."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.commandline import REPOSITORY

UNIT = REPOSITORY / "tests" / "unit"
SOURCES = ("databricks", "delta", "demo")
ABOUT_OTHERS = {
    "acceptance": "the steps of the features",
    "docs": "the pages",
    "estate_benchmark": "benchmarks/estate",
    "factory": "tests/factory",
    "mutation": "benchmarks/mutation",
    "policies": "the shipped Rego",
    "scenario_runs": "tests/scenarios",
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


@pytest.mark.parametrize(
    "test",
    [
        pytest.param(path, id=path.relative_to(UNIT).as_posix())
        for path in sorted(UNIT.rglob("test_*.py"))
        if path.relative_to(UNIT).parts[0] not in ABOUT_OTHERS
    ],
)
def test_a_test_can_be_found_by_the_name_of_its_module(test: Path) -> None:
    package = _package(test)
    assert package.is_dir(), f"{package} isn't there"
    module = package / test.stem.removeprefix("test_")
    if module.with_suffix(".py").is_file() or module.is_dir() or module.name == package.name:
        return
    docstring = ast.get_docstring(ast.parse(test.read_text(encoding="utf-8"))) or ""
    named = _NAMED.findall(docstring)
    assert named, "its docstring names no module, as in `describe_queue.py`"
    assert all((package / each).is_file() for each in named)
