"""What a watch takes a policy to read holds all that OPA's compiler finds it to read."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from lakewarden.dependents import Basis, affected
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.policy_set import load_rules
from tests.support import rego

pytestmark = pytest.mark.opa


@pytest.fixture(scope="module")
def basis() -> Basis:
    with EmbeddedEngine([rego.POLICIES]) as engine:
        modules = engine.modules()
    rules = load_rules(modules, policy_dirs=[rego.POLICIES], config_dir=rego.CHECKOUT / "config")
    return Basis(modules=modules, rules=rules)


def _depends_on(policy_id: str) -> set[tuple[str, ...]]:
    """Return what a policy reads of `data`, as `opa deps` says."""
    path = rego.POLICIES / "lakewarden"
    query = f"data.lakewarden.tables.{policy_id}"
    ended = rego.run_opa("deps", "--format", "json", "--ignore", "*_test.rego", "-d", path, query)
    output: dict[str, list[list[dict[str, Any]]]] = json.loads(ended.stdout)
    references = [*output.get("base", []), *output.get("virtual", [])]
    return {
        tuple(str(part["value"]) for part in reference[1:])
        for reference in references
        if reference[0]["value"] == "data"
    }


def _edited(basis: Basis, package: str) -> Basis:
    return msgspec.structs.replace(
        basis,
        modules=[
            msgspec.structs.replace(module, text=f"{module.text}\n_edit := 1\n")
            if module.package == package
            else module
            for module in basis.modules
        ],
    )


@pytest.mark.nightly
def test_a_policy_is_asked_after_an_edit_of_any_package_that_it_reads(basis: Basis) -> None:
    """One that is not would show yesterday's decisions as today's."""
    packages = {module.package for module in basis.modules}
    pairs = 0
    for policy in basis.rules.policies:
        read = _depends_on(policy.policy_id)
        for package in packages:
            parts = tuple(package.split("."))
            if any(reference[: len(parts)] == parts for reference in read):
                assert policy.policy_id in affected(basis, _edited(basis, package)), package
                pairs += 1
    assert pairs > len(basis.rules.policies)
