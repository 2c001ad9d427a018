"""Statements that are sent and of which nobody tells the end: they may have been run."""

from __future__ import annotations

import time

import pytest

from tests.factory.errors import FactoryError, Trouble
from tests.factory.table_specs import SMALL
from tests.factory.tables import Tables
from tests.integration.factory.plain_estate import PlainEstate
from tests.integration.factory.reaching import SCRATCH, client
from tests.workspace.faults import Broken, SlowStatements
from tests.workspace.server import Workspace


@pytest.mark.parametrize(("status", "code"), [(403, "PERMISSION_DENIED"), (404, "NOT_FOUND")])
def test_what_may_have_been_made_is_dropped_and_no_warehouse_is_said_to_lack(
    status: int, code: str
) -> None:
    """For want of a warehouse a scenario is skipped, and no table is looked for to be dropped."""
    estate = PlainEstate("scratch")
    slow = SlowStatements(0.5, containing="CREATE TABLE")
    silent = Broken("poll", "cancel", status=status, error_code=code)
    with Workspace(estate, behaviours=[slow, silent]) as w:
        with Tables(client(w), SCRATCH) as tables:
            tables.make([SMALL])
            with pytest.raises(FactoryError, match="does not answer as it should") as caught:
                tables.of(SMALL)
            while w.log.running():
                time.sleep(0.02)
            assert estate.names("scratch") == {tables.run.name("small")}
            w.misbehave()
        assert estate.names("scratch") == set()
    assert caught.value.trouble is Trouble.UNREACHABLE
