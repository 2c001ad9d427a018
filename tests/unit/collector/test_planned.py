"""Planned tables: each is declared once, and several declarations of one are named."""

from __future__ import annotations

from lakewarden_collector.document import Definition, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.planned import declared_once, of_new_table


def planned(name: str, address: str, **definition: object) -> TableDocument:
    return TableDocument(
        full_name=f"main.sales.{name}",
        catalog_name="main",
        schema_name="sales",
        name=name,
        definition=Definition(tool="sql", address=address, **definition),  # type: ignore[arg-type]
        evidence=of_new_table(),
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
