"""Given: which tables a scenario is about."""

from __future__ import annotations

from typing import Final

from pytest_bdd import given

from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.judging import chosen
from tests.acceptance.steps.table import Table
from tests.support.oracle import strategies
from tests.support.oracle.key_standard import keys_follow_standard

PROPERTIES: Final = ("properties",)
SIZE: Final = ("size",)
BOTH: Final = (*PROPERTIES, *SIZE)


@given("the tables that were evaluated", target_fixture="tables")
def evaluated(estate: Estate) -> Tables:
    return chosen(estate, "was evaluated", lambda _: True)


@given("the tables that can be clustered", target_fixture="tables")
def clusterable(estate: Estate) -> Tables:
    return chosen(estate, "can be clustered", lambda table: table.clusterable)


# --- by what clusters them -----------------------------------------------------------------------


@given("the tables that are clustered by keys", target_fixture="tables")
def keyed(estate: Estate) -> Tables:
    return chosen(estate, "is clustered by keys", lambda table: table.keyed, lacks=PROPERTIES)


@given("the tables that are clustered by keys, or may be", target_fixture="tables")
def perhaps_keyed(estate: Estate) -> Tables:
    return chosen(
        estate, "is clustered by keys", lambda table: table.keyed or table.clusterable_and_unread
    )


@given("the tables that name clustering keys, well or badly", target_fixture="tables")
def naming_keys(estate: Estate) -> Tables:
    def names_keys(table: Table) -> bool:
        keys = strategies.keys_of(table.case)
        return table.clusterable and bool(keys.parts or not keys.readable)

    return chosen(estate, "names clustering keys", names_keys, lacks=PROPERTIES)


@given("the tables that leave their keys to Databricks", target_fixture="tables")
def automatic(estate: Estate) -> Tables:
    return chosen(estate, "leaves its keys to Databricks", _is_automatic, lacks=PROPERTIES)


@given("those of them that have keys, or may get some", target_fixture="tables")
def with_keys_some_day(tables: Tables) -> Tables:
    return chosen(
        tables.estate,
        "leaves its keys to Databricks, and has some or may get some",
        lambda table: tables.holds(table) and table.liquid,
        lacks=PROPERTIES,
    )


@given("the tables that leave their keys to Databricks, or may do so", target_fixture="tables")
def perhaps_automatic(estate: Estate) -> Tables:
    return chosen(
        estate,
        "leaves its keys to Databricks",
        lambda table: _is_automatic(table) or table.clusterable_and_unread,
    )


@given("the tables that are auto-optimised, in whole or by half", target_fixture="tables")
def auto_optimised(estate: Estate) -> Tables:
    return chosen(estate, "is auto-optimised", _is_auto_optimised, lacks=PROPERTIES)


@given("the tables that are auto-optimised, or may be", target_fixture="tables")
def perhaps_auto_optimised(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is auto-optimised",
        lambda table: _is_auto_optimised(table) or table.clusterable_and_unread,
    )


@given("those of them that are not clustered as well", target_fixture="tables")
def only_auto_optimised(tables: Tables) -> Tables:
    return chosen(
        tables.estate,
        "is auto-optimised and not clustered as well",
        lambda table: tables.holds(table) and not table.liquid,
        lacks=PROPERTIES,
    )


@given("the tables that have a clustering strategy", target_fixture="tables")
def clustered(estate: Estate) -> Tables:
    return chosen(
        estate, "has a clustering strategy", lambda table: table.clustered, lacks=PROPERTIES
    )


@given("the tables with keys for which there is a standard", target_fixture="tables")
def standardised(estate: Estate) -> Tables:
    def covered(table: Table) -> bool:
        return table.keyed and keys_follow_standard(table.case).outcome in ("pass", "fail")

    return chosen(estate, "has keys for which the settings name a standard", covered)


@given("the tables that are partitioned", target_fixture="tables")
def partitioned(estate: Estate) -> Tables:
    def is_partitioned(table: Table) -> bool:
        columns = table.document.get("columns") or ()
        return table.clusterable and (
            bool(table.document["detail"].get("partition_columns"))
            or any("partition_index" in column for column in columns)
        )

    return chosen(estate, "is partitioned", is_partitioned, lacks=("columns",))


# --- by exclusion and size -----------------------------------------------------------------------


@given("the tables that their owners excluded from clustering", target_fixture="tables")
def excluded(estate: Estate) -> Tables:
    return chosen(
        estate, "is excluded from clustering", lambda table: table.excluded, lacks=PROPERTIES
    )


@given("the tables that their owners excluded, or may have", target_fixture="tables")
def perhaps_excluded(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is excluded from clustering",
        lambda table: table.excluded or table.clusterable_and_unread,
    )


@given("the unclustered tables whose exclusion is honoured", target_fixture="tables")
def exempt_by_owner(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is without clustering and excluded, where the settings honour that",
        lambda table: table.exempt_by_owner,
        lacks=PROPERTIES,
    )


@given("the tables that are exempt as small", target_fixture="tables")
def exempt_as_small(estate: Estate) -> Tables:
    return chosen(estate, "is exempt as small", lambda table: table.exempt_as_small, lacks=BOTH)


@given("the largest table that is exempt as small", target_fixture="largest")
def largest_exempt_as_small(estate: Estate) -> Table:
    exempt = chosen(
        estate,
        "is exempt as small by an exact size",
        lambda table: table.exempt_as_small and table.exactly_sized,
        lacks=BOTH,
    )
    return max(exempt, key=lambda table: table.bytes or 0)


@given("the unclustered tables under their threshold", target_fixture="tables")
def small_and_unclustered(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is without clustering and under its threshold, where small tables are exempted",
        lambda table: table.unclustered and _exempting(table) and table.small is True,
        lacks=BOTH,
    )


@given("the unclustered tables in schemas for tests", target_fixture="tables")
def for_tests(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is without clustering in a schema for tests and of known size",
        lambda table: table.unclustered and table.for_tests and table.small is not None,
        lacks=BOTH,
    )


@given("the unclustered tables that only their size could exempt", target_fixture="tables")
def only_exemptible_by_size(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is without clustering and not excluded, where small tables are exempted",
        lambda table: table.unclustered and _exempting(table) and not table.exempt_by_owner,
        lacks=PROPERTIES,
    )


@given("the large tables without a clustering strategy", target_fixture="tables")
def large_and_unclustered(estate: Estate) -> Tables:
    return chosen(
        estate,
        "is large and without clustering",
        lambda table: table.unclustered and table.small is False,
        lacks=BOTH,
    )


@given("the tables of which nothing is asked however often they are read", target_fixture="tables")
def not_asked_for_reads(estate: Estate) -> Tables:
    return chosen(
        estate,
        "may be read often without liquid clustering",
        lambda table: table.clusterable and not _asked_for_reads(table),
    )


@given("the tables of which something is asked if they are read often", target_fixture="tables")
def asked_for_reads(estate: Estate) -> Tables:
    return chosen(
        estate,
        "needs liquid clustering if it is read often, since no settings ask it",
        lambda table: table.clusterable and _asked_for_reads(table),
    )


def _is_automatic(table: Table) -> bool:
    return table.clusterable and strategies.automatic(table.case)


def _is_auto_optimised(table: Table) -> bool:
    return table.clusterable and strategies.auto_flags(table.case) > 0


def _exempting(table: Table) -> bool:
    """Whether small tables are exempted where this one lies."""
    return bool(table.case.settings["exempt_small_tables"])


def _asked_for_reads(table: Table) -> bool:
    return bool(table.case.settings["require_liquid_for_frequent_reads"])
