"""Auto-optimise instead of clustering: both flags of it, and where the settings accept it.

One flag does half of the work; a table that passes for it is neither clustered nor optimised.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import OFF, ON, Case, case, cases
from tests.unit.scenarios.judging import Decide, actual, advice, reason
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

EITHER: Json = {"require_both_auto_optimize_flags": False}
REFUSED: Json = {"accept_auto_optimize": False}

ICEBERG: Json = {"data_source_format": "ICEBERG"}


@cases(
    both=case(table(properties=AUTO_OPTIMISED), "pass | pass"),
    write_alone=case(table(properties=OPTIMIZE_WRITE), "fail | fail"),
    compact_alone=case(table(properties=AUTO_COMPACT), "fail | fail"),
    neither=case(table(), "fail | not_applicable"),
    write_where_either_is_enough=case(table(properties=OPTIMIZE_WRITE), "pass | fail", **EITHER),
    compact_where_either_is_enough=case(table(properties=AUTO_COMPACT), "pass | fail", **EITHER),
    both_where_not_accepted=case(table(properties=AUTO_OPTIMISED), "fail | pass", **REFUSED),
    clustered_where_not_accepted=case(
        table(properties=AUTO_OPTIMISED | AUTO), "pass | pass", **REFUSED
    ),
    small_where_not_accepted=case(
        table(properties=AUTO_OPTIMISED, size=exactly(GIB - 1)), "exempt: rule | pass", **REFUSED
    ),
    excluded_where_not_accepted=case(
        table(properties=AUTO_OPTIMISED | EXCLUDED), "exempt: flag | pass", **REFUSED
    ),
    iceberg=case(table(properties=OPTIMIZE_WRITE, **ICEBERG), "fail | not_applicable"),
    properties_that_nobody_read=case(hidden(), "unknown: properties | unknown: properties"),
)
def test_it_counts_where_the_settings_accept_it_and_half_of_it_is_reported(
    strategy_required: Decide, auto_optimize_complete: Decide, case: Case
) -> None:
    """The advice to complete it stays: it is about the work, not about the strategy."""
    assert case.by(strategy_required, auto_optimize_complete) == case.output


@pytest.mark.parametrize(
    ("flag", "missing"),
    [(OPTIMIZE_WRITE, "autoCompact"), (AUTO_COMPACT, "optimizeWrite")],
    ids=["only_optimize_write", "only_auto_compact"],
)
def test_one_flag_alone_does_not_count_as_a_strategy(
    strategy_required: Decide, auto_optimize_complete: Decide, flag: Json, missing: str
) -> None:
    assert actual(strategy_required(table(properties=flag))) == {"none"}
    decision = auto_optimize_complete(table(properties=flag))
    assert actual(decision) == set(flag)
    assert f"SET TBLPROPERTIES ('delta.autoOptimize.{missing}' = 'true')" in advice(decision)


def test_each_strategy_is_told(strategy_required: Decide) -> None:
    assert reason(strategy_required(table(properties=AUTO_OPTIMISED))) == "It is auto-optimised."
    both = strategy_required(table(properties=AUTO_OPTIMISED | AUTO))
    assert set(both.reasons) == {"It has liquid clustering.", "It is auto-optimised."}


def test_a_flag_is_on_in_any_case_and_off_otherwise(
    strategy_required: Decide, auto_optimize_complete: Decide
) -> None:
    for value in ON:
        document = table(properties=dict.fromkeys(AUTO_OPTIMISED, value))
        assert strategy_required(document).outcome is Outcome.PASS, value
    for value in OFF:
        off = table(properties=dict.fromkeys(AUTO_OPTIMISED, value))
        assert strategy_required(off).outcome is Outcome.FAIL, value
        assert auto_optimize_complete(off).outcome is Outcome.NOT_APPLICABLE, value
        half = table(properties=OPTIMIZE_WRITE | dict.fromkeys(AUTO_COMPACT, value))
        assert strategy_required(half).outcome is Outcome.FAIL, value
        assert auto_optimize_complete(half).outcome is Outcome.FAIL, value


def test_the_definition_of_a_streaming_table_is_changed(auto_optimize_complete: Decide) -> None:
    """ALTER TABLE would be undone by the next run of its pipeline."""
    streaming = table(table_type="STREAMING_TABLE", properties=OPTIMIZE_WRITE)
    output = advice(auto_optimize_complete(streaming))
    assert "in TBLPROPERTIES of its definition" in output
    assert "ALTER TABLE" not in output
