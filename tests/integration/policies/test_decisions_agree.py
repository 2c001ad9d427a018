"""Every decision, three times: OPA, Regorus, and the oracle in plain Python.

If one of them has misread what a policy means, these tests say about which document.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support import documents
from tests.support.agreement import Agreement, Decide, difference
from tests.support.oracle.opinion import LACKING, OUTCOMES, POLICIES

pytestmark = pytest.mark.opa

_BATCH: Final = 50
_SEED: Final = 20261123
_LARGE_BATCHES: Final = 40


@settings(
    max_examples=12,
    # A seed has no smaller neighbour: the one document that shows a trouble is made smaller here.
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_engines_and_oracle_agree(opa: Decide, regorus: Decide, seed: int) -> None:
    """Any settings, any overrides of them, any waivers, fifty documents."""
    asked = documents.request(random.Random(seed), _BATCH)  # noqa: S311 -- a repeatable sample
    answers = opa(asked)
    agreement = Agreement()
    agreement.compare(asked, answers)
    trouble = agreement.trouble(opa) or difference(answers, regorus(asked))
    assert not trouble, trouble


@pytest.mark.nightly
def test_thousands_of_decisions_agree(
    opa: Decide, regorus: Decide, record_property: Callable[[str, object], None]
) -> None:
    """The same over a large fixed sample, in which every outcome of every policy occurs."""
    rng = random.Random(_SEED)  # noqa: S311 -- a repeatable sample
    agreement = Agreement()
    for _ in range(_LARGE_BATCHES):
        asked = documents.request(rng, _BATCH)
        answers = opa(asked)
        agreement.compare(asked, answers)
        engines = difference(answers, regorus(asked))
        assert not engines, engines
    record_property("agreement", str(agreement))
    trouble = agreement.trouble(opa)
    assert not trouble, trouble
    assert agreement.agree == _LARGE_BATCHES * _BATCH * len(POLICIES) >= 25_000
    for policy in POLICIES:
        seen = {outcome for name, outcome in agreement.seen if name == policy}
        assert seen == OUTCOMES[policy], policy
        lacking = {_parts(kinds) for name, kinds in agreement.lacking if name == policy}
        assert lacking == LACKING[policy], policy
    assert any("." in kind for _, kinds in agreement.lacking for kind in kinds)


def _parts(kinds: Iterable[str]) -> frozenset[str]:
    """Return the parts of a document that kinds of evidence are about, be they paths."""
    return frozenset(kind.partition(".")[0] for kind in kinds)
