"""Tables that their owner excludes: excused alone up to a size, and with somebody's word above it.

The flag is one line of SQL. Without a second pair of eyes the largest tables would be the first to
be excused.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import (
    each_idle_waiver,
    each_spelling_of_off,
    each_spelling_of_on,
    each_strategy,
)
from tests.unit.scenarios.judging import Decide, actual, exemptions, lacking, message, reason
from tests.unit.scenarios.tables import (
    EXCLUDED,
    GIB,
    Json,
    about,
    exactly,
    hidden,
    table,
    waiver,
    without,
)

pytestmark = pytest.mark.manual_exclusion

REVIEW = 100 * GIB
VERY_LARGE = table(properties=EXCLUDED, size=exactly(2 * REVIEW))
REQUIRED = "clustering.strategy_required"
TAGGED = {"exclusion_approval_tag": "exclusion_agreed"}


# The flag excuses


def test_the_flag_exempts_a_large_table(strategy_required: Decide) -> None:
    decision = strategy_required(table(properties=EXCLUDED))
    assert (decision.outcome, exemptions(decision)) == (Outcome.EXEMPT, {"flag"})
    assert reason(decision) == "Its owner set the table property cluster_exclusion."


def test_it_says_what_the_table_would_be_without_it(strategy_required: Decide) -> None:
    assert strategy_required(table(properties=EXCLUDED)).would_be is Outcome.FAIL


def test_where_it_is_not_honoured_it_exempts_nothing(
    strategy_required: Decide, exclusion_justified: Decide
) -> None:
    """And nobody is asked to justify what has no effect."""
    settings = {"honor_exclusion_flag": False}
    assert strategy_required(VERY_LARGE, settings=settings).outcome is Outcome.FAIL
    assert exclusion_justified(VERY_LARGE, settings=settings).outcome is Outcome.NOT_APPLICABLE


def test_it_may_not_be_honoured_for_some_tables_alone(strategy_required: Decide) -> None:
    """As in the schema that everybody queries."""
    settings = {"overrides": [{"tables": "main.sales.*", "honor_exclusion_flag": False}]}
    decision = strategy_required(table(properties=EXCLUDED), settings=settings)
    assert (decision.outcome, decision.override) == (Outcome.FAIL, "main.sales.*")
    other = strategy_required(table(schema="attic", properties=EXCLUDED), settings=settings)
    assert other.outcome is Outcome.EXEMPT


@each_spelling_of_on
def test_every_policy_reads_the_flag_alike_where_it_is_on(
    strategy_required: Decide,
    exclusion_justified: Decide,
    no_exclusion_conflict: Decide,
    value: str,
) -> None:
    document = table(properties={"cluster_exclusion": value}, size=exactly(REVIEW))
    assert strategy_required(document).outcome is Outcome.EXEMPT
    assert exclusion_justified(document).outcome is Outcome.FAIL
    assert no_exclusion_conflict(document).outcome is Outcome.PASS


@each_spelling_of_off
def test_every_policy_reads_the_flag_alike_where_it_is_off(
    strategy_required: Decide,
    exclusion_justified: Decide,
    no_exclusion_conflict: Decide,
    value: str,
) -> None:
    document = table(properties={"cluster_exclusion": value}, size=exactly(REVIEW))
    assert strategy_required(document).outcome is Outcome.FAIL
    assert exclusion_justified(document).outcome is Outcome.NOT_APPLICABLE
    assert no_exclusion_conflict(document).outcome is Outcome.NOT_APPLICABLE


def test_another_name_for_it_is_read_by_every_policy(
    strategy_required: Decide, exclusion_justified: Decide
) -> None:
    settings = {"exclusion_property": "team.no_clustering"}
    document = table(properties={"team.no_clustering": "true"}, size=exactly(REVIEW))
    assert strategy_required(document, settings=settings).outcome is Outcome.EXEMPT
    assert "only by its own property team.no_clustering" in message(
        exclusion_justified(document, settings=settings)
    )


# From 100 GiB on somebody else has to agree


@pytest.mark.parametrize(
    ("size", "outcome"),
    [(0, Outcome.PASS), (REVIEW - 1, Outcome.PASS), (REVIEW, Outcome.FAIL), (2**53, Outcome.FAIL)],
)
def test_up_to_100_gib_the_owner_decides_alone(
    exclusion_justified: Decide, size: int, outcome: Outcome
) -> None:
    document = table(properties=EXCLUDED, size=exactly(size))
    assert exclusion_justified(document).outcome is outcome


def test_what_lacks_agreement_names_the_ways_to_it(exclusion_justified: Decide) -> None:
    alone = message(exclusion_justified(VERY_LARGE))
    assert "holds 200.0 GiB (214748364800 bytes)" in alone
    assert "from 100.0 GiB (107374182400 bytes) upwards" in alone
    assert "needs approval: an active waiver for clustering.strategy_required." in alone
    assert "UNSET TBLPROPERTIES ('cluster_exclusion')" in alone
    or_by_tag = message(exclusion_justified(VERY_LARGE | {"tags": {}}, settings=TAGGED))
    assert "or the tag exclusion_agreed" in or_by_tag


def test_it_stays_exempt_until_somebody_decides(
    strategy_required: Decide, exclusion_justified: Decide
) -> None:
    """The two policies together: excused, and named as not agreed."""
    assert strategy_required(VERY_LARGE).outcome is Outcome.EXEMPT
    assert actual(exclusion_justified(VERY_LARGE)) == {"only the table's own property"}


def test_a_waiver_of_the_strategy_is_agreement(exclusion_justified: Decide) -> None:
    decision = exclusion_justified(VERY_LARGE, waivers=[waiver(REQUIRED)])
    assert reason(decision) == "An active waiver covers clustering.strategy_required."


@each_idle_waiver
def test_a_waiver_that_does_not_hold_is_none(
    exclusion_justified: Decide, other: dict[str, str]
) -> None:
    waivers = [waiver(**({"policy": REQUIRED} | other))]
    assert exclusion_justified(VERY_LARGE, waivers=waivers).outcome is Outcome.FAIL


def test_a_waiver_of_this_very_policy_is_an_exemption(exclusion_justified: Decide) -> None:
    waivers = [waiver("clustering.exclusion_justified")]
    decision = exclusion_justified(VERY_LARGE, waivers=waivers)
    assert (exemptions(decision), decision.would_be) == ({"waiver"}, Outcome.FAIL)


@pytest.mark.parametrize(
    ("tags", "outcome"),
    [
        ({"exclusion_agreed": "GOV-7"}, Outcome.PASS),
        ({"exclusion_agreed": ""}, Outcome.PASS),
        ({"Exclusion_Agreed": "GOV-7"}, Outcome.FAIL),
        ({"agreed": "exclusion_agreed"}, Outcome.FAIL),
        ({}, Outcome.FAIL),
    ],
    ids=str,
)
def test_the_tag_is_agreement_whatever_its_value(
    exclusion_justified: Decide, tags: Json, outcome: Outcome
) -> None:
    document = VERY_LARGE | {"tags": tags}
    assert exclusion_justified(document, settings=TAGGED).outcome is outcome


@pytest.mark.parametrize("tags", [{"exclusion_agreed": "GOV-7"}, {"": "GOV-7"}], ids=str)
def test_without_a_tag_in_the_settings_no_tag_is_agreement(
    exclusion_justified: Decide, tags: Json
) -> None:
    assert exclusion_justified(VERY_LARGE | {"tags": tags}).outcome is Outcome.FAIL


# What nobody knows


@pytest.mark.parametrize(
    "size",
    [{}, about(REVIEW // 2), about(REVIEW - 1), about(1, old=timedelta(days=8))],
    ids=["unknown", "at_the_band", "in_the_band", "too_old"],
)
def test_a_size_in_doubt_is_asked_for(exclusion_justified: Decide, size: Json) -> None:
    assert lacking(exclusion_justified(table(properties=EXCLUDED, size=size))) == {"size"}


def test_tags_are_asked_for_only_where_one_could_decide(exclusion_justified: Decide) -> None:
    untold = without(VERY_LARGE, "tags")
    assert lacking(exclusion_justified(untold, settings=TAGGED)) == {"tags"}
    below = table(properties=EXCLUDED, size=exactly(REVIEW - 1))
    assert exclusion_justified(below, settings=TAGGED).outcome is Outcome.PASS


@pytest.mark.parametrize("setting", [{}, TAGGED], ids=["waiver_alone", "waiver_or_tag"])
def test_with_agreement_nobody_asks_for_size_or_tags(
    exclusion_justified: Decide, setting: Json
) -> None:
    waived = [waiver(REQUIRED)]
    for document in (VERY_LARGE, table(properties=EXCLUDED, size={})):
        decision = exclusion_justified(document, settings=setting, waivers=waived)
        assert decision.outcome is Outcome.PASS


def test_properties_that_nobody_read_leave_it_open(exclusion_justified: Decide) -> None:
    assert lacking(exclusion_justified(hidden())) == {"properties"}


@each_strategy
def test_a_clustered_table_needs_no_agreement(exclusion_justified: Decide, strategy: Json) -> None:
    """Its exclusion excuses nothing; that the two contradict each other is another policy's."""
    document = table(properties=EXCLUDED | strategy, size=exactly(REVIEW))
    assert exclusion_justified(document).outcome is Outcome.NOT_APPLICABLE
