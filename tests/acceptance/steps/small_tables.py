"""Then: what must hold of small tables."""

from __future__ import annotations

import pytest
from pytest_bdd import then

from lakewarden.model.decision import Outcome
from lakewarden.renderers.wording import size
from tests.acceptance.steps.estate import Estate, Tables
from tests.acceptance.steps.judging import Finding, each
from tests.acceptance.steps.table import STRATEGY, Table
from tests.acceptance.steps.unjudged import lacking
from tests.data.oracle import strategies


@then("each of them holds less than the threshold that the settings have for it")
def under_threshold(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        if table.small:
            return ""
        held = "an unknown number of" if table.bytes is None else f"{table.bytes:,}"
        return f"exempt with {held} bytes, the threshold is {table.threshold:,}"

    each(tables, fault, found)


@then("each of them is exempt as small")
def exempted(tables: Tables, found: Finding) -> None:
    each(tables, lambda table: "" if table.exempt_as_small else table.said(), found)


@then("those under the threshold for tests are exempt as small, and no others")
def exempted_by_tests_threshold(tables: Tables, found: Finding) -> None:
    def fault(table: Table) -> str:
        under = strategies.below(table.case, table.case.settings["test_size_threshold_bytes"])
        expected = bool(under and table.case.settings["exempt_small_tables"])
        return "" if table.exempt_as_small == expected else table.said()

    each(tables, fault, found)


@then("each of them is let off because of its exclusion all the same")
def let_off(tables: Tables, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        fine = table.decision().outcome is Outcome.EXEMPT and table.excuses() == {"flag"}
        return "" if fine else table.said()

    each([table for _, table in tables.again_in(changed)], fault, lambda _: None)
    each(tables, lambda _: "", found)


@then("it is exempt as small no longer, and nothing else that large is")
def small_no_longer(largest: Table, changed: Estate, found: Finding) -> None:
    reached = [table for table in changed.tables() if (table.bytes or 0) >= (largest.bytes or 0)]

    def fault(table: Table) -> str:
        if table.exempt_as_small or (
            table.name == largest.name and table.would_be() is Outcome.UNKNOWN
        ):
            return table.said()
        return ""

    each(reached, fault, lambda _: None)
    found(f"{largest.name} with {largest.bytes:,} bytes")


@then("every smaller one still is")
def smaller_still_exempt(estate: Estate, largest: Table, changed: Estate, found: Finding) -> None:
    smaller = Tables(
        estate,
        "is smaller and exempt as small",
        lambda table: (
            table.exempt_as_small
            and table.exactly_sized
            and (table.bytes or 0) < (largest.bytes or 0)
        ),
    )
    others = [after for _, after in smaller.again_in(changed)]
    each(others, lambda table: "" if table.exempt_as_small else table.said(), lambda _: None)
    found(f"{len(others):,} smaller")


@then("no table is exempt as small")
def none_exempt_as_small(changed: Estate) -> None:
    each(
        changed.tables(),
        lambda table: table.said() if table.exempt_as_small else "",
        lambda _: None,
    )


@then("each of them must be clustered, unless something else excuses it")
def must_be_clustered(tables: Tables, changed: Estate, found: Finding) -> None:
    after = [table for _, table in tables.again_in(changed)]
    each(after, lambda table: "" if _fails_or_excused(table, Outcome.FAIL) else table.said(), found)
    failing = [table for table in after if table.decision().outcome is Outcome.FAIL]
    found(f"{len(failing):,} would fail, {size(sum(table.bytes or 0 for table in failing))}")


@then("each of them is undecided for want of its size, unless something else excuses it")
def undecided(tables: Tables, changed: Estate, found: Finding) -> None:
    def fault(table: Table) -> str:
        named = {each.kind for each in table.decision().missing}
        fine = _fails_or_excused(table, Outcome.UNKNOWN)
        return "" if fine and (named == {"size"} or table.excuses()) else table.said()

    after = (table for _, table in tables.again_in(changed))
    each(after, fault, lambda _: None)
    each(tables, lambda _: "", found)


@then("the size of each of them is known")
def sizes_known(tables: Tables, found: Finding) -> None:
    missing = lacking(tables, (STRATEGY,), ("size",))
    if missing:
        pytest.skip(f"not all could be judged: {missing}")
    each(tables, _undecided, found)


def _fails_or_excused(table: Table, outcome: Outcome) -> bool:
    """Whether it has the outcome, but for a waiver, or its owner's flag excuses it."""
    return table.would_be() is outcome or "flag" in table.excuses()


def _undecided(table: Table) -> str:
    return table.said() if table.would_be() is Outcome.UNKNOWN else ""
