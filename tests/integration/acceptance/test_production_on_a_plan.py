"""The production layer on planned tables, which have no sizes: what holds is what is assumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.acceptance.production_runs import BROKEN, HOLDS, production
from tests.support.dbt.manifest import MANIFEST

pytestmark = [pytest.mark.opa, pytest.mark.nightly]


def test_what_the_scenarios_promise_holds_of_a_plan(tmp_path: Path) -> None:
    run = production(tmp_path, "--source", f"dbt:{MANIFEST}")
    assert not run.those(BROKEN), run.out
    assert "The size that decides is known" in run.those(HOLDS)
