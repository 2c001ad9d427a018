"""What policies promise by their `what_if`: these settings only let off, and larger ones more.

A report asks about no more tables than that leaves open, and would count wrongly otherwise.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any, Final

import pytest

from lakewarden.kit.policy_docs import read_root
from lakewarden.model.policy import Policy
from lakewarden.resources import shipped_policies
from lakewarden.settings.scaling import multiplied
from tests.support import documents
from tests.support.agreement import Decide

Json = dict[str, Any]

_ROOT: Final = read_root(shipped_policies())
_ASKING: Final = [each.policy for each in _ROOT.policies if each.policy.what_if]


_STANDING: Final = ("pass", "not_applicable")
_RANKS: Final = ("fail", "unknown", "exempt")
_BATCHES: Final = 12
_SIZE: Final = 50
_SEED: Final = 20261123
_FACTORS: Final = (0, 0.001, 0.5, 1, 3, 1000)
"""More than any annotation asks for; 1 is the run itself."""


def test_a_shipped_policy_asks() -> None:
    """Else nothing below would be tried."""
    assert _ASKING


@pytest.mark.nightly
def test_other_settings_only_exempt_and_larger_ones_more(regorus: Decide) -> None:
    """Any settings, overrides of them and waivers; every table that the edges can make."""
    rng = random.Random(_SEED)  # noqa: S311 -- a repeatable sample
    moved: Counter[tuple[str, str, str]] = Counter()
    for _ in range(_BATCHES):
        asked = documents.request(rng, _SIZE, [policy.policy_id for policy in _ASKING])
        for policy in _ASKING:
            factors = sorted({*_FACTORS, *(policy.what_if.factors if policy.what_if else ())})
            for small, large in pairwise(_decided(regorus, asked, policy, f) for f in factors):
                for old, new in zip(small, large, strict=True):
                    moved[policy.policy_id, old["outcome"], new["outcome"]] += 1
                    if old["outcome"] in _STANDING or new["outcome"] in _STANDING:
                        assert old == new
                    elif "error" not in {old["outcome"], new["outcome"]}:
                        assert _RANKS.index(old["outcome"]) <= _RANKS.index(new["outcome"])
    for policy in _ASKING:
        for was, now in (*pairwise(_RANKS), ("fail", "exempt"), *((each, each) for each in _RANKS)):
            assert moved[policy.policy_id, was, now], (was, now)
        assert all(moved[policy.policy_id, outcome, outcome] for outcome in _STANDING)


def _decided(decide: Decide, asked: Json, policy: Policy, factor: float) -> list[Json]:
    answers = decide(_with(asked, policy, factor) if factor != 1 else asked)
    return [answer["decisions"][policy.policy_id] for answer in answers]


def _with(asked: Json, policy: Policy, factor: float) -> Json:
    """Return the request with the policy's settings multiplied, wherever they stand."""
    domain = policy.policy_id.partition(".")[0]
    known = _ROOT.schemas[domain]["properties"]
    names = policy.what_if.settings if policy.what_if else ()

    def times(settings: Json) -> Json:
        if domain not in settings:
            return settings
        return settings | {domain: multiplied(settings[domain], names, factor, known)}

    other = asked | {"policies": [policy.policy_id], "settings": times(asked["settings"])}
    if "variants" in asked:
        other["variants"] = [times(variant) for variant in asked["variants"]]
    return other
