"""What policies promise by their `what_if`: other settings move no table that passes.

A report asks again about the other tables alone, and counts on it.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Final

from lakewarden.kit.described import read_root
from lakewarden.model.policy import Policy
from lakewarden.model.scaling import multiplied
from lakewarden.resources import shipped_policies
from tests.data import documents
from tests.data.agreement import Decide

_ROOT: Final = read_root(shipped_policies())
_ASKING: Final = [each.policy for each in _ROOT.policies if each.policy.what_if]
_STANDING: Final = ("pass", "not_applicable")
_BATCHES: Final = 30
_SIZE: Final = 50
_SEED: Final = 20261123
_FACTORS: Final = (0, 0.001, 0.5, 3, 1000)
"""More than any annotation asks for."""


def test_a_shipped_policy_asks() -> None:
    """Else nothing below would be tried."""
    assert _ASKING


def test_other_settings_move_no_table_that_passes(regorus: Decide) -> None:
    """Any settings, overrides of them and waivers; every table that the edges can make."""
    rng = random.Random(_SEED)  # noqa: S311 -- a repeatable sample
    moved: Counter[tuple[str, str, str]] = Counter()
    for _ in range(_BATCHES):
        asked = documents.request(rng, _SIZE, [policy.policy_id for policy in _ASKING])
        before = regorus(asked)
        for policy in _ASKING:
            for factor in {*_FACTORS, *(policy.what_if.factors if policy.what_if else ())}:
                after = regorus(_with(asked, policy, factor))
                for old, new in zip(before, after, strict=True):
                    was, now = (
                        old["decisions"][policy.policy_id],
                        new["decisions"][policy.policy_id],
                    )
                    moved[policy.policy_id, was["outcome"], now["outcome"]] += 1
                    if was["outcome"] in _STANDING or now["outcome"] in _STANDING:
                        assert now == was
    for policy in _ASKING:
        assert moved[policy.policy_id, "fail", "exempt"]
        assert moved[policy.policy_id, "exempt", "fail"]
        assert all(moved[policy.policy_id, outcome, outcome] for outcome in _STANDING)


def _with(asked: dict[str, Any], policy: Policy, factor: float) -> dict[str, Any]:
    """Return the request with the policy's settings multiplied, wherever they stand."""
    domain = policy.policy_id.partition(".")[0]
    known = _ROOT.schemas[domain]["properties"]
    names = policy.what_if.settings if policy.what_if else ()

    def times(settings: dict[str, Any]) -> dict[str, Any]:
        if domain not in settings:
            return settings
        return settings | {domain: multiplied(settings[domain], names, factor, known)}

    other = asked | {"policies": [policy.policy_id], "settings": times(asked["settings"])}
    if "variants" in asked:
        other["variants"] = [times(variant) for variant in asked["variants"]]
    return other
