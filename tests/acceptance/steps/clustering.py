"""Then: what must hold of clustering and its keys."""

from __future__ import annotations

from pytest_bdd import then

from lakewarden.model.decision import Outcome
from tests.acceptance.steps.estate import Tables
from tests.acceptance.steps.judging import Finding, by_opinion, each, exactly
from tests.acceptance.steps.table import Table
from tests.support.oracle import strategies


@then("nothing more is asked of any of them, whatever its size")
def nothing_more(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        return "" if table.decision().outcome is Outcome.PASS else table.summary()

    found(each(tables, fault))


@then("those with a key that isn't a column, or with keys that nobody can read, are reported")
def no_column(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.keys_exist")))


@then("those with a key of which the files have no statistics are reported, and no others")
def no_statistics(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.keys_have_statistics")))


@then("those with more keys than agreed are reported, and no others")
def too_many(tables: Tables, found: Finding) -> None:
    def broken(table: Table) -> bool:
        keys = strategies.keys_of(table.case).parts
        return len(keys) > int(table.case.settings["max_clustering_columns"])

    found(exactly(tables, "clustering.key_limit", broken))


@then("those whose keys break it are reported, and no others")
def standard_broken(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.keys_follow_standard")))


@then("those for which it chooses none are reported, and no others")
def chooses_none(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.auto_possible")))


@then("it counts for those for which the settings accept it, and for no others")
def counts(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        passes = table.decision().outcome is Outcome.PASS
        return "" if passes == strategies.auto_optimized(table.case) else table.summary()

    found(each(tables, fault))


@then("those that have only half of it are reported, and no others")
def half(tables: Tables, found: Finding) -> None:
    found(exactly(tables, *by_opinion("clustering.auto_optimize_complete")))


@then("those that are clustered all the same are reported, and no others")
def excluded_and_clustered(tables: Tables, found: Finding) -> None:
    found(exactly(tables, "clustering.no_exclusion_conflict", lambda table: table.declared_liquid))


@then("those that have two strategies are reported, and no others")
def two_strategies(tables: Tables, found: Finding) -> None:
    def broken(table: Table) -> bool:
        return table.liquid and strategies.auto_optimized(table.case)

    found(exactly(tables, "clustering.single_strategy", broken))
