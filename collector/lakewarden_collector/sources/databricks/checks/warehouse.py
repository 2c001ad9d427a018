"""Whether the SQL warehouse is there, may be used, and answers."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote

from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied

from lakewarden_collector.sources.databricks.checks.check import STATEMENT, TROUBLE, Check, Checked
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.server_text import error_text, sound
from lakewarden_collector.sources.databricks.evidence.refusal import refusal_text
from lakewarden_collector.sources.databricks.statements.errors import (
    ANOTHER_WAREHOUSE,
    StatementError,
)
from lakewarden_collector.sources.databricks.statements.grants import CAN_USE, ON_THE_WAREHOUSE
from lakewarden_collector.sources.databricks.statements.statement import Statement

WAREHOUSES: Final = "/api/2.0/sql/warehouses/"

_NAME_ONE: Final = (
    "Name one with --warehouse-id, DATABRICKS_WAREHOUSE_ID or warehouse_id in the profile: the "
    "smallest is enough, statements only read metadata."
)
_SHOWN: Final = 20
_GONE: Final = frozenset({"DELETED", "DELETING"})

ANSWERS: Final = Statement(text="SELECT 1", kind=STATEMENT)
"""The cheapest statement there is."""


def no_warehouse(workspace: Checked) -> Check:
    """Say that none is configured, and what is lacking then."""
    return Check(
        "missing",
        "no SQL warehouse is configured: tables are listed, but sizes, reads and tags stay unknown",
        _name_one(workspace),
    )


def _name_one(workspace: Checked) -> str:
    """Say how to name a warehouse, and which there are as far as the principal sees them."""
    try:
        listed = workspace.get(WAREHOUSES.removesuffix("/")).get("warehouses")
    except TROUBLE as error:
        return f"{_NAME_ONE} They can't be listed: {error_text(error)}"
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    there = [
        f"{row['id']} ({row.get('name') or 'without a name'}, "
        f"{str(row.get('state') or 'in an unknown state').lower()})"
        for row in sorted(rows, key=lambda row: str(row.get("name")))
        if isinstance(row.get("id"), str) and row.get("state") not in _GONE
    ]
    if not there:
        return f"{_NAME_ONE} The principal sees none: ask for one, or for CAN USE on one."
    more = f", and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    return str(sound(f"{_NAME_ONE} There are: {', '.join(there[:_SHOWN])}{more}."))


def warehouse(workspace: Checked, identity: str) -> Check:
    """Look at the warehouse's state; nothing is started."""
    try:
        answer = workspace.get(WAREHOUSES + quote(identity, safe=""))
    except (NotFound, BadRequest) as error:
        return Check(
            "missing", f"SQL warehouse {identity}: {error_text(error)}", _name_one(workspace)
        )
    except PermissionDenied as error:
        return Check(
            "missing",
            f"SQL warehouse {identity}: {error_text(error)}",
            can_use(workspace, identity),
        )
    except TROUBLE as error:
        return Check("note", f"SQL warehouse {identity}: {error_text(error)}")
    name, state = answer.get("name", identity), str(answer.get("state", "in an unknown state"))
    kind = "serverless" if answer.get("enable_serverless_compute") else answer.get("warehouse_type")
    what = f"SQL warehouse {name} ({kind or 'of an unknown type'}): {state.lower()}"
    if state in _GONE:
        return Check("missing", what, _name_one(workspace))
    if state == "STOPPED":
        what += "; the first statement starts it, which takes seconds if serverless, else minutes"
    return Check("ok", what)


def can_use(workspace: Checked, identity: str) -> str:
    """Return how the principal is allowed to use the warehouse, which no GRANT does."""
    who = "user_name" if "@" in workspace.principal else "service_principal_name"
    body = {
        "access_control_list": [
            {who: workspace.principal or "<principal>", "permission_level": CAN_USE}
        ]
    }
    return (
        f"Give the principal {ON_THE_WAREHOUSE}: "
        f"databricks permissions update warehouses {identity} --json '{json.dumps(body)}'"
    )


def answers(workspace: Checked, identity: str, run: Run) -> Check:
    """Send the cheapest statement there is; it starts a warehouse that is stopped."""
    try:
        run(ANSWERS)
    except StatementError as error:
        remedy = error.remedy
        if remedy in {"", ANOTHER_WAREHOUSE}:
            denied = error.kind == "denied"
            remedy = can_use(workspace, identity) if denied else _name_one(workspace)
        return Check("missing", f"a statement doesn't run: {refusal_text(error)}", remedy)
    return Check("ok", "a statement runs")
