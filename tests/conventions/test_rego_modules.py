"""What holds for every Rego module that is shipped: policies, shared facts and the router."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.data import rego

pytestmark = pytest.mark.opa

_SCHEMAS: Final = {"input": "schema.table", "data.lakewarden_run": "schema.settings"}
_API: Final = re.compile(r"/api/\d|\bDESCRIBE\b|\bSELECT\b|information_schema|\bsystem\.\w+\.\w+")
"""An endpoint, a statement or a system table: how evidence is had is the collector's affair."""


def _name(path: Path) -> str:
    return path.relative_to(rego.POLICIES).as_posix()


every_module = pytest.mark.parametrize("module", rego.modules(), ids=_name)


def _nodes(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- a piece of JSON
    """Yield every object of a syntax tree; locations are no part of what it says."""
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key != "location":
                yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


def _refs(module: Path) -> set[str]:
    """Return every reference in the module, dotted, up to its first part that is computed."""
    found = set()
    tree = rego.parsed(module)
    for node in _nodes([tree["rules"], tree.get("imports", [])]):
        if node.get("type") == "ref":
            head, *rest = node["value"]
            words = [str(head["value"])]
            for part in rest:
                if part["type"] != "string":
                    break
                words.append(part["value"])
            found.add(".".join(words))
    return found


@cache
def _impure() -> frozenset[str]:
    """Return the built-ins whose answer is not a function of their arguments, as OPA lists them."""
    known = json.loads(rego.run_opa("capabilities", "--current").stdout)["builtins"]
    return frozenset(name["name"] for name in known if name.get("nondeterministic")) | {"print"}


@every_module
def test_package_is_the_path(module: Path) -> None:
    """A policy is found where its id says, and a reader finds it by its path."""
    assert rego.package_of(module) == module.relative_to(rego.POLICIES).parent.parts


def test_no_package_is_inside_another() -> None:
    """Regorus 0.13 loses rules of a package that lies inside another one that has rules."""
    packages = {rego.package_of(module) for module in rego.modules()}
    inside = [name for name in packages for n in range(1, len(name)) if name[:n] in packages]
    assert not inside


def test_each_package_is_described_once() -> None:
    """Titles and descriptions are what the documentation is made of."""
    packages = {rego.package_of(module) for module in rego.modules()}
    described = [
        rego.package_of(module)
        for module in rego.modules()
        if {"title", "description"} <= rego.package_annotation(module).keys()
    ]
    assert sorted(described) == sorted(packages)


@every_module
def test_what_is_read_is_typed(module: Path) -> None:
    """Without its schema a module may misspell a field, and `opa check` says nothing."""
    if rego.package_of(module)[1] == "main":
        return  # its input is the request, and it makes data.lakewarden_run
    read = {
        path for path in _SCHEMAS if any(f"{ref}.".startswith(f"{path}.") for ref in _refs(module))
    }
    typed = {
        ".".join(part["value"] for part in entry["path"]): ".".join(
            part["value"] for part in entry["schema"]
        )
        for entry in rego.package_annotation(module).get("schemas", [])
    }
    assert read <= typed.keys()
    assert typed.items() <= _SCHEMAS.items()


@every_module
def test_no_impure_built_in(module: Path) -> None:
    """A decision that asks the clock or the network cannot be replayed."""
    assert not _refs(module) & _impure()


def test_impure_built_ins_are_known() -> None:
    """If OPA stopped marking them, the test above would forbid nothing."""
    assert {"http.send", "time.now_ns", "opa.runtime", "rand.intn"} <= _impure()


@every_module
def test_only_plain_references_are_negated(module: Path) -> None:
    """`not f(input.x)` is undefined in OPA where input.x is absent, and true in Regorus.

    OPA takes arguments out of the negation. A helper rule that states the condition positively
    can be negated safely: `not _known` with `_known if f(input.x)`.
    """
    for node in _nodes(rego.parsed(module)["rules"]):
        if node.get("negated"):
            terms = node["terms"]
            assert isinstance(terms, dict), f"line {node['location']['row']} negates a call"
            parts = terms["value"] if terms["type"] == "ref" else [terms]
            assert all(part["type"] in ("var", "string") for part in parts)


@every_module
def test_rego_names_no_api_call(module: Path) -> None:
    """Policies say which evidence they lack; how it is collected may change under them."""
    assert not _API.findall(module.read_text(encoding="utf-8"))


def test_the_router_is_the_only_entrypoint() -> None:
    """Nothing else is to be asked for by an engine."""
    marked = [
        (rego.package_of(module), rule["head"]["ref"][0]["value"])
        for module in rego.modules()
        for rule in rego.parsed(module)["rules"]
        for annotation in rule.get("annotations", [])
        if annotation.get("entrypoint")
    ]
    assert marked == [(("lakewarden", "main"), "decisions")]
