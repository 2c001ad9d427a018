"""Tables that are read often: liquid clustering, where the settings ask for it.

What is read a thousand times wastes a thousand times what it wastes once.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Missing
from tests.unit.scenarios.cases import LIQUID, Case, case, cases
from tests.unit.scenarios.judging import (
    Decide,
    Judge,
    Refused,
    actual,
    advice,
    brief,
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

ASKED: Json = {"require_liquid_for_frequent_reads": True}


def often(size: int | Json = 5 * GIB, **fields: object) -> Json:
    """Return a table that is read often; an exact size may be given in bytes alone."""
    known = exactly(size) if isinstance(size, int) else size
    return table(access={"reads": 1000, "window_days": 30}, size=known) | fields


def read(times: int) -> Json:
    """Return a large table that was read so often."""
    return table(access={"reads": times})


@pytest.fixture(scope="module")
def asked(judge: Judge) -> Decide:
    """Return what decides where the settings ask for it."""
    return judge.about("clustering.frequently_read", ASKED)


@cases(
    read_999_times=case(read(999), "not_applicable"),
    read_1000_times=case(read(1000), "fail"),
    often_enough_for_a_setting=case(read(7), "fail", frequent_reads=7),
    one_byte_below_1_gib=case(often(GIB - 1), "not_applicable"),
    exactly_1_gib=case(often(GIB), "fail"),
    at_a_size_of_ones_own=case(often(5), "fail", frequent_min_bytes=5),
    at_the_threshold_of_all_tables=case(often(5), "not_applicable", size_threshold_bytes=5),
    empty_where_size_does_not_matter=case(often(0), "fail", frequent_min_bytes=0),
    clustered_by_keys=case(often(properties=LIQUID[0]), "pass"),
    clustered_by_auto=case(often(properties=LIQUID[1]), "pass"),
    auto_optimised=case(often(properties=AUTO_OPTIMISED), "fail"),
    excluded=case(often(properties=EXCLUDED), "fail"),
    waived=case(often(), "exempt: waiver", waivers=[waiver("clustering.frequently_read")]),
    reads_that_nobody_counted=case(table(access={}), "unknown: access"),
    of_unknown_size=case(often(size={}), "unknown: size"),
    of_a_size_in_doubt=case(often(size=about(GIB // 2)), "unknown: size"),
    seldom_and_of_unknown_size=case(table(size={}, access={"reads": 1}), "not_applicable"),
    small_and_uncounted=case(table(size=exactly(1), access={}), "not_applicable"),
    properties_that_nobody_read=case(hidden(access={"reads": 1000}), "unknown: properties"),
)
def test_a_large_table_that_is_read_often_needs_liquid_clustering(
    asked: Decide, case: Case
) -> None:
    """Either is enough to leave a table alone, and nothing is fetched unnecessarily.

    The flag exempts none: the owner of the table isn't the one who pays for all its reads.
    """
    assert case.by(asked) == case.output


def test_unless_the_settings_ask_nobody_counts_reads(frequently_read: Decide) -> None:
    """Reads are costly to collect; they aren't wanted for nothing."""
    for document in (table(access={}), read(10**9)):
        output = "The settings don't require this of frequently read tables."
        assert reason(frequently_read(document)) == output


def test_some_tables_may_be_asked_alone(frequently_read: Decide) -> None:
    settings = {"overrides": [{"tables": "main.sales.*", **ASKED}]}
    decision = frequently_read(often(), settings=settings)
    assert (brief(decision), decision.override) == ("fail", "main.sales.*")
    other = frequently_read(table(schema="attic", access={"reads": 1000}), settings=settings)
    assert brief(other) == "not_applicable"


def test_the_owner_is_told_how_often_and_what_to_do(asked: Decide) -> None:
    output = advice(asked(often()))
    assert "holds 5.0 GiB (5368709120 bytes), was read 1000 times (1000 or more counts as" in output
    assert "ALTER TABLE main.sales.orders CLUSTER BY AUTO" in output
    clustered = reason(asked(often(properties=LIQUID[0])))
    assert clustered == "It was read 1000 times and has liquid clustering."
    assert actual(asked(often(properties=AUTO_OPTIMISED))) == {"auto-optimise"}
    assert actual(asked(often(properties=OPTIMIZE_WRITE))) == {"none"}


def test_unknown_reads_say_why_they_are_not_known(asked: Decide) -> None:
    assert asked(table(access={})).missing == (Missing(kind="access", status="not_requested"),)
    denied = table(access={}, evidence=unread("access", "denied", "no SELECT on system.access"))
    assert asked(denied).missing == (
        Missing(kind="access", status="denied", reason="no SELECT on system.access"),
    )


def test_what_is_no_count_is_refused_and_never_few(asked: Decide) -> None:
    """In Rego null is less than any number, and a table read by null would be left alone."""
    values: tuple[object, ...] = (None, False, "1000", [])
    for reads in values:
        with pytest.raises(Refused, match=r"at `\$\.access\.reads`"):
            asked(table(access={"reads": reads}))
        decision = asked(table(access={"reads": reads}), checked=False)
        assert brief(decision) == "unknown: access", reads
