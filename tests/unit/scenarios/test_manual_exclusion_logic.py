"""Tables that their owner excludes: alone up to a size, and with somebody's word above it.

The flag is one line of SQL. Without a second pair of eyes the largest tables would be the first to
be exempt.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.cases import IDLE_WAIVERS, LIQUID, OFF, ON, Case, case, cases
from tests.unit.scenarios.judging import Decide, actual, advice, brief, message, reason
from tests.unit.scenarios.tables import (
    AUTO_OPTIMISED,
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
AGREED = [waiver(REQUIRED)]
BY_TAG: Json = {"exclusion_approval_tag": "exclusion_agreed"}


def excluded(size: Json, **fields: object) -> Json:
    """Return an excluded table of a size."""
    return table(properties=EXCLUDED, size=size) | fields


def tagged(**tags: str) -> Json:
    """Return a very large excluded table with tags."""
    return VERY_LARGE | {"tags": tags}


# The flag exempts


def test_the_flag_exempts_a_large_table_and_says_what_it_would_be(
    strategy_required: Decide,
) -> None:
    decision = strategy_required(table(properties=EXCLUDED))
    assert (brief(decision), decision.would_be) == ("exempt: flag", Outcome.FAIL)
    assert reason(decision) == "Its owner set the table property cluster_exclusion."


def test_it_may_not_be_honoured_for_some_tables_alone(strategy_required: Decide) -> None:
    """As in the schema that everybody queries."""
    settings = {"overrides": [{"tables": "main.sales.*", "honor_exclusion_flag": False}]}
    decision = strategy_required(table(properties=EXCLUDED), settings=settings)
    assert (decision.outcome, decision.override) == (Outcome.FAIL, "main.sales.*")
    other = strategy_required(table(schema="attic", properties=EXCLUDED), settings=settings)
    assert other.outcome is Outcome.EXEMPT


def test_every_policy_reads_the_flag_alike(
    strategy_required: Decide, exclusion_justified: Decide, no_exclusion_conflict: Decide
) -> None:
    policies = (strategy_required, exclusion_justified, no_exclusion_conflict)
    expected = dict.fromkeys(ON, "exempt: flag | fail | pass")
    expected |= dict.fromkeys(OFF, "fail | not_applicable | not_applicable")
    found = {}
    for value in expected:
        document = table(properties={"cluster_exclusion": value}, size=exactly(REVIEW))
        found[value] = case(document, "").by(*policies)
    assert found == expected


# From 100 GiB on somebody else has to agree


@cases(
    one_byte_below_100_gib=case(excluded(exactly(REVIEW - 1)), "exempt: flag | pass"),
    exactly_100_gib=case(excluded(exactly(REVIEW)), "exempt: flag | fail"),
    where_it_is_not_honoured=case(VERY_LARGE, "fail | not_applicable", honor_exclusion_flag=False),
    by_another_name=case(
        table(properties={"team.no": "true"}, size=exactly(REVIEW)),
        "exempt: flag | fail",
        exclusion_property="team.no",
    ),
    waived=case(VERY_LARGE, "exempt: flag | pass", waivers=AGREED),
    waived_from_agreement=case(
        VERY_LARGE,
        "exempt: flag | exempt: waiver",
        waivers=[waiver("clustering.exclusion_justified")],
    ),
    tagged=case(tagged(exclusion_agreed=""), "exempt: flag | pass", **BY_TAG),
    tagged_in_another_case=case(tagged(Exclusion_Agreed="GOV-7"), "exempt: flag | fail", **BY_TAG),
    tagged_where_no_tag_is_agreement=case(tagged(exclusion_agreed="x"), "exempt: flag | fail"),
    of_unknown_size=case(excluded({}), "exempt: flag | unknown: size"),
    of_a_size_in_doubt=case(excluded(about(REVIEW // 2)), "exempt: flag | unknown: size"),
    of_unknown_tags=case(without(VERY_LARGE, "tags"), "exempt: flag | unknown: tags", **BY_TAG),
    of_unknown_size_and_waived=case(excluded({}), "exempt: flag | pass", waivers=AGREED),
    properties_that_nobody_read=case(hidden(), "unknown: properties | unknown: properties"),
)
def test_from_100_gib_on_somebody_else_has_to_agree(
    strategy_required: Decide, exclusion_justified: Decide, case: Case
) -> None:
    """The table stays exempt until somebody decides; the second policy names it as not agreed."""
    assert case.by(strategy_required, exclusion_justified) == case.output


def test_a_waiver_that_does_not_hold_is_no_agreement(exclusion_justified: Decide) -> None:
    for other in IDLE_WAIVERS:
        waivers = [waiver(**({"policy": REQUIRED} | other))]
        assert exclusion_justified(VERY_LARGE, waivers=waivers).outcome is Outcome.FAIL, other


def test_what_lacks_agreement_names_the_ways_to_it(exclusion_justified: Decide) -> None:
    decision = exclusion_justified(VERY_LARGE)
    assert actual(decision) == {"only the table's own property"}
    alone = message(decision)
    assert "holds 200.0 GiB (214748364800 bytes)" in alone
    assert "from 100.0 GiB (107374182400 bytes) upwards" in alone
    assert "needs approval: an active waiver for clustering.strategy_required." in alone
    assert "UNSET TBLPROPERTIES ('cluster_exclusion')" in advice(decision)
    or_by_tag = message(exclusion_justified(tagged(), settings=BY_TAG))
    assert "or the tag exclusion_agreed" in or_by_tag


def test_a_clustered_table_needs_no_agreement(exclusion_justified: Decide) -> None:
    """Its exclusion exempts nothing; that the two contradict each other is another policy's."""
    for strategy in (*LIQUID, AUTO_OPTIMISED):
        document = table(properties=EXCLUDED | strategy, size=exactly(REVIEW))
        assert exclusion_justified(document).outcome is Outcome.NOT_APPLICABLE
