"""Planned tables: each is declared once, and has what only the existing table tells."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec import UNSET, structs

from lakewarden_collector.document import (
    Absence,
    Action,
    Definition,
    PredictiveOptimization,
    Size,
    TableDocument,
)
from lakewarden_collector.inventory import Failure
from lakewarden_collector.planned import (
    as_it_stands,
    declared_once,
    known_after_apply,
    not_read,
    not_there,
    of_existing_table,
    of_new_table,
)

_LOST: Final = Absence(status="failed", reason="main.sales can't be listed")


def planned(name: str, address: str, **definition: object) -> TableDocument:
    return TableDocument(
        full_name=f"main.sales.{name}",
        catalog_name="main",
        schema_name="sales",
        name=name,
        definition=Definition(tool="sql", address=address, **definition),  # type: ignore[arg-type]
        evidence=(
            of_existing_table("A plan doesn't say it.")
            if definition.get("action") == "update"
            else of_new_table()
        ),
    )


def test_two_declarations_that_differ_in_case_are_one_failure_and_the_others_stay() -> None:
    lost = Failure(what="b.sql:3", where="b.sql:3", reason="it isn't SQL", remedy="Fix it.")
    first = planned("Orders", "CREATE TABLE", file="a.sql", line=3)
    second = planned("orders", "CREATE TABLE", file="b.sql", line=9)
    alone = planned("a", "CREATE TABLE")

    assert list(declared_once([first, lost, alone, second])) == [
        lost,
        Failure(
            what="main.sales.Orders",
            where="CREATE TABLE in a.sql:3, CREATE TABLE in b.sql:9",
            reason="2 declarations make this table",
            remedy="Keep one of them.",
        ),
        planned("a", "CREATE TABLE"),
    ]


def test_a_place_is_what_is_known_of_it() -> None:
    assert planned("a", "x.y", file="main.tf").definition.place == "x.y in main.tf"
    assert planned("a", "x.y").definition.place == "x.y"


EXISTING: Final = TableDocument(
    full_name="main.sales.a",
    catalog_name="main",
    schema_name="sales",
    name="a",
    table_id="1",
    tags={"tier": "gold"},
    columns=[],
    size=Size(bytes=5, origin="metrics_history", exact=False),
    predictive_optimization=PredictiveOptimization(enabled=False, inherited_from="CATALOG main"),
    evidence={
        "size": Absence(status="denied", reason="No SELECT."),
        "access": Absence(status="failed", reason="The warehouse is gone."),
    },
)


def test_a_planned_table_takes_over_what_only_the_existing_one_tells() -> None:
    """Why something couldn't be read comes along: else nobody would know that it was tried."""
    found = as_it_stands(planned("a", "x", action="update"), EXISTING, "e.ndjson")

    assert (found.table_id, found.tags, found.size) == ("1", {"tier": "gold"}, EXISTING.size)
    assert found.predictive_optimization == EXISTING.predictive_optimization
    assert found.evidence == EXISTING.evidence
    assert found.columns is UNSET, "what a plan leaves open of the table itself stays open"


def test_dbt_adds_its_tags_to_those_of_the_table() -> None:
    """It never removes one: `TagsConfig` of dbt-databricks."""
    definition = Definition(tool="dbt", address="model.shop.a")
    for tags in ({"team": "x"}, {"team": "x", "tier": "silver"}):
        plan = structs.replace(planned("a", "x"), definition=definition, tags=tags, evidence={})
        assert as_it_stands(plan, EXISTING, "e.ndjson").tags == {"tier": "gold", **tags}
        unread = structs.replace(EXISTING, tags=UNSET)
        assert as_it_stands(plan, unread, "e.ndjson").tags == tags
        view = structs.replace(EXISTING, table_type="VIEW")
        table = structs.replace(plan, table_type="MANAGED")
        assert as_it_stands(table, view, "e.ndjson").tags == tags


def test_what_the_plan_says_stays() -> None:
    declared: dict[str, Any] = {
        "tags": {},
        "predictive_optimization": PredictiveOptimization(enabled=True),
    }
    plan = structs.replace(planned("a", "x", action="update"), evidence={}, **declared)
    found = as_it_stands(plan, EXISTING, "e.ndjson")
    assert (found.tags, found.predictive_optimization) == tuple(declared.values())
    hooked = structs.replace(planned("a", "x"), evidence={"tags": known_after_apply("A hook.")})
    assert as_it_stands(hooked, EXISTING, "e.ndjson").tags is UNSET


def test_a_replaced_table_keeps_only_what_it_inherits() -> None:
    plan = planned("a", "x", action="replace")
    found = as_it_stands(plan, EXISTING, "e.ndjson")
    expected = structs.replace(
        plan,
        predictive_optimization=EXISTING.predictive_optimization,
        evidence={k: v for k, v in plan.evidence.items() if k != "predictive_optimization"},
    )
    assert found == expected
    own = structs.replace(EXISTING, predictive_optimization=PredictiveOptimization(enabled=False))
    assert as_it_stands(plan, own, "e.ndjson") == plan


def test_a_table_that_takes_the_place_of_a_view_is_a_new_one() -> None:
    """As a dbt model whose materialization is changed; a view has no size, and other readers."""
    plan = structs.replace(planned("a", "x", action="update"), table_type="MANAGED")
    view = structs.replace(EXISTING, table_type="VIEW")
    found = as_it_stands(plan, view, "e.ndjson")
    assert found.definition.action == "replace"
    assert (found.table_id, found.size, found.tags) == (UNSET, Size(), UNSET)
    assert found.evidence["size"] == known_after_apply("A view has its name now.")
    alike = structs.replace(plan, table_type="VIEW")
    assert as_it_stands(alike, view, "e.ndjson").definition.action == "update"


@pytest.mark.parametrize(
    ("action", "status", "then"),
    [
        ("create", "known_after_apply", "create"),
        (UNSET, "known_after_apply", "create"),
        ("update", "not_requested", "update"),
    ],
)
def test_a_table_that_the_estate_lacks_is_new_unless_the_plan_knows_better(
    action: Action, status: str, then: str
) -> None:
    found = not_there(planned("a", "x", action=action), "e.ndjson")
    assert found.evidence["size"].status == status
    assert "e.ndjson has no" in str(found.evidence["size"].reason)
    assert found.definition.action == then


def test_a_table_that_nobody_could_look_for_is_not_known_unless_the_plan_makes_it() -> None:
    lost = not_read(planned("a", "x"), _LOST)
    assert lost.evidence["size"] == Absence(status="failed", reason="main.sales can't be listed")
    made = planned("a", "x", action="create")
    assert not_read(made, _LOST) == made
