"""The grants that a statement needs are those of the tables in its text: no more, no fewer."""

from __future__ import annotations

import pytest

from lakewarden_collector.sources.databricks.evidence.lineage import reads
from lakewarden_collector.sources.databricks.evidence.metrics_history import latest
from lakewarden_collector.sources.databricks.evidence.tags import all_tags
from lakewarden_collector.sources.databricks.statements.grants import (
    entering,
    grants_for,
    reading,
    tables_in,
)
from lakewarden_collector.sources.databricks.statements.statement import Statement
from lakewarden_collector.sources.databricks.ways import CHECKS, WAYS

METRICS = "system.storage.table_metrics_history"


def _needed(text: str) -> list[str]:
    return [grant.sql("me") for grant in grants_for(Statement(text=text, kind="check"))]


def test_one_system_table_needs_no_more_than_itself() -> None:
    text = f"SELECT count(*) FROM {METRICS} WHERE a IS NOT NULL"  # noqa: S608 -- a constant
    assert _needed(text) == [
        "GRANT USE CATALOG ON CATALOG system TO me;",
        "GRANT USE SCHEMA ON SCHEMA system.storage TO me;",
        f"GRANT SELECT ON TABLE {METRICS} TO me;",
    ]


def test_several_tables_of_one_schema_are_one_grant_on_it() -> None:
    text = "SELECT a FROM system.information_schema.x UNION ALL SELECT a FROM (SELECT b AS a\n"
    assert _needed(f"{text} from system.`information_schema`.y)") == [
        "GRANT USE CATALOG ON CATALOG system TO me;",
        "GRANT USE SCHEMA, SELECT ON SCHEMA system.information_schema TO me;",
    ]


@pytest.mark.parametrize("words", ["DETAIL", "TABLE EXTENDED", "TABLE", ""])
def test_describing_needs_the_table_and_what_is_above_it(words: str) -> None:
    """As JSON or not: whatever is said about a table is said to those who may read it."""
    text = f"DESCRIBE {words} `ca.ta``log`.`sales`.`FROM x` AS JSON"
    assert [*tables_in(text)] == [("ca.ta`log", "sales", "FROM x")]
    assert _needed(text) == ["GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG `ca.ta``log` TO me;"]


def test_a_statement_without_a_table_needs_none() -> None:
    assert _needed("SELECT 1") == []
    assert _needed("SELECT 'FROM x.y.z' AS text, a IS DISTINCT FROM :b AS b") == []


def test_a_grant_higher_up_holds_for_all_below() -> None:
    assert reading("c").privileges == "USE CATALOG, USE SCHEMA, SELECT"
    assert reading("c", "s").sql() == "GRANT USE SCHEMA, SELECT ON SCHEMA c.s TO `<principal>`;"
    assert reading("c", "s", "t") == entering("c", "s", "t")
    assert entering("c", "s").privileges == "USE SCHEMA"


def test_every_statement_that_is_sent_names_whole_tables() -> None:
    """A word that was taken for a table would be granted, and the table itself would not."""
    texts = [text for way in (*WAYS, CHECKS) for text in way.statements]
    tables = {text: [*tables_in(text)] for text in texts}
    assert {len(table) for found in tables.values() for table in found} == {3}
    assert [text for text, found in tables.items() if not found] == ["SELECT 1"]


@pytest.mark.parametrize("whole", [all_tags(), reads("m", "me", 3), latest("m", 3, ["c"])])
def test_a_slice_of_an_answer_needs_what_the_whole_does(whole: Statement) -> None:
    assert whole.sliced
    assert grants_for(whole.slice(0, 4)) == grants_for(whole)
