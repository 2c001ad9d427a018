"""A warehouse that takes no statement is said once with its remedy, and by each table."""

from __future__ import annotations

import pytest

from tests.integration.databricks.small_estate import six_tables
from tests.workspace.collecting import Heard, collect
from tests.workspace.faults import Broken
from tests.workspace.server import Workspace

CREDENTIALS = "the workspace no longer accepts the credentials: refused"


@pytest.mark.parametrize(
    ("status", "code", "reason", "remedy"),
    [
        (403, "PERMISSION_DENIED", "refused", "refused; grant CAN USE on the SQL warehouse"),
        (401, "UNAUTHENTICATED", CREDENTIALS, "log in again, for example with `databricks auth"),
        (404, "NOT_FOUND", "the SQL warehouse is not there", "name another one with --warehouse"),
    ],
)
def test_what_shuts_a_warehouse_is_told_with_what_opens_it(
    status: int, code: str, reason: str, remedy: str
) -> None:
    """And without the SDK's configuration, which it hangs on its messages."""
    heard = Heard()
    refusal = Broken("execute", status=status, error_code=code, message="refused.")
    with Workspace(six_tables(), behaviours=[refusal]) as w:
        got = collect(w, watcher=heard)
    assert got.failures == ()
    (note,) = heard.notes
    assert note.startswith("No further statement can be sent: ")
    why = str(got.document("main.sales.large").evidence["size"].reason)
    for reported in (note, why):
        assert reason in reported
        assert remedy in reported
        assert "Config:" not in reported
        assert ".;" not in reported  # the server's sentence has ended, ours goes on
        assert "DATABRICKS_" not in reported.replace("DATABRICKS_WAREHOUSE_ID", "")
