"""Large tables: a strategy or a reason on record, and partitions for the very largest only.

Every query of a large table without them reads files that hold nothing it asks for.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Enforcement, Outcome
from tests.unit.scenarios.cases import LIQUID, Case, case, cases
from tests.unit.scenarios.judging import Decide, Judge, advice, exemptions, message, reason
from tests.unit.scenarios.tables import (
    AUTO_OPTIMISED,
    EXCLUDED,
    GIB,
    KINDS,
    TIB,
    Json,
    about,
    column,
    exactly,
    hidden,
    table,
    waiver,
    without,
)

pytestmark = pytest.mark.large_tables_must_cluster

PARTITIONED: Json = {"detail": {"partition_columns": ["ordered_on"]}}
BY_COLUMNS: Json = {"columns": [column("ordered_on", "date", partition_index=0), column("city")]}
REQUIRED = "clustering.strategy_required"


def partitioned(size: Json, **fields: object) -> Json:
    """Return a partitioned table of a size."""
    return table(size=size, **PARTITIONED) | fields


# Every large table has a strategy, or a reason


def test_a_large_table_of_any_kind_must_be_clustered(strategy_required: Decide) -> None:
    for kind in KINDS:
        for size in (GIB, TIB, 2**62):
            decision = strategy_required(table(size=exactly(size), **kind))
            assert decision.outcome is Outcome.FAIL, (kind, size)


def test_its_failure_ends_a_build(judge: Judge) -> None:
    """An advice would be read by nobody."""
    [policy] = judge.rules([REQUIRED]).policies
    assert policy.enforcement is Enforcement.MANDATORY


def test_the_owner_is_told_what_it_holds_and_what_to_do(strategy_required: Decide) -> None:
    decision = strategy_required(table(schema="Sales EU", name="or`ders"))
    assert "ALTER TABLE main.`Sales EU`.`or``ders` CLUSTER BY AUTO" in advice(decision)
    assert message(decision) == (
        "main.`Sales EU`.`or``ders` holds 5.0 GiB (5368709120 bytes) and has no clustering"
        " strategy, so queries read files they don't need."
    )


@cases(
    keys=case(table(properties=LIQUID[0]), "pass"),
    auto=case(table(properties=LIQUID[1]), "pass"),
    auto_optimised=case(table(properties=AUTO_OPTIMISED), "pass"),
    partitions=case(partitioned(exactly(TIB)), "fail"),
    excluded=case(table(properties=EXCLUDED), "exempt: flag"),
    waived=case(table(), "exempt: waiver", waivers=[waiver(REQUIRED)]),
    below_another_threshold=case(table(), "exempt: rule", size_threshold_bytes=5 * GIB + 1),
)
def test_any_strategy_will_do_and_so_will_a_reason_on_record(
    strategy_required: Decide, case: Case
) -> None:
    """Partitions are no strategy, not even those of a table so large that it may keep them."""
    assert case.by(strategy_required) == case.output


def test_an_exempt_table_stays_visible_as_what_it_would_be(strategy_required: Decide) -> None:
    waived = strategy_required(table(), waivers=[waiver(REQUIRED, ticket="GOV-7")])
    [exemption] = waived.exemptions
    output = (exemption.approved_by, exemption.ticket, exemption.expires)
    assert output == ("governance", "GOV-7", "2027-06-30")
    assert waived.would_be is Outcome.FAIL
    assert strategy_required(table(properties=EXCLUDED)).would_be is Outcome.FAIL


def test_a_waiver_holds_through_its_last_day(strategy_required: Decide) -> None:
    waivers = [waiver(REQUIRED, expires="2026-11-23")]
    last = strategy_required(table(), waivers=waivers, now="2026-11-23T23:59:59Z")
    after = strategy_required(table(), waivers=waivers, now="2026-11-24T00:00:00Z")
    assert (exemptions(last), after.outcome) == ({"waiver"}, Outcome.FAIL)


# Partitions


@cases(
    one_byte_below_1_tib=case(partitioned(exactly(TIB - 1)), "fail"),
    exactly_1_tib=case(partitioned(exactly(TIB)), "pass"),
    by_columns_below=case(table(size=exactly(TIB - 1), **BY_COLUMNS), "fail"),
    by_columns_at=case(table(size=exactly(TIB), **BY_COLUMNS), "pass"),
    at_a_limit_of_ones_own=case(partitioned(exactly(5)), "pass", partition_min_bytes=5),
    iceberg=case(partitioned(exactly(5), data_source_format="ICEBERG"), "not_applicable"),
    without_columns_or_details=case(without(table(), "columns"), "unknown: columns"),
    of_unknown_size=case(partitioned({}), "unknown: size"),
    of_a_size_in_doubt=case(partitioned(about(TIB // 2)), "unknown: size"),
    of_unread_properties=case(hidden(**PARTITIONED), "unknown: properties"),
)
def test_partitions_are_for_tables_of_1_tib_and_more(partitioned_table: Decide, case: Case) -> None:
    assert case.by(partitioned_table) == case.output


def test_the_owner_of_a_partitioned_table_is_told_by_what(partitioned_table: Decide) -> None:
    for partitions in (PARTITIONED, BY_COLUMNS):
        output = advice(partitioned_table(table(**partitions)))
        assert "is partitioned by ordered_on but holds only 5.0 GiB" in output
        assert "ALTER TABLE main.sales.orders REPLACE PARTITIONED BY" in output


def test_no_table_is_partitioned_and_clustered(partitioned_table: Decide) -> None:
    """Whatever its size: one of the two is not what the table really has."""
    for liquid in LIQUID:
        for size in ({}, exactly(0), exactly(TIB)):
            decision = partitioned_table(partitioned(size, properties=liquid))
            assert "a table can't have both" in message(decision)


def test_it_does_not_apply_to_a_table_without_partitions(partitioned_table: Decide) -> None:
    for document in (table(), table(columns=[]), table(detail={"partition_columns": []})):
        assert reason(partitioned_table(document)) == "It isn't partitioned."
