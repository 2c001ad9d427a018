"""Spark's exceptions as the states of a failed statement, in the user's names."""

from __future__ import annotations

import re
from typing import Any, Final

from py4j.java_gateway import is_instance_of
from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors import ParseException, PySparkException

from tests.workspace.estate import SqlError
from tests.workspace.spark_names import Names
from tests.workspace.spark_rewriting import Rewritten

_FRAGMENT: Final = re.compile(r"\s*\n== SQL.*", re.DOTALL)
"""The rewritten statement, which is not what the user wrote."""

_PLAN: Final = re.compile(r";\n'?\w.*", re.DOTALL)
"""The plan's tree, which Spark appends to what its analysis refuses."""

_SYNTAX_ERROR: Final = "42601"
_GENERAL_ERROR: Final = "HY000"


def sql_error(
    error: PySparkException | Py4JJavaError, statement: Rewritten, names: Names
) -> SqlError:
    """Return the error that the API would report.

    Its class and SQLSTATE are Spark's or Delta's own; where they give none, the state is that of a
    syntax error or of any error. Places in the message are those of the user's text.
    """
    state, error_class, message = _output(error)
    message = _PLAN.sub("", _FRAGMENT.sub("", message)).strip().removeprefix(f"[{error_class}]")
    if not state:
        state = _SYNTAX_ERROR if isinstance(error, ParseException) else _GENERAL_ERROR
    return SqlError(state, error_class, names.restored(statement.with_places(message)).strip())


def _output(error: PySparkException | Py4JJavaError) -> tuple[str | None, str, str]:
    if isinstance(error, PySparkException):
        return error.getSqlState(), error.getCondition() or "", str(error)
    thrown = error.java_exception
    while thrown is not None:
        if _has_condition(thrown):
            jvm: Any = SparkContext._jvm  # noqa: SLF001 -- as pyspark does
            utilities = jvm.PythonErrorUtils
            condition = utilities.getCondition(thrown) or ""
            return utilities.getSqlState(thrown), condition, thrown.getMessage()
        thrown = thrown.getCause()
    return "XX000", "INTERNAL_ERROR", error.java_exception.toString()


def _has_condition(thrown: Any) -> bool:  # noqa: ANN401 -- a Java object
    gateway = SparkContext._gateway  # noqa: SLF001 -- pyspark offers no other way to it
    return bool(is_instance_of(gateway, thrown, "org.apache.spark.SparkThrowable"))
