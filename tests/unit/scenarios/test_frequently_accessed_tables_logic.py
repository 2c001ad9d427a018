"""Tables that are read often: liquid clustering, where the settings ask for it.

What is read a thousand times wastes a thousand times what it wastes once.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from lakewarden.model.decision import Missing, Outcome
from tests.unit.scenarios.cases import (
    each_liquid,
)
from tests.unit.scenarios.judging import (
    Decide,
    Judge,
    Refused,
    actual,
    exemptions,
    lacking,
    message,
    reason,
)
from tests.unit.scenarios.tables import (
    AUTO_OPTIMISED,
    EXCLUDED,
    GIB,
    OPTIMIZE_WRITE,
    Json,
    about,
    exactly,
    hidden,
    table,
    unread,
    waiver,
)

pytestmark = pytest.mark.frequently_accessed_tables

OFTEN: Json = {"access": {"reads": 1000, "window_days": 30}}
ASKED: Json = {"require_liquid_for_frequent_reads": True}


@pytest.fixture(scope="module")
def asked(judge: Judge) -> Decide:
    """Return what decides where the settings ask for it."""
    return judge.about("clustering.frequently_read", ASKED)


@pytest.mark.parametrize("access", [{}, {"reads": 10**9}], ids=["unknown", "often"])
def test_unless_the_settings_ask_nobody_counts_reads(frequently_read: Decide, access: Json) -> None:
    """Reads are costly to collect; they are not wanted for nothing."""
    decision = frequently_read(table(access=access))
    assert reason(decision) == "The settings don't require this of frequently read tables."


@pytest.mark.parametrize(
    ("reads", "outcome"),
    [
        (0, Outcome.NOT_APPLICABLE),
        (999, Outcome.NOT_APPLICABLE),
        (1000, Outcome.FAIL),
        (1001, Outcome.FAIL),
        (2**53, Outcome.FAIL),
    ],
)
def test_a_thousand_reads_are_often(asked: Decide, reads: int, outcome: Outcome) -> None:
    assert asked(table(access={"reads": reads})).outcome is outcome


@pytest.mark.parametrize(("often", "outcome"), [(7, Outcome.FAIL), (8, Outcome.NOT_APPLICABLE)])
def test_how_many_are_often_is_a_setting(asked: Decide, often: int, outcome: Outcome) -> None:
    document = table(access={"reads": 7})
    assert asked(document, settings={"frequent_reads": often}).outcome is outcome


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        (0, Outcome.NOT_APPLICABLE),
        (GIB - 1, Outcome.NOT_APPLICABLE),
        (GIB, Outcome.FAIL),
        (GIB + 1, Outcome.FAIL),
    ],
)
def test_a_table_below_1_gib_may_be_read_as_often_as_you_like(
    asked: Decide, size: int, outcome: Outcome
) -> None:
    assert asked(table(size=exactly(size), **OFTEN)).outcome is outcome


def test_from_which_size_on_is_a_setting_of_its_own(asked: Decide) -> None:
    """Other than the threshold from which on a table must be clustered at all."""
    document = table(size=exactly(5), **OFTEN)
    assert asked(document, settings={"frequent_min_bytes": 5}).outcome is Outcome.FAIL
    higher = asked(document, settings={"size_threshold_bytes": 5})
    assert higher.outcome is Outcome.NOT_APPLICABLE
    empty = asked(table(size=exactly(0), **OFTEN), settings={"frequent_min_bytes": 0})
    assert empty.outcome is Outcome.FAIL


@each_liquid
def test_liquid_clustering_is_what_is_asked(asked: Decide, liquid: Json) -> None:
    decision = asked(table(properties=liquid, **OFTEN))
    assert reason(decision) == "It was read 1000 times and has liquid clustering."


@pytest.mark.parametrize(
    ("properties", "instead"),
    [(AUTO_OPTIMISED, "auto-optimise"), (OPTIMIZE_WRITE, "none"), ({}, "none")],
    ids=["auto_optimise", "one_flag", "nothing"],
)
def test_auto_optimise_is_not_enough(
    strategy_required: Decide, asked: Decide, properties: Json, instead: str
) -> None:
    """Although it is enough for tables that are read less often."""
    document = table(properties=properties, **OFTEN)
    decision = asked(document)
    assert (decision.outcome, actual(decision)) == (Outcome.FAIL, {instead})
    if instead != "none":
        assert strategy_required(document).outcome is Outcome.PASS


def test_the_owner_is_told_how_often_and_what_to_do(asked: Decide) -> None:
    said = message(asked(table(**OFTEN)))
    assert (
        "holds 5.0 GiB (5368709120 bytes), was read 1000 times (1000 or more counts as frequent)"
        in said
    )
    assert "ALTER TABLE main.sales.orders CLUSTER BY AUTO" in said


def test_the_flag_does_not_exempt_it_and_a_waiver_does(asked: Decide) -> None:
    """The owner of the table is not the one who pays for all its reads."""
    document = table(properties=EXCLUDED, **OFTEN)
    assert asked(document).outcome is Outcome.FAIL
    waived = asked(document, waivers=[waiver("clustering.frequently_read")])
    assert exemptions(waived) == {"waiver"}


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({}, Missing(kind="access", status="not_requested")),
        (
            unread("access", "denied", "no SELECT on system.access"),
            Missing(kind="access", status="denied", reason="no SELECT on system.access"),
        ),
    ],
    ids=["not_requested", "denied"],
)
def test_unknown_reads_are_not_few(asked: Decide, evidence: Json, said: Missing) -> None:
    decision = asked(table(access={}, evidence=evidence))
    assert (decision.outcome, decision.missing) == (Outcome.UNKNOWN, (said,))


def test_reads_are_asked_for_before_the_size(asked: Decide) -> None:
    """Reads cost one query for all tables, and sizes a statement each."""
    assert lacking(asked(table(access={}, size={}))) == {"access"}


@pytest.mark.parametrize("reads", [None, -1, "1000", 1.5], ids=repr)
def test_what_is_no_count_is_refused(asked: Decide, reads: object) -> None:
    with pytest.raises(Refused, match=r"at `\$\.access\.reads`"):
        asked(table(access={"reads": reads}))


@pytest.mark.parametrize("reads", [None, False, "1000", []], ids=repr)
def test_should_it_come_through_all_the_same_it_is_not_few(asked: Decide, reads: object) -> None:
    """In Rego null is less than any number, and a table read by null would be left alone."""
    assert lacking(asked(table(access={"reads": reads}), checked=False)) == {"access"}


def test_the_size_of_what_is_read_often_must_be_known(asked: Decide) -> None:
    for size in ({}, about(GIB), about(GIB // 2), about(1, old=timedelta(days=8))):
        assert lacking(asked(table(size=size, **OFTEN))) == {"size"}


def test_what_is_not_read_often_needs_no_size_and_what_is_small_no_reads(asked: Decide) -> None:
    """Either is enough to let the table alone, and nothing is fetched unnecessarily."""
    seldom = table(size={}, access={"reads": 1})
    small = table(size=exactly(1), access={})
    for document in (seldom, small):
        assert asked(document).outcome is Outcome.NOT_APPLICABLE


def test_properties_that_nobody_read_leave_it_open(asked: Decide) -> None:
    assert lacking(asked(hidden(**OFTEN))) == {"properties"}
    told = hidden(**OFTEN, detail={"clustering_columns": ["city"]})
    assert asked(told).outcome is Outcome.PASS


def test_some_tables_may_be_asked_alone(frequently_read: Decide) -> None:
    settings = {"overrides": [{"tables": "main.sales.*", **ASKED}]}
    decision = frequently_read(table(**OFTEN), settings=settings)
    assert (decision.outcome, decision.override) == (Outcome.FAIL, "main.sales.*")
    other = frequently_read(table(schema="attic", **OFTEN), settings=settings)
    assert other.outcome is Outcome.NOT_APPLICABLE
