"""What --plan says a run will cost: a range that the run may not leave, and words for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from msgspec import structs

from lakewarden_collector.document import Absence, PredictiveOptimization, Size, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.databricks.collecting.plan import Plan, make_plan, plan_lines
from lakewarden_collector.sources.databricks.evidence.previous_sizes import (
    NOTHING,
    PreviousInventory,
)
from lakewarden_collector.sources.databricks.journal.events import Listed
from lakewarden_collector.sources.databricks.journal.journal import Journal
from lakewarden_collector.sources.interface import Advice, Adviser

PLAN = Plan(
    tables=2000,
    schemas=1,
    failures=(),
    list_calls={"list_catalogs": 1, "list_tables": 12},
    wants={"size": 1000},
    reusable=0,
    lookups={"metrics_history": (1, 2)},
    describe={"describe_detail": (0, 1000), "describe_json": (0, 0)},
    budget=None,
)
BROWSED = {"properties": Absence(status="denied")}


def _table(name: str, **fields: Any) -> TableDocument:  # noqa: ANN401 -- any field of a document
    given = {"catalog_name": "c", "table_type": "MANAGED", "table_id": name} | fields
    return TableDocument(
        full_name=f"{given['catalog_name']}.s.{name}", schema_name="s", name=name, **given
    )


def _wanting(*kinds: str) -> Adviser:
    def advise(documents: Sequence[TableDocument]) -> Sequence[Advice]:
        return [Advice(frozenset(kinds))] * len(documents)

    return advise


_WANTING_SIZE = _wanting("size")


def _plan(
    *documents: TableDocument,
    adviser: Adviser | None = _WANTING_SIZE,
    previous: PreviousInventory = NOTHING,
    warehouses: Sequence[str] = ("m1",),
    **options: Any,  # noqa: ANN401 -- those of make_plan
) -> Plan:
    """Plan for these tables of the metastore `m1`."""
    asked = {"list_calls": {}, "budget": None, "failures": ()} | options
    with (
        TemporaryDirectory() as folder,
        Journal(Path(folder) / "journal", "test", "2026-11-23T05:10:00Z") as journal,
    ):
        journal.add_schema("m1", Listed(catalog_name="c", schema_name="s", documents=documents))
        return make_plan(journal, adviser, previous, warehouses=warehouses, **asked)


@pytest.mark.parametrize(
    ("fields", "describe"),
    [
        ({}, (0, 1)),
        ({"table_type": "STREAMING_TABLE"}, (0, 1)),
        ({"table_type": "EXTERNAL"}, (1, 1)),
        ({"table_type": "OF_TOMORROW"}, (1, 1)),
        ({"table_type": "EXTERNAL", "evidence": BROWSED}, (0, 1)),
        ({"table_type": "VIEW"}, (0, 0)),
        ({"table_type": "EXTERNAL", "data_source_format": "CSV"}, (0, 0)),
    ],
)
def test_each_kind_of_table_adds_to_the_range_what_it_may_cost(
    fields: dict[str, Any], describe: tuple[int, int]
) -> None:
    """The history has managed tables, perhaps; of those only browsed some are not asked for."""
    plan = _plan(_table("t", **fields))
    assert plan.describe == {"describe_detail": describe, "describe_json": (0, 0)}
    # The history is asked, whatever kind of table needs a size: it may have it.
    assert plan.lookups == {"metrics_history": (1, 2)}
    assert plan.statements == (1 + describe[0], 2 + describe[1])


def test_what_needs_nothing_costs_nothing() -> None:
    plan = _plan(_table("t"), adviser=_wanting())
    assert (plan.statements, plan.lookups, plan.wants) == ((0, 0), {}, {})
    plan = _plan(_table("t"), adviser=None)
    assert plan.statements == (0, 0)


def test_evidence_that_is_not_asked_for_costs_nothing() -> None:
    """A policy may want columns, which the listing gave or will never give."""
    plan = _plan(_table("t"), adviser=_wanting("columns", "properties"))
    assert plan.statements == (0, 0)
    assert plan.wants == {"columns": 1, "properties": 1}


def test_reads_and_tags_take_a_statement_each_and_may_make_the_size_needed() -> None:
    """A policy that asks for the size of tables that are read often asks for the reads first."""
    plan = _plan(_table("a"), _table("b"), adviser=_wanting("access", "tags"))
    assert plan.lookups == {"metrics_history": (0, 2), "table_lineage": (1, 1), "tags": (1, 1)}
    assert plan.describe["describe_detail"] == (0, 2)


@pytest.mark.parametrize(
    ("fields", "describe"),
    [
        ({}, (0, 1)),
        ({"table_type": "OF_TOMORROW"}, (1, 1)),
        ({"table_type": "OF_TOMORROW", "evidence": BROWSED}, (0, 1)),
        ({"table_type": "EXTERNAL"}, (0, 0)),
        ({"predictive_optimization": PredictiveOptimization(enabled=False)}, (0, 0)),
    ],
)
def test_predictive_optimization_is_asked_of_the_history_and_then_of_each_table(
    fields: dict[str, Any], describe: tuple[int, int]
) -> None:
    """What the listing told, or an external table cannot have, costs no statement of its own."""
    plan = _plan(_table("t", **fields), adviser=_wanting("predictive_optimization"))
    assert plan.describe["describe_json"] == describe
    if describe[1]:
        assert plan.lookups == {"metrics_history": (1, 2)}


def test_what_the_previous_inventory_says_of_predictive_optimization_costs_nothing() -> None:
    previous = PreviousInventory(
        sizes={}, names={}, optimizations={"t": PredictiveOptimization(enabled=True)}
    )
    plan = _plan(_table("t"), adviser=_wanting("predictive_optimization"), previous=previous)
    assert plan.statements == (0, 0)


def test_a_budget_may_take_the_reads_to_know_where_it_goes() -> None:
    plan = _plan(_table("a"), budget=9)
    assert plan.lookups == {"metrics_history": (1, 2), "table_lineage": (0, 1)}
    assert _plan(_table("a", table_type="VIEW"), budget=9).lookups == {"metrics_history": (1, 2)}


def test_sizes_that_can_be_reused_make_the_run_cheaper_or_not() -> None:
    """One that is close to a threshold is asked for again, so it counts at the upper end."""
    size = Size(bytes=7, as_of="2026-11-23T05:10:00Z", exact=True)
    previous = PreviousInventory(sizes={"a": size, "b": size}, names={})
    tables = [_table(name, table_type="EXTERNAL") for name in ("a", "b")]
    plan = _plan(*tables, previous=previous)
    assert (plan.reusable, plan.describe["describe_detail"]) == (2, (0, 2))
    assert plan.lookups == {"metrics_history": (0, 2)}
    plan = _plan(*tables, _table("c"), previous=previous)
    assert plan.lookups == {"metrics_history": (1, 2)}


def test_only_tables_of_a_metastore_with_a_warehouse_are_asked_for() -> None:
    """Of two workspaces one may have none: what it lists costs nothing."""
    tables = [_table("a"), _table("b", table_type="EXTERNAL")]
    assert _plan(*tables, warehouses=()).statements == (0, 0)
    assert _plan(*tables, warehouses=["m2"]).statements == (0, 0)


def test_a_large_history_is_asked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakewarden_collector.sources.databricks.collecting.plan.MOST_ROWS", 2)
    tables = [_table(f"t{n}", catalog_name=f"c{n % 2}") for n in range(4)]
    assert _plan(*tables).lookups == {"metrics_history": (1, 3)}


def test_the_words_say_the_range_its_parts_and_the_time() -> None:
    assert plan_lines(PLAN) == [
        "2,000 tables in 1 schema; listed with 13 calls",
        "  size is needed of 1,000 tables",
        "statements: 1 to 1,002",
        "  metrics_history: 1 to 2",
        "  describe_detail: 0 to 1,000, depending on how many sizes the metrics history has",
        "warehouse time: under a minute to 2 min, if a statement takes 1 s and 10 run at once",
    ]


def test_the_words_say_what_predictive_optimization_may_cost() -> None:
    plan = structs.replace(PLAN, describe={"describe_detail": (0, 0), "describe_json": (0, 9)})
    assert (
        "  describe_json: 0 to 9, depending on how many flags of predictive optimization the "
        "metrics history has"
    ) in plan_lines(plan)


def test_the_words_say_the_budget_and_what_is_reused() -> None:
    lines = plan_lines(structs.replace(PLAN, budget=500, reusable=7))
    assert "statements: 1 to 500" in lines
    assert "  of these no more than 500 (--max-statements)" in lines
    assert "  7 sizes are in the previous inventory, fresh enough" in lines


def test_what_could_not_be_listed_is_named_with_its_remedy() -> None:
    """Anyone who plans must not take a dark estate for a small one."""
    failures = tuple(
        Failure(what=f"schema c.s{n}", where="m", reason="denied", remedy=f"GRANT {n}")
        for n in range(12)
    )
    lines = plan_lines(structs.replace(PLAN, failures=failures))
    assert "  not listed: schema c.s0: denied" in lines
    assert "    GRANT 9" in lines
    assert "    GRANT 10" not in lines
    assert "  … and 2 more that could not be listed" in lines


@pytest.mark.parametrize(
    ("statements", "reported"),
    [(0, "none"), (5, "under a minute"), (54_000, "1.5 h"), (40_000, "67 min")],
)
def test_the_time_is_said_roughly(statements: int, reported: str) -> None:
    plan = structs.replace(PLAN, lookups={}, describe={"describe_detail": (statements, statements)})
    assert plan_lines(plan)[-1].startswith(f"warehouse time: {reported}, if a statement")
