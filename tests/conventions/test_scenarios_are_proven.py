"""Each promise of the feature files is proven in all three layers, and about something real."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

import pytest

from lakewarden.kit.policy_docs import read_root
from tests.scenarios.layers import Layer
from tests.scenarios.scenario_list import scenarios
from tests.support import rego
from tests.support.scenario_command import scenarios_command

SCENARIOS: Final = scenarios()
PROMISED: Final = {Layer.UNIT: 25, Layer.INTEGRATION: 11, Layer.PRODUCTION: 5}
"""The least number of tests of the scenario that all began with."""

Counts = Mapping[str, Mapping[Layer, int]]


@pytest.fixture(scope="module")
def counts() -> Counts:
    """Return each scenario's tests by layer, as `make list-scenarios` tells them."""
    listed = scenarios_command("list")
    assert listed.returncode == 0, listed.stderr
    rows = [line.split() for line in listed.stdout.splitlines()[1:]]
    return {
        row[0]: dict(zip(Layer, map(int, row[2 : 2 + len(Layer)]), strict=True)) for row in rows
    }


def test_every_scenario_is_proven_in_every_layer(counts: Counts) -> None:
    lacking = [
        f"{name}: {layer}"
        for name, layers in counts.items()
        for layer, number in layers.items()
        if not number
    ]
    assert counts.keys() == {each.name for each in SCENARIOS}
    assert lacking == []


def test_small_tables_are_proven_as_often_as_promised(counts: Counts) -> None:
    found = counts["small-tables-auto-exemption"]
    assert [layer for layer, least in PROMISED.items() if found[layer] < least] == []


def test_every_scenario_is_a_registered_marker(pytestconfig: pytest.Config) -> None:
    """With the title of its rule, so that `pytest --markers` tells what it is."""
    registered = set(pytestconfig.getini("markers"))
    assert [x.name for x in SCENARIOS if f"{x.marker}: {x.title}" not in registered] == []


def test_scenarios_are_about_policies_and_settings_that_exist() -> None:
    root = read_root(rego.POLICIES)
    ids = [each.policy.policy_id for each in root.policies]
    known = {name for schema in root.schemas.values() for name in schema.get("properties", ())}
    for each in SCENARIOS:
        for pattern in each.policies:
            assert any(fnmatchcase(name, pattern) for name in ids), (each.name, pattern)
        assert set(each.settings) <= known, each.name


def test_every_policy_of_a_domain_with_scenarios_has_one_of_its_own() -> None:
    """Else the scenario of the whole estate alone would speak for it."""
    named = {pattern for each in SCENARIOS for pattern in each.policies if "*" not in pattern}
    domains = {name.partition(".")[0] for name in named}
    ids = {each.policy.policy_id for each in read_root(rego.POLICIES).policies}
    assert {name for name in ids if name.partition(".")[0] in domains} == named
