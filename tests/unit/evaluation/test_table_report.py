"""A table in the report: what it repeats of the document."""

from __future__ import annotations

import json

import msgspec
import pytest

from lakewarden.evaluation.table_report import reported
from lakewarden.model.decision import TableDecisions
from lakewarden.model.report import TableReport
from lakewarden_collector.document import Definition, EncodedDocument, TableDocument
from tests.support.commandline import document

_PLACE = {"tool": "terraform", "address": "databricks_sql_table.a", "file": "main.tf", "line": 3}


def entry(**fields: object) -> TableReport:
    """Return the report's entry about a document that has gone through its own checks."""
    made = msgspec.json.decode(json.dumps(document("a", **fields)), type=TableDocument)
    encoded = EncodedDocument(full_name=made.full_name, data=msgspec.json.encode(made))
    return reported(encoded, TableDecisions(decisions={}))


def test_a_planned_table_says_where_it_is_declared() -> None:
    """Who reads of a violation in a pull request has to find the line that makes the table."""
    assert entry(definition=_PLACE).definition == Definition(**_PLACE)  # type: ignore[arg-type]  # plain values


@pytest.mark.parametrize("fields", [{}, {"definition": {}}])
def test_a_table_of_an_estate_has_no_definition(fields: dict[str, object]) -> None:
    table = entry(**fields)
    assert table.definition is None
    assert b"definition" not in msgspec.json.encode(table)
