"""The scenarios on a workspace that lacks something: they say what and why, and never pass.

Each is a real run of a scenario's own file, on a double without Spark.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.factory.child_runs import Ended, ended, running
from tests.integration.factory.plain_estate import PlainEstate
from tests.support.commandline import REPOSITORY
from tests.workspace.faults import DENIED, Broken, FailedStatements
from tests.workspace.server import Workspace
from tests.workspace.system_catalog import METRICS

pytestmark = pytest.mark.opa

FILE = "tests/integration/scenarios/test_small_tables_on_real_tables.py"
TWO = ("-k", "test_a_small_table_is_exempt or test_a_large_table_that_nothing_exempts_fails")
IN_SCRATCH = ("--tables-in", "main.pytest_test_data")


@pytest.fixture
def estate() -> PlainEstate:
    return PlainEstate()


def _run(workspace: Workspace, home: Path, *arguments: str, **changes: str) -> Ended:
    with running(workspace, FILE, *TWO, *arguments, cwd=REPOSITORY, home=home, **changes) as run:
        return ended(run)


def test_with_all_means_they_pass_and_say_where(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    run = _run(workspace, tmp_path, *IN_SCRATCH)
    assert run.counts == {"passed": 2, "deselected": run.counts["deselected"]}, run.output
    where = f"tables in main.pytest_test_data of the workspace {workspace.url}"
    assert f"Integration layer: {where}" in run.output
    assert estate.names("pytest_test_data") == set()


def test_without_a_place_for_tables_they_fail_and_say_what_to_pass(
    workspace: Workspace, tmp_path: Path
) -> None:
    run = _run(workspace, tmp_path)
    assert run.counts["error"] == 2
    assert "--tables-in CATALOG.SCHEMA" in run.output
    assert workspace.log.statements == []


def test_a_sign_in_that_they_do_not_hear_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """Else tables would be made in one workspace, and another be judged."""
    run = _run(workspace, tmp_path, *IN_SCRATCH, "--evaluate-with=--profile=other")
    assert run.counts["error"] == 2
    assert "DATABRICKS_CONFIG_PROFILE" in run.output


def test_without_a_warehouse_they_are_skipped_and_say_how_to_name_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    run = _run(workspace, tmp_path, *IN_SCRATCH, DATABRICKS_WAREHOUSE_ID="")
    assert (run.counts["skipped"], run.counts.get("passed")) == (2, None)
    assert "Name one in DATABRICKS_WAREHOUSE_ID" in run.output


def test_without_a_grant_they_are_skipped_and_have_the_grant(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.misbehave(FailedStatements(DENIED, containing="CREATE TABLE"))
    run = _run(workspace, tmp_path, *IN_SCRATCH)
    assert (run.counts["skipped"], run.counts.get("passed")) == (2, None)
    assert "GRANT USE SCHEMA, CREATE TABLE ON SCHEMA `main`.`pytest_test_data`" in run.output


def test_a_table_that_is_dropped_before_it_is_measured_fails_alone(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """Listed and gone: its size is unknown, so it is neither small nor large."""

    def meddle(statement: str) -> None:
        if METRICS in statement:  # the collection's first question, when everything is listed
            tables = estate.catalog("main").schema("pytest_test_data").tables
            for name in [each for each in tables if each.endswith("_small")]:
                del tables[name]

    estate.meddling = meddle
    run = _run(workspace, tmp_path, *IN_SCRATCH)
    assert (run.counts["passed"], run.counts["failed"]) == (1, 1), run.output
    assert "could not judge main.pytest_test_data.lakewarden_test_" in run.output
    assert "size:" in run.output


def test_a_collection_that_breaks_off_is_told_in_the_tools_own_words(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """No table is judged by what came before; and all of them are dropped."""
    workspace.misbehave(Broken("metastore_summary", status=401, error_code="UNAUTHENTICATED"))
    run = _run(workspace, tmp_path, *IN_SCRATCH)
    assert run.counts["error"] == 2
    assert "lakewarden collect ended with exit 4" in run.output
    assert estate.names("pytest_test_data") == set()
