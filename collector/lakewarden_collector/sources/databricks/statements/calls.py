"""One request of the Statement Execution API, and what its refusal means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import requests
from databricks.sdk.errors import (
    BadRequest,
    DeadlineExceeded,
    InternalError,
    NotFound,
    PermissionDenied,
    ResourceConflict,
    Unauthenticated,
)
from databricks.sdk.errors.base import DatabricksError

from lakewarden_collector.errors import clause
from lakewarden_collector.sources.databricks.concurrency.retry import persistently
from lakewarden_collector.sources.databricks.concurrency.retry_clock import PacedClock, is_refusal
from lakewarden_collector.sources.databricks.statements.errors import (
    StatementError,
    classify,
    error_class_of,
    sql_state_of,
    text_of,
    understood,
)

_AGAIN: Final = (requests.RequestException, InternalError, DeadlineExceeded)
"""What the SDK does not retry but what passes: HTTP 500 and 504, and answers that broke off. (It
retries 429, 503 and connections that broke before an answer began.)"""

T = TypeVar("T")


def call(clock: PacedClock, request: Callable[[], T], where: str) -> T:
    """Return what a request answers, tried again where its failure may pass.

    Raises `StatementError` for every refusal and failure, and `Interrupted`.
    """

    def asked() -> T:
        with understood(where):
            return request()

    try:
        return persistently(asked, _passes, clock)
    except (DatabricksError, requests.RequestException, TimeoutError, ValueError) as error:
        raise _statement_error(error, where) from error


def is_gone(error: StatementError) -> bool:
    """Tell whether the workspace answered 404: what the request names is not there."""
    return isinstance(error.__cause__, NotFound)


def is_of_request(error: StatementError) -> bool:
    """Tell whether a request failed or was refused, rather than the statement that it was about."""
    return isinstance(
        error.__cause__, DatabricksError | requests.RequestException | TimeoutError | ValueError
    )


def is_refused(error: StatementError) -> bool:
    """Tell whether the workspace refused the request itself, and would again."""
    return isinstance(error.__cause__, BadRequest | ResourceConflict)


def _passes(error: Exception) -> bool:
    again = isinstance(error, _AGAIN) and not isinstance(error, TimeoutError)
    return again and not is_refusal(error)


def _statement_error(error: Exception, where: str) -> StatementError:
    message = text_of(error)
    error_class = error_class_of(message)
    match error:
        case PermissionDenied():
            return StatementError(
                kind="denied",
                message=message,
                error_class=error_class,
                fatal=True,
                where=where,
                remedy="grant CAN USE on the SQL warehouse to the principal that collects",
            )
        case Unauthenticated():
            return StatementError(
                kind="failed",
                message=f"the workspace no longer accepts the credentials: {message}",
                fatal=True,
                where=where,
                remedy="log in again, for example with `databricks auth login`",
            )
        case TimeoutError():
            why = error.__cause__
            return StatementError(
                kind="failed",
                message=f"{clause(message)}; the last answer was: {_without_addresses(why)}"
                if why
                else message,
                where=where,
            )
        case requests.RequestException():
            return StatementError(
                kind="failed", message=_without_addresses(error), transient=True, where=where
            )
        case NotFound():
            return StatementError(
                kind="missing", message=message, error_class=error_class, where=where
            )
        case _:
            sql_state = sql_state_of(message)
            return StatementError(
                kind=classify(sql_state, error_class),
                message=message,
                sql_state=sql_state,
                error_class=error_class,
                transient=isinstance(error, (InternalError, DeadlineExceeded)),
                where=where,
            )


def _without_addresses(error: BaseException) -> str:
    # The text of an error of `requests` holds addresses of objects and ports: never twice the same.
    if isinstance(error, requests.RequestException):
        return f"the connection failed ({type(error).__name__})"
    return text_of(error) or type(error).__name__
