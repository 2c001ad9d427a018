"""What a failed statement says about the table that it asked about."""

from __future__ import annotations

import pytest
from databricks.sdk.service.sql import ServiceErrorCode, StatementStatus

from lakewarden_collector.sources.databricks.statements.errors import (
    error_class_of,
    exceeds_inline,
    failure,
    refuses_links,
)


def _status(
    message: str, sql_state: str | None = None, code: str = "BAD_REQUEST"
) -> StatementStatus:
    return StatementStatus.from_dict(
        {
            "state": "FAILED",
            "error": {"error_code": code, "message": message},
            "sql_state": sql_state,
        }
    )


@pytest.mark.parametrize(
    ("message", "sql_state", "kind"),
    [
        ("[INSUFFICIENT_PERMISSIONS] Insufficient privileges: …", "42501", "denied"),
        ("[INSUFFICIENT_PERMISSIONS] Insufficient privileges: …", None, "denied"),
        ("PERMISSION_DENIED: User does not have USE CATALOG on Catalog 'x'.", None, "denied"),
        ("[UNAUTHORIZED_ACCESS] Unauthorized access: …", "42501", "denied"),
        ("[TABLE_OR_VIEW_NOT_FOUND] The table or view `a` …", "42P01", "missing"),
        ("[SCHEMA_NOT_FOUND] The schema `a` cannot be found.", "42704", "missing"),
        ("[NO_SUCH_CATALOG_EXCEPTION] Catalog 'x' was not found", "42704", "missing"),
        ("[DELTA_TABLE_NOT_FOUND] Delta table `a` doesn't exist.", "42P01", "missing"),
        ("org.apache.spark.sql.X: [TABLE_OR_VIEW_NOT_FOUND] a", None, "missing"),
        ("[EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE] 'DESCRIBE DETAIL' …", "42809", "unsupported"),
        ("[UC_COMMAND_NOT_SUPPORTED.WITHOUT_RECOMMENDATION] …", "0AKUC", "unsupported"),
        ("[DELTA_MISSING_DELTA_TABLE] `a` is not a Delta table.", "42P01", "unsupported"),
        ("[DELTA_TABLE_ONLY_OPERATION] `a` is not a Delta table.", "0AKDD", "unsupported"),
        ("[UNSUPPORTED_FEATURE.X] …", "0A000", "unsupported"),
        ("[PARSE_SYNTAX_ERROR] Syntax error at or near '||'", "42601", "failed"),
        ("[DELTA_PATH_DOES_NOT_EXIST] s3://a doesn't exist", "42K03", "failed"),
        ("something else", None, "failed"),
    ],
)
def test_failures_are_told_apart(message: str, sql_state: str | None, kind: str) -> None:
    """A denied table needs a grant, a missing one nothing: the remedy hangs on it."""
    error = failure(_status(message, sql_state), "describe_detail")
    assert (error.kind, error.transient) == (kind, False)
    assert error.message == message


@pytest.mark.parametrize(
    ("message", "state", "kind"),
    [
        ("The table or view cannot be found. SQLSTATE: 42P01", "42P01", "missing"),
        ("The table or view cannot be found.\n== SQL ==\nSQLSTATE=42P01", "42P01", "missing"),
        ("User lacks a privilege (SQLSTATE 42501)", "42501", "denied"),
        ("`sqlstate: 42P01` isn't a state", "", "failed"),
        ("SQLSTATE: 42P012", "", "failed"),
    ],
)
def test_a_sql_state_is_read_from_the_text_too(message: str, state: str, kind: str) -> None:
    """Not every answer has the field; a missing table would be one that failed."""
    error = failure(_status(message), "describe_detail")
    assert (error.sql_state, error.kind) == (state, kind)
    assert failure(_status(message, "0A000"), "x").sql_state == "0A000"


@pytest.mark.parametrize("code", ServiceErrorCode)
def test_failures_that_may_pass_are_known_by_their_code(code: ServiceErrorCode) -> None:
    passing = {"ABORTED", "DEADLINE_EXCEEDED", "INTERNAL_ERROR", "IO_ERROR", "RESOURCE_EXHAUSTED",
               "SERVICE_UNDER_MAINTENANCE", "TEMPORARILY_UNAVAILABLE",
               "WORKSPACE_TEMPORARILY_UNAVAILABLE"}  # fmt: skip
    error = failure(_status("busy", None, code.value), "k")
    assert error.transient == (code.value in passing)
    assert error.overloaded == (code.value == "RESOURCE_EXHAUSTED")


@pytest.mark.parametrize(
    ("sql_state", "passing"), [("08006", True), ("57014", True), ("42601", False)]
)
def test_or_by_their_sql_state(sql_state: str, passing: bool) -> None:  # noqa: FBT001 -- pytest names parameters
    assert failure(_status("x", sql_state), "k").transient == passing


def test_a_denial_is_final_whatever_its_code() -> None:
    """Four more attempts at a table that is forbidden would look like an attack."""
    assert not failure(_status("[PERMISSION_DENIED] x", "42501", "INTERNAL_ERROR"), "k").transient


def test_a_code_that_the_sdk_does_not_know_is_a_failure() -> None:
    """The SDK turns it into None."""
    assert failure(_status("x", None, "NEW_CODE"), "k").kind == "failed"
    assert failure(StatementStatus(), "k").what == "no reason was given"


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("[A_B.C_D] text", "A_B.C_D"),
        ("  [A_B] text", "A_B"),
        ("java.lang.X$Y: [A_B] text", "A_B"),
        ("PERMISSION_DENIED: text", "PERMISSION_DENIED"),
        ("Table [A_B] is not there", ""),
        ("Error", ""),
        ("", ""),
    ],
)
def test_the_class_stands_at_the_front(message: str, name: str) -> None:
    """A table's name further back may look like one."""
    assert error_class_of(message) == name


def test_the_two_ways_of_answering_are_told_from_other_failures() -> None:
    assert exceeds_inline(failure(_status("Inline byte limit exceeded. Statements …"), "k"))
    assert refuses_links(failure(_status("EXTERNAL_LINKS disposition is disabled"), "k"))
    other = failure(_status("[TABLE_OR_VIEW_NOT_FOUND] x"), "k")
    assert not exceeds_inline(other)
    assert not refuses_links(other)
