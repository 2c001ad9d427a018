"""Large tables: a strategy or a reason on record, and partitions for the very largest only.

Every query of a large table without them reads files that hold nothing it asks for.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Enforcement, Outcome
from tests.unit.scenarios.cases import (
    each_kind,
    each_liquid,
    each_size,
    each_strategy,
)
from tests.unit.scenarios.judging import (
    Decide,
    Judge,
    excused_as_small,
    exemptions,
    lacking,
    message,
    reason,
)
from tests.unit.scenarios.tables import (
    EXCLUDED,
    GIB,
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


# Every large table has a strategy, or a reason


@pytest.mark.parametrize("size", [GIB, GIB + 1, TIB, 2**62], ids=lambda size: f"{size} bytes")
@each_kind
def test_a_large_table_of_any_kind_must_be_clustered(
    strategy_required: Decide, table_type: str, data_source_format: str, size: int
) -> None:
    document = table(
        table_type=table_type, data_source_format=data_source_format, size=exactly(size)
    )
    assert strategy_required(document).outcome is Outcome.FAIL


def test_its_failure_ends_a_build(judge: Judge) -> None:
    """An advice would be read by nobody."""
    [policy] = judge.rules(["clustering.strategy_required"]).policies
    assert policy.enforcement is Enforcement.MANDATORY


def test_the_owner_is_told_what_it_holds_and_what_to_do(strategy_required: Decide) -> None:
    assert message(strategy_required(table())) == (
        "main.sales.orders holds 5.0 GiB (5368709120 bytes) and has no clustering strategy, so"
        " queries read files they don't need. Use ALTER TABLE main.sales.orders CLUSTER BY"
        " AUTO, or CLUSTER BY with its keys."
    )


def test_a_name_that_needs_quotes_has_them_in_the_statement(strategy_required: Decide) -> None:
    said = message(strategy_required(table(schema="Sales EU", name="or`ders")))
    assert "ALTER TABLE main.`Sales EU`.`or``ders` CLUSTER BY AUTO" in said


@each_strategy
def test_any_strategy_will_do(strategy_required: Decide, strategy: Json) -> None:
    assert strategy_required(table(properties=strategy)).outcome is Outcome.PASS


def test_a_reason_on_record_will_do(strategy_required: Decide) -> None:
    """It stays visible what the table would be without it."""
    flagged = strategy_required(table(properties=EXCLUDED))
    waived = strategy_required(table(), waivers=[waiver("clustering.strategy_required")])
    assert (exemptions(flagged), flagged.would_be) == ({"flag"}, Outcome.FAIL)
    assert (exemptions(waived), waived.would_be) == ({"waiver"}, Outcome.FAIL)


def test_the_waiver_says_who_agreed_and_until_when(strategy_required: Decide) -> None:
    waivers = [waiver("clustering.strategy_required", ticket="GOV-7")]
    [exemption] = strategy_required(table(), waivers=waivers).exemptions
    said = (exemption.approved_by, exemption.ticket, exemption.expires)
    assert said == ("governance", "GOV-7", "2027-06-30")


def test_a_waiver_holds_through_its_last_day(strategy_required: Decide) -> None:
    waivers = [waiver("clustering.strategy_required", expires="2026-11-23")]
    last = strategy_required(table(), waivers=waivers, now="2026-11-23T23:59:59Z")
    after = strategy_required(table(), waivers=waivers, now="2026-11-24T00:00:00Z")
    assert (last.outcome, after.outcome) == (Outcome.EXEMPT, Outcome.FAIL)


def test_what_is_large_is_a_setting(strategy_required: Decide) -> None:
    document = table(size=exactly(5 * GIB))
    settings = {"size_threshold_bytes": 5 * GIB + 1}
    assert excused_as_small(strategy_required(document, settings=settings))


def test_partitions_are_no_strategy(strategy_required: Decide) -> None:
    """Not even those of a table so large that it may keep them."""
    decision = strategy_required(table(size=exactly(TIB), **PARTITIONED))
    assert "REPLACE PARTITIONED BY WITH CLUSTER BY AUTO" in message(decision)


# Partitions


@pytest.mark.parametrize("partitions", [PARTITIONED, BY_COLUMNS], ids=["details", "columns"])
@pytest.mark.parametrize(
    ("size", "outcome"),
    [(0, Outcome.FAIL), (TIB - 1, Outcome.FAIL), (TIB, Outcome.PASS), (TIB + 1, Outcome.PASS)],
)
def test_partitions_are_for_tables_of_1_tib_and_more(
    partitioned_table: Decide, partitions: Json, size: int, outcome: Outcome
) -> None:
    assert partitioned_table(table(size=exactly(size), **partitions)).outcome is outcome


@pytest.mark.parametrize("partitions", [PARTITIONED, BY_COLUMNS], ids=["details", "columns"])
def test_the_owner_of_a_partitioned_table_is_told_by_what(
    partitioned_table: Decide, partitions: Json
) -> None:
    said = message(partitioned_table(table(**partitions)))
    assert "is partitioned by ordered_on but holds only 5.0 GiB" in said
    assert "Convert it with ALTER TABLE main.sales.orders REPLACE PARTITIONED BY" in said


def test_from_which_size_on_is_a_setting(partitioned_table: Decide) -> None:
    document = table(size=exactly(5), **PARTITIONED)
    at = partitioned_table(document, settings={"partition_min_bytes": 5})
    above = partitioned_table(document, settings={"partition_min_bytes": 6})
    assert (at.outcome, above.outcome) == (Outcome.PASS, Outcome.FAIL)


@each_size
@each_liquid
def test_no_table_is_partitioned_and_clustered(
    partitioned_table: Decide, liquid: Json, size: Json
) -> None:
    """Whatever its size: one of the two is not what the table really has."""
    decision = partitioned_table(table(properties=liquid, size=size, **PARTITIONED))
    assert "a table can't have both" in message(decision)


def test_a_table_without_partitions_is_not_concerned(partitioned_table: Decide) -> None:
    for document in (table(), table(columns=[]), table(detail={"partition_columns": []})):
        assert reason(partitioned_table(document)) == "It isn't partitioned."


def test_the_partitions_of_an_iceberg_table_are_its_keys(partitioned_table: Decide) -> None:
    decision = partitioned_table(table(data_source_format="ICEBERG", **PARTITIONED))
    assert decision.outcome is Outcome.NOT_APPLICABLE


def test_nobody_knows_of_partitions_without_columns_or_details(partitioned_table: Decide) -> None:
    assert lacking(partitioned_table(without(table(), "columns"))) == {"columns"}


@pytest.mark.parametrize(
    "size",
    [{}, about(TIB // 2), about(TIB), about(2 * TIB)],
    ids=["unknown", "lower_edge", "limit", "upper_edge"],
)
def test_a_partitioned_table_of_a_size_in_doubt_is_undecided(
    partitioned_table: Decide, size: Json
) -> None:
    assert lacking(partitioned_table(table(size=size, **PARTITIONED))) == {"size"}


def test_a_partitioned_table_whose_properties_nobody_read_may_be_clustered(
    partitioned_table: Decide,
) -> None:
    assert lacking(partitioned_table(hidden(**PARTITIONED))) == {"properties"}
