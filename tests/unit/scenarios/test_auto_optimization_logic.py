"""Auto-optimise in place of clustering: as a whole, and where the settings accept it.

One flag does half of the work; a table that passes for it is neither clustered nor optimised.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import (
    each_spelling_of_off,
    each_spelling_of_on,
)
from tests.unit.scenarios.judging import (
    Decide,
    actual,
    excused_as_small,
    exemptions,
    lacking,
    message,
    reason,
)
from tests.unit.scenarios.tables import (
    AUTO,
    AUTO_COMPACT,
    AUTO_OPTIMISED,
    EXCLUDED,
    GIB,
    OPTIMIZE_WRITE,
    Json,
    exactly,
    hidden,
    table,
)

pytestmark = pytest.mark.auto_optimization

EITHER = {"require_both_auto_optimize_flags": False}
REFUSED = {"accept_auto_optimize": False}

each_half = pytest.mark.parametrize(
    ("flag", "missing"),
    [(OPTIMIZE_WRITE, "autoCompact"), (AUTO_COMPACT, "optimizeWrite")],
    ids=["only_optimize_write", "only_auto_compact"],
)


def test_both_flags_are_a_strategy(
    strategy_required: Decide, auto_optimize_complete: Decide
) -> None:
    document = table(properties=AUTO_OPTIMISED)
    assert reason(strategy_required(document)) == "It is auto-optimised."
    assert reason(auto_optimize_complete(document)) == "Both settings of auto-optimise are on."


@each_half
def test_one_flag_is_none_and_told_to_be_completed(
    strategy_required: Decide, auto_optimize_complete: Decide, flag: Json, missing: str
) -> None:
    document = table(properties=flag)
    assert actual(strategy_required(document)) == {"none"}
    decision = auto_optimize_complete(document)
    assert actual(decision) == set(flag)
    assert f"SET TBLPROPERTIES ('delta.autoOptimize.{missing}' = 'true')" in message(decision)


@each_half
def test_either_flag_may_be_enough(
    strategy_required: Decide, auto_optimize_complete: Decide, flag: Json, missing: str
) -> None:
    """The advice to complete it stays: it is about the work, not about the strategy."""
    document = table(properties=flag)
    assert strategy_required(document, settings=EITHER).outcome is Outcome.PASS
    assert missing in message(auto_optimize_complete(document, settings=EITHER))


def test_either_is_not_neither(strategy_required: Decide) -> None:
    assert strategy_required(table(), settings=EITHER).outcome is Outcome.FAIL


@pytest.mark.parametrize("setting", [REFUSED, REFUSED | EITHER], ids=["both", "either"])
def test_where_it_is_not_accepted_a_large_table_fails(
    strategy_required: Decide, setting: Json
) -> None:
    document = table(properties=AUTO_OPTIMISED)
    assert strategy_required(document, settings=setting).outcome is Outcome.FAIL


def test_where_it_is_not_accepted_liquid_clustering_still_is(strategy_required: Decide) -> None:
    document = table(properties=AUTO_OPTIMISED | AUTO)
    decision = strategy_required(document, settings=REFUSED)
    assert decision.reasons == ("It has liquid clustering.",)


def test_where_it_is_not_accepted_other_reasons_count(strategy_required: Decide) -> None:
    small = table(properties=AUTO_OPTIMISED, size=exactly(GIB - 1))
    assert excused_as_small(strategy_required(small, settings=REFUSED))
    flagged = table(properties=AUTO_OPTIMISED | EXCLUDED)
    assert exemptions(strategy_required(flagged, settings=REFUSED)) == {"flag"}


def test_both_strategies_are_told(strategy_required: Decide) -> None:
    decision = strategy_required(table(properties=AUTO_OPTIMISED | AUTO))
    assert set(decision.reasons) == {"It has liquid clustering.", "It is auto-optimised."}


@each_spelling_of_on
def test_a_flag_is_on_in_any_case(strategy_required: Decide, value: str) -> None:
    document = table(properties=dict.fromkeys(AUTO_OPTIMISED, value))
    assert strategy_required(document).outcome is Outcome.PASS


@each_spelling_of_off
def test_any_other_value_leaves_it_off(
    strategy_required: Decide, auto_optimize_complete: Decide, value: str
) -> None:
    off = table(properties=dict.fromkeys(AUTO_OPTIMISED, value))
    assert strategy_required(off).outcome is Outcome.FAIL
    assert auto_optimize_complete(off).outcome is Outcome.NOT_APPLICABLE
    half = table(properties=OPTIMIZE_WRITE | dict.fromkeys(AUTO_COMPACT, value))
    assert strategy_required(half).outcome is Outcome.FAIL
    assert auto_optimize_complete(half).outcome is Outcome.FAIL


def test_without_either_flag_there_is_nothing_to_complete(auto_optimize_complete: Decide) -> None:
    assert reason(auto_optimize_complete(table())) == "Both settings of auto-optimise are off."


def test_it_is_a_matter_of_delta_tables(auto_optimize_complete: Decide) -> None:
    iceberg = table(data_source_format="ICEBERG", properties=OPTIMIZE_WRITE)
    decision = auto_optimize_complete(iceberg)
    assert decision.reasons == ("Auto-optimise only exists for Delta tables.",)


def test_the_definition_of_a_streaming_table_is_changed(auto_optimize_complete: Decide) -> None:
    """ALTER TABLE would be undone by the next run of its pipeline."""
    streaming = table(table_type="STREAMING_TABLE", properties=OPTIMIZE_WRITE)
    said = message(auto_optimize_complete(streaming))
    assert "in the TBLPROPERTIES of its definition" in said
    assert "ALTER TABLE" not in said


def test_properties_that_nobody_read_leave_it_open(auto_optimize_complete: Decide) -> None:
    assert lacking(auto_optimize_complete(hidden())) == {"properties"}
