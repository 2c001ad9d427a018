"""Small tables need no clustering: which size is small, and where.

A table that is taken for small by mistake is never clustered, and nobody is told.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.judging import (
    Decide,
    Judge,
    excused_as_small,
    exemptions,
    message,
    reason,
)
from tests.unit.scenarios.tables import (
    EXCLUDED,
    GIB,
    KIB,
    MIB,
    TIB,
    Json,
    exactly,
    table,
)

pytestmark = pytest.mark.small_tables_auto_exemption

TEST_SCHEMA = "pytest_test_data"
SMALL = exactly(GIB - 1)
LARGE = exactly(GIB)


# The two thresholds


@pytest.mark.parametrize(
    "size", [0, 1, KIB, MIB - 1, MIB, MIB + 1, GIB // 2, GIB - 1], ids=lambda size: f"{size} bytes"
)
def test_a_table_below_1_gib_is_exempt(strategy_required: Decide, size: int) -> None:
    assert excused_as_small(strategy_required(table(size=exactly(size))))


@pytest.mark.parametrize("size", [GIB, GIB + 1, 2 * GIB, 2**53], ids=lambda size: f"{size} bytes")
def test_a_table_of_1_gib_or_more_is_not(strategy_required: Decide, size: int) -> None:
    """Exactly at the threshold is not below it."""
    assert strategy_required(table(size=exactly(size))).outcome is Outcome.FAIL


@pytest.mark.parametrize("size", [0, 1, MIB - 1], ids=lambda size: f"{size} bytes")
def test_a_test_table_below_1_mib_is_exempt(strategy_required: Decide, size: int) -> None:
    assert excused_as_small(strategy_required(table(schema=TEST_SCHEMA, size=exactly(size))))


@pytest.mark.parametrize("size", [MIB, MIB + 1, GIB - 1, GIB], ids=lambda size: f"{size} bytes")
def test_a_test_table_of_1_mib_or_more_is_not(strategy_required: Decide, size: int) -> None:
    """Else no test of this scenario could afford a table that is large."""
    document = table(schema=TEST_SCHEMA, size=exactly(size))
    assert strategy_required(document).outcome is Outcome.FAIL


@pytest.mark.parametrize("limit", [1, 1000, 268435456, 2**53], ids=lambda size: f"{size} bytes")
def test_a_threshold_of_ones_own_is_as_strict(strategy_required: Decide, limit: int) -> None:
    settings = {"size_threshold_bytes": limit}
    below = strategy_required(table(size=exactly(limit - 1)), settings=settings)
    at = strategy_required(table(size=exactly(limit)), settings=settings)
    assert excused_as_small(below)
    assert at.outcome is Outcome.FAIL


def test_with_a_threshold_of_0_not_even_an_empty_table_is_small(strategy_required: Decide) -> None:
    decision = strategy_required(table(size=exactly(0)), settings={"size_threshold_bytes": 0})
    assert decision.outcome is Outcome.FAIL


def test_each_threshold_leaves_the_other_alone(strategy_required: Decide) -> None:
    ordinary, test = table(size=exactly(0)), table(schema=TEST_SCHEMA, size=exactly(0))
    assert excused_as_small(strategy_required(ordinary, settings={"test_size_threshold_bytes": 0}))
    assert excused_as_small(strategy_required(test, settings={"size_threshold_bytes": 0}))


# Schemas for tests


@pytest.mark.parametrize(
    ("pattern", "schema"),
    [
        ("pytest_test_data", "PyTest_Test_Data"),
        ("PYTEST_TEST_DATA", "pytest_test_data"),
        ("pytest_*", "pytest_"),
        ("*_test_*", "sales_test_data"),
        ("run_?", "run_7"),
        ("gr??e", "GRÖßE"),
    ],
)
def test_a_schema_that_matches_is_for_tests(
    strategy_required: Decide, pattern: str, schema: str
) -> None:
    settings = {"test_schemas": ["none_such", pattern]}
    decision = strategy_required(table(schema=schema, size=exactly(MIB)), settings=settings)
    assert decision.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["pytest_test_data"], {"schema": "pytest_test_data_2"}),
        (["pytest_test_data"], {"schema": "my_pytest_test_data"}),
        (["pytest_test_data"], {"catalog": "pytest_test_data"}),
        (["pytest_test_data"], {"name": "pytest_test_data"}),
        (["main.sales"], {"schema": "sales"}),
        (["run_?"], {"schema": "run_77"}),
        (["s.les"], {"schema": "sales"}),
        ([], {"schema": "pytest_test_data"}),
    ],
    ids=str,
)
def test_a_schema_that_does_not_match_is_not_for_tests(
    strategy_required: Decide, patterns: list[str], names: dict[str, str]
) -> None:
    """A pattern is over the whole name of the schema alone."""
    document = table(size=exactly(GIB - 1), **names)
    assert excused_as_small(strategy_required(document, settings={"test_schemas": patterns}))


# The switch, and other settings for some tables


def test_switched_off_a_small_table_must_be_clustered(strategy_required: Decide) -> None:
    decision = strategy_required(table(size=exactly(0)), settings={"exempt_small_tables": False})
    assert decision.outcome is Outcome.FAIL


def test_switched_off_nobody_needs_the_size(strategy_required: Decide) -> None:
    """Statements are not spent on what cannot matter."""
    decision = strategy_required(table(size={}), settings={"exempt_small_tables": False})
    assert decision.outcome is Outcome.FAIL
    assert "holds an unknown number of bytes and has no" in message(decision)


def test_switched_off_the_flag_exempts_all_the_same(strategy_required: Decide) -> None:
    document = table(size=SMALL, properties=EXCLUDED)
    decision = strategy_required(document, settings={"exempt_small_tables": False})
    assert exemptions(decision) == {"flag"}


def test_some_tables_may_have_another_threshold(strategy_required: Decide) -> None:
    """And the decision names the override, or nobody would find why."""
    settings = {"overrides": [{"tables": "prod.finance.*", "size_threshold_bytes": MIB}]}
    finance = table(catalog="prod", schema="finance", size=exactly(MIB))
    decision = strategy_required(finance, settings=settings)
    assert (decision.outcome, decision.override) == (Outcome.FAIL, "prod.finance.*")
    other = strategy_required(table(catalog="prod", size=exactly(MIB)), settings=settings)
    assert (other.outcome, other.override) == (Outcome.EXEMPT, None)


def test_of_two_overrides_the_last_counts(strategy_required: Decide) -> None:
    overrides = [
        {"tables": "main.*", "exempt_small_tables": False},
        {"tables": "*.orders", "exempt_small_tables": True},
    ]
    settings = {"overrides": overrides}
    assert excused_as_small(strategy_required(table(size=SMALL), settings=settings))
    other = strategy_required(table(name="returns", size=SMALL), settings=settings)
    assert (other.outcome, other.override) == (Outcome.FAIL, "main.*")


# What stands in the report


def test_the_exemption_names_the_size_and_the_threshold(strategy_required: Decide) -> None:
    """In bytes too: 1023.9 MiB must not read as 1 GiB."""
    assert reason(strategy_required(table(size=SMALL))) == (
        "It holds 1023.9 MiB (1073741823 bytes),"
        " less than the threshold of 1.0 GiB (1073741824 bytes)."
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1023, "1023 bytes"),
        (KIB, "1.0 KiB (1024 bytes)"),
        (MIB - 1, "1023.9 KiB (1048575 bytes)"),
        (MIB, "1.0 MiB (1048576 bytes)"),
        (TIB - 1, "1023.9 GiB (1099511627775 bytes)"),
        (TIB, "1.0 TiB (1099511627776 bytes)"),
        (1024 * TIB - 1, "1023.9 TiB (1125899906842623 bytes)"),
        (1024 * TIB, "1.0 PiB (1125899906842624 bytes)"),
    ],
)
def test_no_size_is_told_larger_than_it_is(strategy_required: Decide, size: int, text: str) -> None:
    """Rounded up, a table would be told to hold what the threshold says, and be below it."""
    settings = {"size_threshold_bytes": 2**53}
    decision = strategy_required(table(size=exactly(size)), settings=settings)
    assert reason(decision).startswith(f"It holds {text}, less than")


def test_the_exemption_of_a_test_table_names_its_own_threshold(strategy_required: Decide) -> None:
    assert reason(strategy_required(table(schema=TEST_SCHEMA, size=exactly(0)))) == (
        "It holds 0 bytes, less than the threshold of 1.0 MiB (1048576 bytes)."
    )


def test_the_failure_names_the_size_and_what_to_do(strategy_required: Decide) -> None:
    said = message(strategy_required(table(size=LARGE)))
    assert "main.sales.orders holds 1.0 GiB (1073741824 bytes)" in said
    assert "ALTER TABLE main.sales.orders CLUSTER BY AUTO" in said


def test_an_exempt_table_says_what_it_would_be(strategy_required: Decide) -> None:
    """Else nobody could count what the exemption hides."""
    assert strategy_required(table(size=SMALL)).would_be is Outcome.FAIL


@pytest.mark.parametrize(
    ("size", "known"),
    [(SMALL, {"small": True}), (LARGE, {"small": False}), ({}, {})],
    ids=["small", "large", "unknown"],
)
def test_the_report_counts_it_as_the_policy_does(judge: Judge, size: Json, known: Json) -> None:
    """What nobody knows isn't a fact: a report that said "not small" would be guessing."""
    [answer] = judge.answers([table(size=size)], policies=["clustering.strategy_required"])
    facts = answer.facts["clustering"]
    assert facts["threshold_bytes"] == GIB
    assert {name: facts[name] for name in facts if name == "small"} == known
