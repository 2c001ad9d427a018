"""The file of fixes against Spark's own parser: comments stay comments, blanks stop a statement."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlglot

from lakewarden.fixes.selection import Filters
from lakewarden.fixes.sql_file import comment, write_fixes
from tests.support import fixable, reports
from tests.support.fixable import STRATEGY, cluster, failing, table

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

_HOSTILE = [
    *("a\\", "a\\ ", "a\nSELECT 7", "a\rSELECT 7", "*/ SELECT 7; /*", "/*", "'", '"', "`"),
    *("${system:line.separator}SELECT 7", "${spark.master}", "a\u2028SELECT 7", "a\x85SELECT 7"),
]


@pytest.mark.parametrize("text", _HOSTILE)
def test_spark_reads_no_sql_in_a_comment(spark: Any, text: str) -> None:  # noqa: ANN401 -- pyspark is untyped here
    """It goes on after a backslash, and replaces variables before it parses."""
    alone = _parsed(spark, "SELECT 42")
    assert _parsed(spark, f"-- {comment(text)}\nSELECT 42") == alone


def test_spark_parses_each_statement_of_the_file_but_those_with_a_blank(spark: Any) -> None:  # noqa: ANN401 -- as above
    names = ["a;DROP TABLE b;--", "*/ DROP TABLE b; /*", "`", "'", "é", "a--b", "a\\", "<a>"]
    filled, blank = fixable.hostile(names), "main.sales.blank"
    unfilled = fixable.report([table(blank, {STRATEGY: failing("x", cluster(blank))})])
    statements = _statements(filled)
    assert len(statements) == len(names)
    for statement in statements:
        _parsed(spark, statement)
    (statement,) = _statements(unfilled)
    with pytest.raises(Exception, match="PARSE_SYNTAX_ERROR"):
        _parsed(spark, statement)


def _parsed(spark: Any, sql: str) -> str:  # noqa: ANN401 -- as above
    parser = spark._jsparkSession.sessionState().sqlParser()  # noqa: SLF001 -- there is no other way to it
    return str(parser.parsePlan(sql).toString())


def _statements(sample: reports.Sample) -> list[str]:
    """Return what stands outside of comments, as it's written."""
    out = io.StringIO()
    write_fixes(sample, Filters(), out)
    found, begin = [], None
    for token in sqlglot.tokenize(out.getvalue(), read="databricks"):
        begin = token.start if begin is None else begin
        if token.token_type is sqlglot.TokenType.SEMICOLON:
            found.append(out.getvalue()[begin : token.start])
            begin = None
    return found
