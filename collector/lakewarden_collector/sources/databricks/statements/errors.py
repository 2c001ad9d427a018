"""A statement that did not answer, and what that says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from databricks.sdk.service.sql import ServiceErrorCode, StatementStatus

from lakewarden_collector.errors import Problem

FailureKind = Literal["denied", "missing", "unsupported", "failed"]
_Rules = tuple[tuple[FailureKind, bool], ...]

_CLASS: Final = re.compile(r"(?:[\w.$]+: )*\[([A-Z][A-Z0-9_]*(?:\.[A-Z][A-Z0-9_]*)*)\]")
_BARE_CLASS: Final = re.compile(r"(?:[\w.]+: )?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b")
"""Unity Catalog writes some without brackets: `PERMISSION_DENIED: User does not have …`."""

# assumes refusals-have-a-class
_DENIED: Final = {"INSUFFICIENT_PERMISSIONS", "INSUFFICIENT_PRIVILEGES", "PERMISSION_DENIED"}
_MISSING: Final = re.compile(
    r"(?:TABLE|VIEW|SCHEMA|CATALOG|DATABASE)(?:_OR_\w+)?(?:_DOES)?_(?:NOT_FOUND|NOT_EXIST)"
    r"|NO_SUCH_(?:TABLE|SCHEMA|CATALOG|DATABASE)\w*"
)
_UNSUPPORTED: Final = {
    "EXPECT_TABLE_NOT_VIEW",
    "UC_COMMAND_NOT_SUPPORTED",
    "DELTA_MISSING_DELTA_TABLE",  # "… is not a Delta table", with the state of a missing one
    "DELTA_NOT_A_DELTA_TABLE",
    "DELTA_ONLY_OPERATION",
    "DELTA_TABLE_ONLY_OPERATION",
}

_TRANSIENT: Final = {
    ServiceErrorCode.ABORTED,
    ServiceErrorCode.DEADLINE_EXCEEDED,
    ServiceErrorCode.INTERNAL_ERROR,
    ServiceErrorCode.IO_ERROR,
    ServiceErrorCode.RESOURCE_EXHAUSTED,
    ServiceErrorCode.SERVICE_UNDER_MAINTENANCE,
    ServiceErrorCode.TEMPORARILY_UNAVAILABLE,
    ServiceErrorCode.WORKSPACE_TEMPORARILY_UNAVAILABLE,
}
_TRANSIENT_STATES: Final = ("08", "57")
"""SQLSTATE classes of a lost connection and of an operator's intervention."""
_SQLSTATE: Final = re.compile(r"\bSQLSTATE\b[\s:=(\[]*([0-9A-Z]{5})\b")
"""Spark ends its messages with it, and not every answer has the field of its own."""
_ODD: Final = (AttributeError, TypeError, LookupError, RecursionError)
# assumes inline-limit-words
_INLINE_LIMIT: Final = re.compile(r"inline byte limit|25 ?Mi?B", re.IGNORECASE)
# assumes links-refused-words
_NO_LINKS: Final = re.compile(r"external[_ ]links?", re.IGNORECASE)
# assumes refusals-of-extras-name-them
_QUERY_TAGS: Final = re.compile(r"query[_ ]?tags?\b", re.IGNORECASE)
_WAREHOUSE: Final = re.compile(r"\b(?:warehouse|endpoint)(?:s|_?ids?)?\b", re.IGNORECASE)
"""A warehouse was once called an endpoint, and some refusals still say so."""


ANOTHER_WAREHOUSE: Final = (
    "name another one with --warehouse-id or DATABRICKS_WAREHOUSE_ID; "
    "`lakewarden doctor --source databricks` says which there are"
)
"""The remedy where a warehouse takes no statements."""


class StatementError(Problem):
    """A statement that did not answer.

    `kind` says what that means for what was asked about; `message` is what the workspace said,
    whole; `sql_state` and `error_class` are "" where it did not give them. `fatal`: no further
    statement can succeed either. `transient`: the same statement may succeed when it is sent again;
    `overloaded`: it failed because there were too many. `refused`: the request was refused, so
    there never was a statement.
    """

    def __init__(
        self,
        *,
        kind: FailureKind,
        message: str,
        sql_state: str = "",
        error_class: str = "",
        fatal: bool = False,
        transient: bool = False,
        overloaded: bool = False,
        where: str = "",
        remedy: str = "",
    ) -> None:
        first = next((line for line in message.splitlines() if line.strip()), "no reason was given")
        super().__init__(first.strip(), where=where, remedy=remedy)
        self.kind: FailureKind = kind
        self.message = message
        self.sql_state = sql_state
        self.error_class = error_class
        self.fatal = fatal
        self.transient = transient
        self.overloaded = overloaded
        self.refused = False


class LinksError(StatementError):
    """A part of the answer could not be fetched from cloud storage; inline it may come."""

    def __init__(self, why: str, where: str) -> None:
        super().__init__(
            kind="failed",
            message=f"a part of the answer could not be fetched from cloud storage: {why}",
            where=where,
        )
        self.why = why


class UnusableError(StatementError):
    """An answer that came and is none; by another way it may be one."""


@contextmanager
def understood(where: str, *also: type[Exception]) -> Iterator[None]:
    """Raise `StatementError` where the block stumbles over an answer of types it should not have.

    The SDK reads answers unchecked (`StatementResponse.from_dict`), so text where an object should
    be is an AttributeError, and a list where text should be is kept. `also` are further exceptions
    that mean the same.
    """
    odd: tuple[type[Exception], ...] = (*_ODD, *also)
    try:
        yield
    except odd as error:
        what = f"it doesn't match the API ({type(error).__name__})"
        raise unusable(what, where) from error


def unusable(what: str, where: str) -> UnusableError:
    """Return the error of an answer that came and is none."""
    return UnusableError(kind="failed", message=f"the answer can't be used: {what}", where=where)


def failure(status: StatementStatus, where: str) -> StatementError:
    """Return what a statement in the state FAILED says.

    A statement that fails is answered with HTTP 200; what tells failures apart are the SQLSTATE
    and the error class at the front of the message
    (https://docs.databricks.com/api/workspace/statementexecution, and the error classes page).
    """
    message = (status.error.message if status.error else None) or "no reason was given"
    code = status.error.error_code if status.error else None
    sql_state, error_class = status.sql_state or sql_state_of(message), error_class_of(message)
    kind = classify(sql_state, error_class, code)
    transient = code in _TRANSIENT or sql_state.startswith(_TRANSIENT_STATES)
    return StatementError(
        kind=kind,
        message=message,
        sql_state=sql_state,
        error_class=error_class,
        transient=kind == "failed" and transient,
        overloaded=code is ServiceErrorCode.RESOURCE_EXHAUSTED,
        where=where,
    )


def exceeds_inline(error: StatementError) -> bool:
    """Tell whether an answer was too large to come inline; links take it.

    The words were seen in the wild: `Inline byte limit exceeded`.
    """
    return _INLINE_LIMIT.search(error.message) is not None


def refuses_links(error: StatementError) -> bool:
    """Tell whether the workspace has external links switched off.

    Its support can do that; the words of the refusal are not documented, so any that speaks of
    external links is taken for it.
    """
    return _NO_LINKS.search(error.message) is not None


def refuses_tags(error: StatementError) -> bool:
    """Tell whether a statement was refused for its query tags, which it can do without.

    A failure about a table is none, whatever the table is called.
    """
    about_a_table = error.kind in ("missing", "unsupported") or (
        error.kind == "denied" and not error.fatal
    )
    return not about_a_table and _QUERY_TAGS.search(error.message) is not None


def names_warehouse(message: str) -> bool:
    """Tell whether a refusal speaks of the SQL warehouse."""
    return _WAREHOUSE.search(message) is not None


def sql_state_of(message: str) -> str:
    """Return the SQLSTATE that a message names, such as `42P01`; "" where it names none."""
    found = _SQLSTATE.search(message)
    return found[1] if found else ""


def error_class_of(message: str) -> str:
    """Return the error class that a message begins with, such as `TABLE_OR_VIEW_NOT_FOUND`."""
    if bracketed := _CLASS.match(message.lstrip()):
        return bracketed[1]
    bare = _BARE_CLASS.match(message.lstrip())
    return bare[1] if bare else ""


def classify(sql_state: str, error_class: str, code: ServiceErrorCode | None = None) -> FailureKind:
    """Return what a failure means for the table that was asked about.

    The class decides before the SQLSTATE, which is coarser: a table that isn't a Delta table has
    the state of one that is missing.
    """
    name = error_class.split(".", 1)[0]
    by_class: _Rules = (
        ("denied", name in _DENIED),
        ("unsupported", name in _UNSUPPORTED),
        ("missing", _MISSING.search(name) is not None),
    )
    by_state: _Rules = (
        ("denied", sql_state == "42501"),
        ("missing", sql_state == "42P01" or code is ServiceErrorCode.NOT_FOUND),
        ("unsupported", sql_state == "42809" or sql_state.startswith("0A")),
    )
    kinds: list[FailureKind] = [kind for kind, holds in (*by_class, *by_state) if holds]
    return kinds[0] if kinds else "failed"


_TAILS: Final = (". Config: ", ". Env: ", ". This is likely a bug")
"""How these begin: its configuration, behind a refusal, and a request to report strange answers
(databricks-sdk core.py and errors/parser.py)."""


def text_of(error: BaseException) -> str:
    """Return an error's message, without the SDK's configuration: who reads it has no use for it.

    It would be written into every document, with the address of a workspace.
    """
    text = str(error)
    for tail in _TAILS:
        text = text.partition(tail)[0]
    return text
