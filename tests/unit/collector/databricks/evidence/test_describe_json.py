"""`DESCRIBE TABLE EXTENDED … AS JSON`: what a live workspace wrote, and what it might."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import Absence, PredictiveOptimization, TableDocument
from lakewarden_collector.sources.databricks.evidence.describe_json import (
    describe,
    unknown_here,
    why_not,
)
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Rows, Statement
from tests.unit.collector.databricks.evidence.fake_workspace import table

KIND = "predictive_optimization"
NO_SYNTAX = StatementError(
    kind="failed",
    sql_state="42601",
    error_class="PARSE_SYNTAX_ERROR",
    message="[PARSE_SYNTAX_ERROR] Syntax error at or near 'AS'",
)


def described(document: TableDocument, answer: Rows | StatementError) -> TableDocument:
    def run(statement: Statement) -> Rows:
        assert statement.kind == "describe_json"
        if isinstance(answer, StatementError):
            raise answer
        return answer

    return describe(document, run)


def rows(*values: str | None) -> Rows:
    return Rows(columns=("json_metadata",), rows=tuple((value,) for value in values))


@pytest.mark.parametrize(
    ("reported", "enabled", "inherited_from"),
    [
        (
            "ENABLE (inherited from METASTORE metastore_aws_eu_west_1)",
            True,
            "METASTORE metastore_aws_eu_west_1",
        ),
        ("DISABLE (inherited from CATALOG a (b) c)", False, "CATALOG a (b) c"),
        ("ENABLE", True, UNSET),
        ("DISABLED", False, UNSET),
    ],
)
def test_what_is_told_is_read(reported: str, *, enabled: bool, inherited_from: str) -> None:
    before = table(evidence={KIND: Absence(status="failed", reason="earlier")})
    answer = {"table_name": "t", "predictive_optimization": reported, "statistics": {"a": [1]}}
    document = described(before, rows(json.dumps(answer)))
    assert document.predictive_optimization == PredictiveOptimization(
        enabled=enabled, inherited_from=inherited_from
    )
    assert document.evidence == {}


def test_names_are_quoted() -> None:
    """A name is text of somebody else's, and a statement is ours."""
    sent: list[str] = []

    def run(statement: Statement) -> Rows:
        sent.append(statement.text)
        return rows("{}")

    describe(table("ma`in", "t AS JSON"), run)
    assert sent == ["DESCRIBE TABLE EXTENDED `ma``in`.`s`.`t AS JSON` AS JSON"]
    document = describe(table(name="line\nbreak"), run)
    assert document.evidence[KIND].status == "unsupported"
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (rows("{}"), "unsupported", "says nothing"),
        (rows('{"predictive_optimization":null}'), "unsupported", "says nothing"),
        (rows('{"predictive_optimization":"INHERIT"}'), "unsupported", "INHERIT"),
        (rows('{"predictive_optimization":"ENABLE (inherited'), "failed", "can't be read"),
        (rows('{"predictive_optimization":{"value":"ENABLE"}}'), "failed", "can't be read"),
        (rows("[]"), "failed", "can't be read"),
        (rows('"\ud800"'), "failed", "can't be read"),
        (rows("[" * 100_000), "failed", "can't be read"),
        (rows(None), "failed", "answered 1 values"),
        (rows(), "failed", "answered 0 values"),
        (rows("{}", "{}"), "failed", "answered 2 values"),
        (NO_SYNTAX, "unsupported", "this SQL warehouse does not know"),
        (StatementError(kind="denied", message="no"), "denied", "SELECT"),
        (StatementError(kind="missing", message="no"), "failed", "can't find it"),
        (StatementError(kind="unsupported", message="no"), "unsupported", "type of table"),
        (StatementError(kind="failed", message="no"), "failed", "failed (no)"),
    ],
)
def test_what_gave_no_answer_says_why(
    answer: Rows | StatementError, status: str, words: str
) -> None:
    document = described(table(), answer)
    assert document.predictive_optimization == PredictiveOptimization()
    why = document.evidence[KIND]
    assert why.status == status
    assert words in str(why.reason)


def test_an_error_that_ends_all_statements_is_raised() -> None:
    fatal = StatementError(kind="failed", message="no warehouse", fatal=True)
    with pytest.raises(StatementError):
        described(table(), fatal)


def test_only_a_statement_that_cannot_be_parsed_is_unknown_to_the_warehouse() -> None:
    assert unknown_here(NO_SYNTAX)
    assert not unknown_here(StatementError(kind="failed", message="[SOME_ERROR] no"))


@pytest.mark.parametrize("table_type", ["VIEW", "METRIC_VIEW", "FOREIGN", "EXTERNAL"])
def test_what_databricks_does_not_maintain_is_not_asked_for(table_type: str) -> None:
    why = why_not(table(table_type=table_type))
    assert why is not None
    assert why.status == "unsupported"
    assert table_type in str(why.reason)


@pytest.mark.parametrize("table_type", ["MANAGED", "STREAMING_TABLE", "OF_TOMORROW", UNSET])
def test_what_may_have_it_is_asked_for(table_type: str) -> None:
    assert why_not(table(table_type=table_type)) is None


@given(st.text())
def test_any_text_is_an_answer_or_a_reason(text: str) -> None:
    reported = described(table(), rows(json.dumps({KIND: text})))
    assert (KIND in reported.evidence) == (reported.predictive_optimization.enabled is UNSET)
    broken = described(table(), rows(text))
    assert KIND in broken.evidence
