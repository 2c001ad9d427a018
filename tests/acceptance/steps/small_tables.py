"""Then: what must hold of small tables."""

from __future__ import annotations

import pytest
from pytest_bdd import then

from lakewarden.model.decision import Outcome
from lakewarden.renderers.words.insight import amount
from lakewarden_collector.counted import counted
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.judging import Finding, each, fails
from tests.acceptance.steps.table import STRATEGY, Table
from tests.acceptance.steps.unjudged import lacking
from tests.support.oracle import strategies


@then("each of them holds less than the threshold that the settings have for it")
def under_threshold(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        if table.small:  # by its size, or as the settings say of a planned table
            return ""
        size_text = "an unknown number of" if table.bytes is None else f"{table.bytes:,}"
        return f"exempt with {size_text} bytes, the threshold is {table.threshold:,}"

    found(each(tables, fault))


@then("each of them is exempt as small")
def exempted(tables: Tables, found: Finding) -> None:
    found(each(tables, _not_small))


@then("those under the threshold for tests are exempt as small, and no others")
def exempted_by_tests_threshold(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        under = strategies.below(table.case, table.case.settings["test_size_threshold_bytes"])
        expected = bool(under and table.case.settings["exempt_small_tables"])
        return "" if table.exempt_as_small == expected else table.summary()

    found(each(tables, fault))


@then("each of them is exempt because of its exclusion all the same")
def exempt_by_exclusion(tables: Tables, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        fine = table.decision().outcome is Outcome.EXEMPT and table.exemption_kinds() == {"flag"}
        return "" if fine else table.summary()

    found(counted(each(tables.again_in(changed), fault).all.tables, "table"))


@then("it is exempt as small no longer, and nothing else that large is")
def small_no_longer(largest: Table, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        undecided = table.name == largest.name and table.would_be() is Outcome.UNKNOWN
        return table.summary() if table.exempt_as_small or undecided else ""

    each((table for table in changed.tables() if not _smaller(table, largest)), fault)
    found(f"{largest.name} with {largest.bytes:,} bytes")


@then("every smaller one still is")
def smaller_still_exempt(estate: Estate, largest: Table, changed: Estate, found: Finding) -> None:
    smaller = Tables(
        estate,
        "is smaller and exempt as small",
        lambda table: table.exempt_as_small and table.exactly_sized and _smaller(table, largest),
    )
    found(f"{each(smaller.again_in(changed), _not_small).all.tables:,} smaller ones")


@then("no table is exempt as small")
def none_exempt_as_small(changed: Estate) -> None:
    each(changed.tables(), lambda table: table.summary() if table.exempt_as_small else "")


@then("each of them must be clustered, unless something else exempts it")
def must_be_clustered(tables: Tables, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        return "" if _fails_or_exempt(table, Outcome.FAIL) else table.summary()

    judged = each(tables.again_in(changed), fault, fails)
    found(f"{judged}; would fail: {amount(judged.noted)}")


@then("each of them is undecided because its size is unknown, unless something else exempts it")
def undecided(tables: Tables, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        named = {missing.kind for missing in table.decision().missing}
        fine = _fails_or_exempt(table, Outcome.UNKNOWN)
        return "" if fine and (named == {"size"} or table.exemption_kinds()) else table.summary()

    found(counted(each(tables.again_in(changed), fault).all.tables, "table"))


@then("the size of each of them is known")
def sizes_known(tables: Tables, found: Finding) -> None:
    missing = lacking(tables, (STRATEGY,), ("size",))
    if missing:
        pytest.skip(f"not all could be judged: {missing}")
    found(each(tables, _undecided))


def _not_small(table: Table) -> str:
    return "" if table.exempt_as_small else table.summary()


def _smaller(table: Table, other: Table) -> bool:
    return (table.bytes or 0) < (other.bytes or 0)


def _fails_or_exempt(table: Table, outcome: Outcome) -> bool:
    """Whether it has the outcome, but for a waiver, or its owner's flag exempts it."""
    return table.would_be() is outcome or "flag" in table.exemption_kinds()


def _undecided(table: Table) -> str:
    return table.summary() if table.would_be() is Outcome.UNKNOWN else ""
