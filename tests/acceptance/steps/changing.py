"""When: the same tables, judged again where something is different."""

from __future__ import annotations

from typing import Final

from pytest_bdd import when

from tests.acceptance.steps.estate import Estate
from tests.acceptance.steps.replays import Replays
from tests.acceptance.steps.table import STRATEGY, Table

FREQUENTLY: Final = "clustering.frequently_read"


@when("the threshold is set to exactly its size", target_fixture="changed")
def threshold_at_its_size(largest: Table, replays: Replays) -> Estate:
    return replays.under(
        STRATEGY, size_threshold_bytes=largest.bytes, test_size_threshold_bytes=largest.bytes
    )


@when("small tables are exempted no longer", target_fixture="changed")
def no_exemption(replays: Replays) -> Estate:
    return replays.under(STRATEGY, exempt_small_tables=False)


@when("nobody knows the size of any table", target_fixture="changed")
def no_sizes(replays: Replays) -> Estate:
    return replays.sizes_unknown(STRATEGY)


@when("the settings honour no exclusion", target_fixture="changed")
def no_exclusions(replays: Replays) -> Estate:
    return replays.under(STRATEGY, honor_exclusion_flag=False)


@when("liquid clustering is asked of all that is read often", target_fixture="changed")
def asked_of_frequently_read(replays: Replays) -> Estate:
    return replays.under(FREQUENTLY, require_liquid_for_frequent_reads=True, frequent_min_bytes=0)
