"""Small tables need no clustering: which size is small, where, and what comes before the size.

A table that is taken for small by mistake is never clustered, and nobody is told.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import ANY_SIZE, EXPIRED, LIQUID, OFF, ON, Case, case, cases
from tests.unit.scenarios.judging import Decide, Judge, advice, brief, reason
from tests.unit.scenarios.tables import (
    AUTO_OPTIMISED,
    EXCLUDED,
    GIB,
    MIB,
    OPTIMIZE_WRITE,
    Json,
    exactly,
    hidden,
    table,
    waiver,
    without,
)

pytestmark = pytest.mark.small_tables_auto_exemption

SMALL = exactly(GIB - 1)
LARGE = exactly(GIB)
POLICY = "clustering.strategy_required"


def for_tests(size: int, schema: str = "pytest_test_data") -> Json:
    """Return a table of this size in a schema for tests."""
    return table(schema=schema, size=exactly(size))


# The two thresholds


@cases(
    empty=case(table(size=exactly(0)), "exempt: rule"),
    one_byte_below_1_gib=case(table(size=SMALL), "exempt: rule"),
    exactly_1_gib=case(table(size=LARGE), "fail"),
    test_table_one_byte_below_1_mib=case(for_tests(MIB - 1), "exempt: rule"),
    test_table_of_exactly_1_mib=case(for_tests(MIB), "fail"),
    other_table_of_1_mib=case(table(size=exactly(MIB)), "exempt: rule"),
    at_a_threshold_of_ones_own=case(table(size=exactly(1000)), "fail", size_threshold_bytes=1000),
    empty_at_a_threshold_of_0=case(table(size=exactly(0)), "fail", size_threshold_bytes=0),
)
def test_what_is_below_its_threshold_is_exempt_and_what_is_at_it_is_not(
    strategy_required: Decide, case: Case
) -> None:
    assert case.by(strategy_required) == case.output


@cases(
    in_any_case=case(for_tests(MIB, "PyTest_Test_Data"), "fail"),
    by_a_star=case(for_tests(MIB, "pytest_"), "fail", test_schemas=["none_such", "pytest_*"]),
    longer=case(for_tests(MIB, "pytest_test_data_2"), "exempt: rule"),
    catalog_of_that_name=case(table(catalog="pytest_test_data", size=SMALL), "exempt: rule"),
    table_of_that_name=case(table(name="pytest_test_data", size=SMALL), "exempt: rule"),
    with_its_catalog=case(table(size=SMALL), "exempt: rule", test_schemas=["main.sales"]),
    no_schemas_for_tests=case(for_tests(MIB), "exempt: rule", test_schemas=[]),
)
def test_a_pattern_is_over_the_whole_name_of_the_schema_alone(
    strategy_required: Decide, case: Case
) -> None:
    assert case.by(strategy_required) == case.output


# The switch, and other settings for some tables


@cases(
    small=case(table(size=exactly(0)), "fail"),
    of_unknown_size=case(table(size={}), "fail"),
    excluded=case(table(size=SMALL, properties=EXCLUDED), "exempt: flag"),
)
def test_switched_off_a_small_table_must_be_clustered(
    strategy_required: Decide, case: Case
) -> None:
    """And nobody asks for its size: statements aren't spent on what can't matter."""
    decision = strategy_required(case.document, settings={"exempt_small_tables": False})
    assert brief(decision) == case.output


def test_some_tables_may_have_another_threshold(strategy_required: Decide) -> None:
    """The decision names the override, or nobody would find why; the last that matches counts."""
    overrides = [
        {"tables": "prod.*", "exempt_small_tables": False},
        {"tables": "prod.finance.*", "size_threshold_bytes": MIB, "exempt_small_tables": True},
    ]
    found = {}
    for schema, size in (("sales", 1), ("finance", MIB - 1), ("finance", MIB)):
        document = table(catalog="prod", schema=schema, size=exactly(size))
        decision = strategy_required(document, settings={"overrides": overrides})
        found[schema, size] = (brief(decision), decision.override)
    assert found == {
        ("sales", 1): ("fail", "prod.*"),
        ("finance", MIB - 1): ("exempt: rule", "prod.finance.*"),
        ("finance", MIB): ("fail", "prod.finance.*"),
    }


# Clustering comes before the flag, the flag before the size, and a waiver last


@pytest.mark.parametrize("strategy", [*LIQUID, AUTO_OPTIMISED], ids=["keys", "auto", "optimised"])
def test_a_clustered_table_passes_and_needs_no_exemption(
    strategy_required: Decide, strategy: Json
) -> None:
    """A report that counted it among the exempt would hide that the owner did the work."""
    for flag in ({}, EXCLUDED):
        for size in (SMALL, *ANY_SIZE):
            document = table(properties=strategy | flag, size=size)
            assert strategy_required(document).outcome is Outcome.PASS


@cases(
    half_of_auto_optimise=case(table(properties=OPTIMIZE_WRITE, size=SMALL), "exempt: rule"),
    excluded_and_large=case(table(properties=EXCLUDED, size=LARGE), "exempt: flag"),
    excluded_and_unsized=case(table(properties=EXCLUDED, size={}), "exempt: flag"),
    excluded_and_small=case(table(properties=EXCLUDED, size=SMALL), "exempt: flag, rule"),
    small_and_not_honoured=case(
        table(properties=EXCLUDED, size=SMALL), "exempt: rule", honor_exclusion_flag=False
    ),
    large_and_not_honoured=case(
        table(properties=EXCLUDED, size=LARGE), "fail", honor_exclusion_flag=False
    ),
    tag_of_that_name=case(table(tags=EXCLUDED), "fail"),
    flag_of_another_name=case(
        table(properties={"no.clustering": "true"}),
        "exempt: flag",
        exclusion_property="no.clustering",
    ),
    large_and_waived=case(table(size=LARGE), "exempt: waiver", waivers=[waiver(POLICY)]),
    small_and_waived=case(table(size=SMALL), "exempt: rule", waivers=[waiver(POLICY)]),
    waiver_expired=case(table(size=LARGE), "fail", waivers=[waiver(POLICY, **EXPIRED)]),
    view=case(table(table_type="VIEW", size=SMALL, properties=EXCLUDED), "not_applicable"),
    of_unknown_type=case(without(table(size=SMALL), "table_type"), "unknown: table_type"),
    of_unread_properties=case(hidden(size=SMALL), "unknown: properties"),
)
def test_each_table_is_exempt_for_the_reason_that_comes_first(
    strategy_required: Decide, case: Case
) -> None:
    """Anyone who reads why a table is exempt acts on it; the wrong reason misleads them."""
    assert case.by(strategy_required) == case.output


def test_the_flag_is_true_in_any_case_and_nothing_else(strategy_required: Decide) -> None:
    """Databricks compares the names of properties with their case, and so does the policy."""
    flags = {("cluster_exclusion", value): "exempt: flag" for value in ON}
    flags |= {("cluster_exclusion", value): "fail" for value in OFF}
    flags |= {(name, "true"): "fail" for name in ("Cluster_Exclusion", " cluster_exclusion")}
    found = {
        (name, value): brief(strategy_required(table(properties={name: value}, size=LARGE)))
        for name, value in flags
    }
    assert found == flags


# What stands in the report


def test_the_exemption_names_the_size_and_the_threshold(strategy_required: Decide) -> None:
    """In bytes too: 1023.9 MiB must not read as 1 GiB."""
    assert reason(strategy_required(table(size=SMALL))) == (
        "It holds 1023.9 MiB (1073741823 bytes),"
        " less than the threshold of 1.0 GiB (1073741824 bytes)."
    )
    assert reason(strategy_required(for_tests(0))) == (
        "It holds 0 bytes, less than the threshold of 1.0 MiB (1048576 bytes)."
    )


def test_the_failure_names_the_size_and_what_to_do(strategy_required: Decide) -> None:
    output = advice(strategy_required(table(size=LARGE)))
    assert "main.sales.orders holds 1.0 GiB (1073741824 bytes)" in output
    assert "ALTER TABLE main.sales.orders CLUSTER BY AUTO" in output


def test_an_exempt_table_says_what_it_would_be(strategy_required: Decide) -> None:
    """Else nobody could count what the exemption hides."""
    assert strategy_required(table(size=SMALL)).would_be is Outcome.FAIL


def test_the_report_counts_it_as_the_policy_does(judge: Judge) -> None:
    """What nobody knows isn't a fact: a report that said "not small" would be guessing."""
    documents = [table(name=f"t{n}", size=size) for n, size in enumerate((SMALL, LARGE, {}))]
    facts = [answer.facts["clustering"] for answer in judge.answers(documents, policies=[POLICY])]
    assert [each.get("small", "unknown") for each in facts] == [True, False, "unknown"]
    assert {each["threshold_bytes"] for each in facts} == {GIB}
