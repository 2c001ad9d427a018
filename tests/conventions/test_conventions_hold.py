"""The shipped policies keep the conventions of the policy kit.

What each convention says is in `runner/lakewarden/kit/conventions`; that each can fail is shown in
`tests/unit/kit`. `make lint` judges the policies by the same conventions each time.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakewarden.engines.bundle.purity import IMPURE
from lakewarden.kit.conventions import CONVENTIONS, Convention, Policies
from lakewarden.kit.conventions.interface import SIDES
from lakewarden.kit.rego_module import parse_modules
from lakewarden.kit.scratch import open_workspace
from tests.support import rego

pytestmark = [pytest.mark.opa, pytest.mark.nightly]


@pytest.fixture(scope="module")
def policies() -> Iterator[Policies]:
    with open_workspace(rego.opa_binary(), [rego.POLICIES]) as workspace:
        yield Policies(workspace=workspace, modules=parse_modules(workspace))


def test_there_are_policies(policies: Policies) -> None:
    """If the folders moved, every other test here would pass by looking at nothing."""
    assert len({module.package[2] for module in policies.policies}) >= 2
    assert len(policies.policies) >= 5
    assert len(policies.tests) > len(policies.policies)
    assert policies.workspace.forbidden >= IMPURE


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda convention: convention.name)
def test_convention_is_held(policies: Policies, convention: Convention) -> None:
    """Each finding says in which line of which file, and what to do."""
    assert not convention.findings(policies)


def test_every_example_is_decided(policies: Policies) -> None:
    """An example that nobody decides may say anything."""
    ids = {".".join(module.package[2:]) for module in policies.policies}
    assert policies.decisions.keys() >= {(name, side) for name in ids for side in SIDES}


def test_domains_have_their_settings(policies: Policies) -> None:
    """Every shipped domain is configured: a team finds its thresholds in a file of config/."""
    domains = {module.package[2] for module in policies.policies}
    written = {path.name for path in (rego.CHECKOUT / "config").iterdir()}
    assert {f"{domain}_config.yaml" for domain in domains} <= written
