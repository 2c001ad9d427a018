"""The Rego tests notice every change of the Rego, and the score that is kept says so."""

from __future__ import annotations

import pytest

from benchmarks.mutation.__main__ import RESULTS, kept, shown, tried
from tests.data import rego

pytestmark = pytest.mark.opa


def test_kept_score_is_what_the_mutants_give() -> None:
    """Each mutant is tried again, which takes one to two minutes on two cores.

    A survivor means that a policy can be broken without any Rego test that fails; a reason for one
    that is killed would hide that later.
    """
    score = tried(rego.opa_binary(), rego.POLICIES)
    wrong = [mutant.change for mutant in score.unexplained] + score.stale
    assert not wrong, shown(score)
    assert RESULTS.read_text(encoding="utf-8") == kept(score), "Run `make mutate` and commit"
