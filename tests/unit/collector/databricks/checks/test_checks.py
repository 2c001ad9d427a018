"""The checks name each missing grant with the statement that gives it, and never stop halfway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied

from lakewarden_collector.sources.databricks.checks import Check, check
from lakewarden_collector.sources.databricks.client.interface import Query
from lakewarden_collector.sources.databricks.statements.errors import (
    ANOTHER_WAREHOUSE,
    StatementError,
)
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement

UC = "/api/2.1/unity-catalog/"
DENIED = StatementError(
    kind="denied", sql_state="42501", error_class="INSUFFICIENT_PERMISSIONS", message="no"
)
MISSING = StatementError(kind="missing", error_class="TABLE_OR_VIEW_NOT_FOUND", message="not there")


def table(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    row = {"catalog_name": "main", "schema_name": "s", "name": name, "table_type": "MANAGED"}
    return row | {"data_source_format": "DELTA"} | changes


@dataclass
class Estate:
    """A workspace with one catalog, one schema and its tables, all of it readable."""

    catalogs: list[dict[str, Any]] = field(
        default_factory=lambda: [{"name": "main"}, {"name": "system"}]
    )
    tables: list[dict[str, Any]] = field(default_factory=lambda: [table("t")])
    refused: dict[str, Exception] = field(default_factory=dict)
    warehouse: dict[str, Any] = field(
        default_factory=lambda: {"name": "wh", "state": "RUNNING", "warehouse_type": "PRO"}
    )
    warehouses: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Rows | StatementError] = field(default_factory=dict)
    sent: list[Statement] = field(default_factory=list)
    host: str = "https://example.cloud.databricks.com"
    metastore_id: str = "m-1"
    principal: str = "2f1c-scanner"
    warehouse_id: str | None = "w1"

    def get(self, path: str, query: Query | None = None) -> dict[str, Any]:
        if path in self.refused:
            raise self.refused[path]
        if path == UC + "catalogs":
            return {"catalogs": self.catalogs}
        if path == UC + "schemas":
            assert query is not None
            return {"schemas": [{"name": "information_schema"}, {"name": "s"}]}
        if path == UC + "tables":
            return {"tables": self.tables}
        if path == "/api/2.0/sql/warehouses":
            return self.warehouses
        assert path == "/api/2.0/sql/warehouses/w1"
        return self.warehouse

    def run(self, statement: Statement) -> Rows:
        self.sent.append(statement)
        usual: dict[str, Rows | StatementError] = {
            "SELECT 1": rows({"1": "1"}),
            "table_metrics_history": rows(
                {"catalog_name": "main", "known_tables": "9", "known_sizes": "8", "newest": "2026"}
            ),
            "table_lineage": rows({"events": "5", "newest": "2026-11-22"}),
            "table_tags": rows({"tag_table": "table_tags", "tags": "2"}),
            "DESCRIBE DETAIL": rows({"sizeInBytes": "7"}),
            "AS JSON": rows({"json_metadata": '{"predictive_optimization":"ENABLE"}'}),
        }
        for part, answer in (usual | self.answers).items():
            if part in statement.text:
                if isinstance(answer, StatementError):
                    raise answer
                return answer
        raise AssertionError(statement.text)


def rows(*of: dict[str, str | None]) -> Rows:
    return Rows(columns=tuple(of[0]), rows=tuple(tuple(row.values()) for row in of))


def checked(estate: Estate) -> Sequence[Check]:
    return list(check(estate, estate.run))


def unwell(estate: Estate) -> Check:
    (line,) = [line for line in checked(estate) if line.state != "ok"]
    return line


def test_workspace_with_all_grants_is_well() -> None:
    estate = Estate()
    lines = checked(estate)
    assert {line.state for line in lines} == {"ok"}
    assert "2f1c-scanner" in lines[0].what
    assert "DESCRIBE DETAIL `main`.`s`.`t`" in [statement.text for statement in estate.sent]
    assert not any("system" in line.what and "catalog" in line.what for line in lines)


@pytest.mark.parametrize(
    ("text", "schema", "name"),
    [
        ("table_metrics_history", "storage", "table_metrics_history"),
        ("table_lineage", "access", "table_lineage"),
    ],
)
def test_refused_system_table_is_missing_with_its_grants(text: str, schema: str, name: str) -> None:
    line = unwell(Estate(answers={text: DENIED}))
    assert line.state == "missing"
    assert line.remedy == (
        "GRANT USE CATALOG ON CATALOG system TO `2f1c-scanner`; "
        f"GRANT USE SCHEMA ON SCHEMA system.{schema} TO `2f1c-scanner`; "
        f"GRANT SELECT ON TABLE system.{schema}.{name} TO `2f1c-scanner`;"
    )


def test_system_schema_that_is_not_enabled_says_who_enables_it() -> None:
    line = unwell(Estate(answers={"table_lineage": MISSING}))
    assert line.state == "missing"
    assert "databricks system-schemas enable m-1 access" in line.remedy


def test_refused_tags_are_missing_with_their_grants() -> None:
    line = unwell(Estate(answers={"table_tags": DENIED}))
    assert line.state == "missing"
    assert "ON SCHEMA system.information_schema TO" in line.remedy


@pytest.mark.parametrize(
    "answer",
    [
        Rows(columns=("catalog_name", "known_tables", "known_sizes", "newest"), rows=()),
        rows({"catalog_name": "main", "known_tables": "9", "known_sizes": "0", "newest": "2026"}),
    ],
)
def test_metrics_history_without_sizes_is_a_note(answer: Rows) -> None:
    line = unwell(Estate(answers={"table_metrics_history": answer}))
    assert line.state == "note"
    assert "DESCRIBE DETAIL" in line.what


def test_lineage_without_events_is_a_note() -> None:
    empty = rows({"events": "0", "newest": None})
    assert unwell(Estate(answers={"table_lineage": empty})).state == "note"


def test_table_that_may_not_be_described_is_missing_with_its_grant() -> None:
    line = unwell(Estate(answers={"DESCRIBE DETAIL": DENIED}))
    assert line.state == "missing"
    assert line.remedy == (
        "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG main TO `2f1c-scanner`;"
    )


def test_a_table_that_may_not_be_described_as_json_is_missing_with_its_grant() -> None:
    line = unwell(Estate(answers={"AS JSON": DENIED}))
    assert line.state == "missing"
    assert "AS JSON" in line.what
    assert line.remedy == (
        "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG main TO `2f1c-scanner`;"
    )


def test_a_warehouse_that_does_not_know_as_json_is_told_once() -> None:
    """The listing says it of most tables all the same, so it is a note."""
    unknown = StatementError(
        kind="failed", error_class="PARSE_SYNTAX_ERROR", message="[PARSE_SYNTAX_ERROR] at 'JSON'."
    )
    catalogs = [{"name": "main"}, {"name": "dev"}]
    listed = {"effective_predictive_optimization_flag": {"value": "ENABLE"}}
    line = unwell(
        Estate(catalogs=catalogs, tables=[table("t", **listed)], answers={"AS JSON": unknown})
    )
    assert line.state == "note"
    assert "this SQL warehouse does not know DESCRIBE TABLE EXTENDED … AS JSON" in line.what


def test_as_json_is_tried_on_a_managed_table_where_there_is_one() -> None:
    """Databricks maintains no others, so about those nobody asks."""
    external = table("a", table_type="EXTERNAL")
    estate = Estate(tables=[external, table("t")])
    assert any("AS JSON works; tried on a table in 1 catalog" in c.what for c in checked(estate))
    assert [s.text for s in estate.sent if "DESCRIBE" in s.text] == [
        "DESCRIBE DETAIL `main`.`s`.`t`",
        "DESCRIBE TABLE EXTENDED `main`.`s`.`t` AS JSON",
    ]
    estate = Estate(tables=[external])
    assert {line.state for line in checked(estate)} == {"ok"}
    assert not [s.text for s in estate.sent if "AS JSON" in s.text]


def test_view_is_not_described_in_a_tables_place() -> None:
    estate = Estate(tables=[table("a_view", table_type="VIEW"), {"broken": 1}, table("t")])
    checked(estate)
    described = [s.text for s in estate.sent if s.text.startswith("DESCRIBE DETAIL")]
    assert described == ["DESCRIBE DETAIL `main`.`s`.`t`"]


def test_catalog_without_tables_is_a_note() -> None:
    assert unwell(Estate(tables=[])).state == "note"


def test_tables_that_are_only_browsed_are_missing_a_grant() -> None:
    line = unwell(Estate(tables=[table("t", browse_only=True)]))
    assert line.state == "missing"
    assert "SELECT ON CATALOG main" in line.remedy


def test_catalog_that_is_only_browsed_is_missing_a_grant() -> None:
    line = unwell(Estate(catalogs=[{"name": "main"}, {"name": "fin`ance", "browse_only": True}]))
    assert line.state == "missing"
    assert line.remedy == (
        "GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG `fin``ance` TO `2f1c-scanner`;"
    )


def test_no_visible_catalog_is_missing() -> None:
    line = unwell(Estate(catalogs=[{"name": "samples"}]))
    assert line.state == "missing"
    assert "GRANT" in line.remedy


@pytest.mark.parametrize(("path", "privilege"), [("schemas", "CATALOG"), ("tables", "SCHEMA")])
def test_refused_listing_is_missing_with_its_grant(path: str, privilege: str) -> None:
    line = unwell(Estate(refused={UC + path: PermissionDenied("may not")}))
    assert line.state == "missing"
    assert f"ON {privilege} main" in line.remedy


def test_refused_catalogs_do_not_end_the_checks() -> None:
    lines = checked(Estate(refused={UC + "catalogs": PermissionDenied("may not")}))
    assert [line.state for line in lines].count("missing") == 1
    assert any("table_lineage" in line.what for line in lines)


def test_no_warehouse_is_missing_and_sends_no_statement() -> None:
    lines = list(check(Estate(warehouse_id=None), None))
    assert [line.state for line in lines].count("missing") == 1
    assert "DATABRICKS_WAREHOUSE_ID" in lines[-1].remedy


def test_warehouse_without_can_use_is_told_apart_from_one_that_is_gone() -> None:
    path = "/api/2.0/sql/warehouses/w1"
    refused = unwell(Estate(refused={path: PermissionDenied("may not")}))
    assert '"service_principal_name": "2f1c-scanner", "permission_level": "CAN_USE"' in (
        refused.remedy
    )
    person = Estate(refused={path: PermissionDenied("may not")}, principal="a@b.example")
    assert '"user_name": "a@b.example"' in unwell(person).remedy
    gone = unwell(Estate(refused={path: NotFound("gone")}))
    assert "--warehouse-id" in gone.remedy


def test_who_names_a_wrong_warehouse_is_told_which_there_are() -> None:
    """A wrong id is answered with 404 or 400; finding the right one took the web page before."""
    there = [
        {"id": "w2", "name": "small", "state": "STOPPED"},
        {"id": "w3", "name": "big\x1b", "state": "RUNNING"},
        {"id": "w4", "name": "old", "state": "DELETED"},
        "odd",
        {"name": "no id"},
    ]
    path = "/api/2.0/sql/warehouses/w1"
    for error in (NotFound("gone"), BadRequest("w1 is not a valid endpoint id.")):
        remedy = unwell(Estate(refused={path: error}, warehouses={"warehouses": there})).remedy
        assert "There are: w3 (big" in remedy
        assert "w2 (small, stopped)" in remedy
        assert "old" not in remedy
    none = list(check(Estate(warehouse_id=None), None))[-1]
    assert "sees none" in none.remedy
    unlisted: dict[str, Exception] = {"/api/2.0/sql/warehouses": PermissionDenied("may not")}
    assert "may not" in list(check(Estate(warehouse_id=None, refused=unlisted), None))[-1].remedy


@pytest.mark.parametrize("remedy", ["", ANOTHER_WAREHOUSE])
def test_a_warehouse_that_looks_well_and_takes_no_statement_is_met_with_another(
    remedy: str,
) -> None:
    """Its page may say that it runs while each statement is refused in words of its own."""
    error = StatementError(kind="failed", message="Invalid id 'w1'", remedy=remedy)
    there = {"warehouses": [{"id": "w2", "name": "small", "state": "STOPPED"}]}
    line = unwell(Estate(answers={"SELECT 1": error}, warehouses=there))
    assert line.what == "a statement doesn't run: Invalid id 'w1'"
    assert "There are: w2 (small, stopped)." in line.remedy
    assert "lakewarden doctor" not in line.remedy


def test_stopped_warehouse_is_well() -> None:
    lines = checked(Estate(warehouse={"name": "wh", "state": "STOPPED"}))
    (line,) = [line for line in lines if "SQL warehouse" in line.what]
    assert line.state == "ok"
    assert "stopped; the first statement starts it" in line.what


def test_statement_that_does_not_run_ends_the_checks_with_its_remedy() -> None:
    fatal = StatementError(kind="failed", message="gone", fatal=True, remedy="Name another.")
    estate = Estate(answers={"SELECT 1": fatal})
    line = unwell(estate)
    assert (line.state, line.remedy) == ("missing", "Name another.")
    assert len(estate.sent) == 1


def test_fatal_error_later_is_a_line_and_no_traceback() -> None:
    fatal = StatementError(kind="failed", message="gone", fatal=True, remedy="Name another.")
    for part in ("table_metrics_history", "table_tags", "DESCRIBE DETAIL", "AS JSON"):
        line = unwell(Estate(answers={part: fatal}))
        assert (line.state, line.remedy) == ("missing", "Name another.")
