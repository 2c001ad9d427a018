"""The Rego tests notice every change of the Rego, and the score that is kept says so."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from benchmarks.mutation.__main__ import RESULTS, modules, tried
from benchmarks.mutation.__main__ import kept as text_of
from benchmarks.mutation.mutants import Change, mutants
from benchmarks.mutation.score import digest, read_reasons
from benchmarks.mutation.trial import Fate, fates
from tests.support import rego

pytestmark = pytest.mark.opa

_SAMPLE = 20


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def survivors(kept: dict[str, Any]) -> set[Change]:
    return {
        Change(**{name: value for name, value in each.items() if name != "reason"})
        for each in kept["survivors"]
    }


def test_score_is_of_these_policies_and_tests(kept: dict[str, Any]) -> None:
    """All mutants take minutes; `make mutate` tries them and notes what it tried them on."""
    assert kept["of"] == digest(), "Run `make mutate` and commit benchmarks/results/mutation.json"


def test_each_survivor_has_a_reason_and_each_reason_a_survivor(survivors: set[Change]) -> None:
    """A survivor means that a policy can be broken without any Rego test that fails."""
    assert survivors == read_reasons().keys()


def test_mutants_fare_as_the_score_says(kept: dict[str, Any], survivors: set[Change]) -> None:
    """Some of them, others for each state of the policies: a score by hand would not last."""
    opa = rego.opa_binary()
    made = [each for name in modules(rego.POLICIES) for each in mutants(opa, rego.POLICIES, name)]
    figures = {name: each["total"] + each["discarded"] for name, each in kept["modules"].items()}
    assert Counter(each.change.file for each in made) == figures
    sample = random.Random(kept["of"]).sample(made, _SAMPLE)  # noqa: S311 -- repeatable
    reported = zip(sample, fates(opa, rego.POLICIES, sample, jobs=1), strict=True)
    survived = {mutant.change for mutant, fate in reported if fate is Fate.SURVIVED}
    assert survived == survivors & {mutant.change for mutant in sample}


@pytest.mark.nightly
def test_every_mutant_fares_as_the_score_says() -> None:
    score = tried(rego.opa_binary(), rego.POLICIES)
    assert not score.unexplained
    assert RESULTS.read_text(encoding="utf-8") == text_of(score)
