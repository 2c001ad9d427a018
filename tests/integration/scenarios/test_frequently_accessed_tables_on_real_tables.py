"""Tables that others have read often, as the workspace's lineage tells.

On a real workspace nobody but Databricks writes lineage, so these tests are skipped there.
"""

from __future__ import annotations

from typing import Any

import pytest

from lakewarden.model.decision import Decision, Outcome
from tests.factory.specs import MIB, Spec
from tests.factory.table_specs import AUTO_OPTIMIZED, KEYED, LARGE, OFTEN
from tests.integration.scenarios.judged import JudgedEstate
from tests.unit.scenarios.judging import message

pytestmark = [
    pytest.mark.frequently_accessed_tables,
    pytest.mark.spark,
    pytest.mark.opa,
    pytest.mark.xdist_group("spark"),
]

FREQUENT = "clustering.frequently_read"
TABLES = (AUTO_OPTIMIZED, KEYED, LARGE)


def _asked(estate: JudgedEstate, spec: Spec, **settings: Any) -> Decision:  # noqa: ANN401 -- any value of a setting
    """Return what is decided where the settings ask for it, of tables that a test can make."""
    estate.needs_reads()
    asked = {"require_liquid_for_frequent_reads": True, "frequent_min_bytes": MIB}
    return estate.decision(spec, FREQUENT, **asked | settings)


def test_the_reads_that_are_judged_are_those_of_the_lineage(estate: JudgedEstate) -> None:
    estate.needs_reads()
    access = estate.document(KEYED)["access"]
    assert (access["reads"], access["readers"]) == (OFTEN, 1)


def test_a_table_that_is_read_often_and_clustered_passes(estate: JudgedEstate) -> None:
    assert _asked(estate, KEYED).outcome is Outcome.PASS


def test_auto_optimise_is_not_enough_for_a_table_that_is_read_often(estate: JudgedEstate) -> None:
    decision = _asked(estate, AUTO_OPTIMIZED)
    assert decision.outcome is Outcome.FAIL
    assert f"was read {OFTEN} times" in message(decision)


def test_as_many_reads_as_the_settings_say_are_often(estate: JudgedEstate) -> None:
    at = _asked(estate, AUTO_OPTIMIZED, frequent_reads=OFTEN)
    above = _asked(estate, AUTO_OPTIMIZED, frequent_reads=OFTEN + 1)
    assert (at.outcome, above.outcome) == (Outcome.FAIL, Outcome.NOT_APPLICABLE)


def test_a_smaller_table_may_be_read_as_often_as_one_likes(estate: JudgedEstate) -> None:
    size = estate.size(AUTO_OPTIMIZED)
    at = _asked(estate, AUTO_OPTIMIZED, frequent_min_bytes=size)
    above = _asked(estate, AUTO_OPTIMIZED, frequent_min_bytes=size + 1)
    assert (at.outcome, above.outcome) == (Outcome.FAIL, Outcome.NOT_APPLICABLE)


def test_of_a_table_without_a_read_nobody_knows_how_often_it_is_read(estate: JudgedEstate) -> None:
    """Lineage sees only a part of all reads: none is not the same as never."""
    estate.needs_reads()
    document = estate.document(LARGE)
    assert "reads" not in document.get("access", {})
    assert "lineage" in document["evidence"]["access"]["reason"]


def test_it_is_not_asked_unless_the_settings_say_so(estate: JudgedEstate) -> None:
    assert estate.decision(AUTO_OPTIMIZED, FREQUENT).outcome is Outcome.NOT_APPLICABLE
