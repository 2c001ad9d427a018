"""What the policies say about the examples in their own annotations, whole and with less known."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from lakewarden.kit.opa_eval import QueryError, opa_eval
from lakewarden.kit.scratch import Workspace
from lakewarden.model.policy import ABOUT_TABLES, ABOUT_WAIVERS

EXAMPLE_CLOCK: Final = "2026-11-23T05:10:00Z"


def _column(position: int, name: str, sql: str, stored: str) -> dict[str, Any]:
    field = {"name": name, "type": stored, "nullable": True, "metadata": {}}
    return {
        "name": name,
        "type_text": sql,
        "type_json": json.dumps(field, separators=(",", ":")),
        "nullable": True,
        "comment": "",
        "position": position,
    }


_COLUMNS: Final = (
    ("order_id", "bigint", "long"),
    ("ordered_on", "date", "date"),
    ("city", "string", "string"),
    ("status", "string", "string"),
    ("total", "decimal(18,2)", "decimal(18,2)"),
    ("note", "string", "string"),
)

EXAMPLE_TABLE: Final[Mapping[str, Any]] = {
    "full_name": "main.sales.orders",
    "catalog_name": "main",
    "schema_name": "sales",
    "name": "orders",
    "table_type": "MANAGED",
    "data_source_format": "DELTA",
    "owner": "sales-analytics",
    "comment": "",
    "created_at": "2026-01-05T08:00:00Z",
    "updated_at": "2026-11-22T00:00:00Z",
    "properties": {},
    "tags": {},
    "columns": [_column(position, *column) for position, column in enumerate(_COLUMNS)],
    "size": {"bytes": 5368709120, "exact": True, "as_of": "2026-11-22T00:00:00Z"},
    "detail": {},
    "access": {},
    "predictive_optimization": {},
    "evidence": {},
}
"""A managed Delta table of 5 GiB and six columns, without clustering, as JSON values."""


EXAMPLE_WAIVER: Final[Mapping[str, Any]] = {
    "name": "The waiver of naming.short_columns for main.sales.orders",
    "policy": "naming.short_columns",
    "severity": "high",
    "kind": "accepted",
    "table": "main.sales.orders",
    "reason": "It goes with the old shop.",
    "owner": "sales-analytics",
    "approved_by": "data-governance",
    "expires": "2027-05-31",
    "ends_at": "2027-06-01T00:00:00Z",
}
"""A waiver for half a year, without a ticket, as policies about waivers see it."""


def example(fields: Mapping[str, Any], subject: str = ABOUT_TABLES) -> dict[str, Any]:
    """Return the example table, or waiver, with these top-level fields in place of its own."""
    return {**(EXAMPLE_WAIVER if subject == ABOUT_WAIVERS else EXAMPLE_TABLE), **fields}


Decision = dict[str, Any]


class Case(Struct, frozen=True, kw_only=True):
    """One policy about one document, under changes of the settings of its domain.

    The document is a table's, or a waiver's where the `subject` is waivers.
    """

    policy_id: str
    table: Mapping[str, Any]
    settings: Mapping[str, Any] = {}
    subject: str = ABOUT_TABLES


_QUERY: Final = """[answer |
    some question in input.questions
    answer := [about | some about in data.lakewarden.main.decisions with input as question]
]"""
"""One process for all; each question names one policy, so that no other is evaluated with it."""


def decide(
    workspace: Workspace, cases: Sequence[Case], *, strict: bool = True
) -> list[Decision | str]:
    """Have OPA decide the cases; each has the router's decision, or OPA's words where it refuses.

    All are asked at once. Where OPA refuses, the two halves are asked again, down to the case that
    is to blame. `strict` is how a run decides: a built-in that fails is an error.
    """
    if not cases:
        return []
    answer = _ask(workspace, cases, strict=strict)
    if not isinstance(answer, str):
        pairs = zip(answer, cases, strict=True)
        return [
            about[0]["decisions"][case.policy_id] if about else "the router said nothing"
            for about, case in pairs
        ]
    if len(cases) == 1:
        return [answer]
    half = len(cases) // 2
    halves = (cases[:half], cases[half:])
    return [each for part in halves for each in decide(workspace, part, strict=strict)]


def _ask(
    workspace: Workspace, cases: Sequence[Case], *, strict: bool
) -> Sequence[Sequence[Decision]] | str:
    defaults = {
        domain: {name: setting["default"] for name, setting in schema["properties"].items()}
        for domain, schema in workspace.domains.items()
    }
    questions = [_question(case, defaults) for case in cases]
    given = json.dumps({"questions": questions}).encode()
    try:
        answer: list[list[Decision]] = opa_eval(
            workspace.opa, workspace.staged, _QUERY, given, strict=strict
        )
    except QueryError as error:
        return str(error)
    return answer


def _question(case: Case, defaults: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    domain = case.policy_id.partition(".")[0]
    documents = (
        {"subject": ABOUT_WAIVERS, "documents": [case.table]}
        if case.subject == ABOUT_WAIVERS
        else {"tables": [case.table]}
    )
    return {
        "policies": [case.policy_id],
        "settings": {**defaults, domain: {**defaults.get(domain, {}), **case.settings}},
        "waivers": [],
        "now": EXAMPLE_CLOCK,
        **documents,
    }
