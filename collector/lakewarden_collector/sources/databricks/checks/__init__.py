"""Checks of a workspace: what a collection needs of it, and the grants that are missing."""

from __future__ import annotations

from collections.abc import Iterator

from lakewarden_collector.sources.databricks.checks.catalogs import describing, visible_catalogs
from lakewarden_collector.sources.databricks.checks.check import Check, Checked
from lakewarden_collector.sources.databricks.checks.system_tables import system_tables
from lakewarden_collector.sources.databricks.checks.warehouse import (
    answers,
    no_warehouse,
    warehouse,
)
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.evidence.refusal import refusal_text
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.statements.errors import StatementError

__all__ = ["Check", "Checked", "check"]


def check(workspace: Checked, run: Run | None, scope: Scope | None = None) -> Iterator[Check]:
    """Look at everything that a collection uses, the cheap things first; yield a line for each.

    `run` is None where no warehouse is configured. Only `Interrupted` is raised. Nothing is
    changed, but a warehouse that is stopped is started.
    """
    within = scope or Scope()
    asker = Asker(host=workspace.host, principal=workspace.principal)
    who = workspace.principal or "a user whose name the workspace doesn't reveal"
    yield Check("ok", f"signed in to {workspace.host} as {who}")
    yield Check("ok", f"metastore {workspace.metastore_id}")
    visible, checks = visible_catalogs(workspace, within, asker)
    yield from checks
    if run is None or not workspace.warehouse_id:
        yield no_warehouse(workspace)
        return
    yield warehouse(workspace, workspace.warehouse_id)
    answered = answers(workspace, workspace.warehouse_id, run)
    yield answered
    if answered.state == "missing":
        return
    try:
        yield from system_tables(run, workspace.metastore_id, asker)
        yield from describing(workspace, run, visible.whole, within, asker)
    except StatementError as error:
        yield Check("missing", f"no further statement can run: {refusal_text(error)}", error.remedy)
