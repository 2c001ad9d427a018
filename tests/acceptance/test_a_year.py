"""A team's year: a rule comes, tables are exempted and fixed, and an auditor asks why.

The workspace is the double with Spark behind it, the commands are what a person types, and the
clock is theirs (`--now`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

import pytest
import sqlglot
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import StatementState

from tests.support.commandline import lakewarden
from tests.support.fixing import filled
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate
from tests.workspace.spark_system import make_system_tables

pytestmark = [pytest.mark.spark, pytest.mark.opa, pytest.mark.xdist_group("spark")]

ROWS: Final = "SELECT id, uuid() AS text FROM range(10)"
COMMENT: Final = "One row for each order of the shop, from the checkout."
SETTINGS: Final = "size_threshold_bytes: 1000\n"
"""So that a table that Spark makes in a second is a large one."""
STRATEGY: Final = "clustering.strategy_required"
COMMENTED: Final = "documentation.table_commented"


class Team:
    """Who types the commands, in a project's folder, signed in to a workspace."""

    def __init__(self, folder: Path, workspace: Workspace) -> None:
        self.folder = folder
        self._signed_in = {
            "DATABRICKS_HOST": workspace.url,
            "DATABRICKS_TOKEN": workspace.token,
            "DATABRICKS_WAREHOUSE_ID": workspace.warehouse_id,
        }
        self._client = WorkspaceClient(host=workspace.url, token=workspace.token)
        self._warehouse = workspace.warehouse_id

    def types(self, command: str, *, ends: int = 0) -> CompletedProcess[str]:
        """Run `lakewarden` with these words, and see that it ends with a code."""
        words = [word.replace("␣", " ") for word in command.split()]
        ended = lakewarden(*words, cwd=self.folder, **self._signed_in)
        assert ended.returncode == ends, ended.stdout + ended.stderr
        return ended

    def evaluates(self, day: str, options: str = "", *, ends: int = 0) -> dict[str, Any]:
        """Evaluate the workspace on a day; return the JSON report."""
        self.types(f"evaluate --now {day}T06:00:00Z {options}", ends=ends)
        return self.report()

    def report(self) -> dict[str, Any]:
        """Return the last report."""
        found: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return found

    def writes(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.folder / name).write_text(text)

    def runs_sql(self, sql: str) -> None:
        """Run a statement on the workspace's warehouse."""
        answer = self._client.statement_execution.execute_statement(
            statement=sql, warehouse_id=self._warehouse, wait_timeout="50s"
        )
        assert answer.status is not None
        assert answer.status.state is StatementState.SUCCEEDED, (sql, answer.status.error)


@pytest.fixture
def team(spark: Any, tmp_path: Path) -> Iterator[Team]:  # noqa: ANN401 -- pyspark is untyped
    """Make a project on an empty workspace."""
    with SparkEstate(spark) as estate, Workspace(estate) as workspace:
        make_system_tables(estate)
        folder = tmp_path / "rules"
        folder.mkdir()
        made = Team(folder, workspace)
        made.types("init .")
        made.writes("config/clustering_config.yaml", SETTINGS)
        made.writes(
            "lakewarden.toml",
            'source = "databricks"\nconfig = "config"\nreport = ["report.json", "report.md"]\n'
            'history = "history"\nkeep-packs = true\nsave-inventory = "inventory.ndjson"\n',
        )
        yield made


@pytest.mark.nightly
@pytest.mark.parametrize("failing", [8, 500])
def test_a_year(team: Team, failing: int) -> None:
    team.runs_sql("CREATE SCHEMA main.shop")
    for number in range(failing):
        team.runs_sql(f"CREATE TABLE main.shop.t{number} AS {ROWS}")
    team.runs_sql(f"CREATE TABLE main.shop.orders CLUSTER BY (id) COMMENT '{COMMENT}' AS {ROWS}")

    _january_the_gate_is_green_with_all_that_fails(team, failing)
    _february_what_is_new_fails(team)
    _march_a_rule_with_a_day(team, failing)
    _april_a_pull_request_says_what_it_does(team, failing)
    _may_a_table_is_waived(team)
    _september_the_rule_is_mandatory(team, failing)
    _october_the_owner_fixes_the_tables(team, failing)
    _december_the_auditor_asks(team)


def _january_the_gate_is_green_with_all_that_fails(team: Team, failing: int) -> None:
    report = team.evaluates("2026-01-12", ends=1)
    assert report["gate"]["reasons"] == [f"{failing} mandatory decisions failed"]
    team.types("baseline create --report report.json -o baseline.txt")
    with (team.folder / "lakewarden.toml").open("a") as project:
        project.write('baseline = "baseline.txt"\n')
    report = team.evaluates("2026-01-13")
    assert report["gate"]["known"] == failing


def _february_what_is_new_fails(team: Team) -> None:
    team.runs_sql(f"CREATE TABLE main.shop.returns AS {ROWS}")
    report = team.evaluates("2026-02-03", ends=1)
    assert report["gate"]["reasons"] == [
        "1 mandatory decision failed beyond what the baseline knows"
    ]
    team.runs_sql("ALTER TABLE main.shop.returns CLUSTER BY (id)")
    team.evaluates("2026-02-04")


def _march_a_rule_with_a_day(team: Team, failing: int) -> None:
    team.writes(
        "config/documentation_config.yaml",
        "enforcement: {table_commented: mandatory}\neffective_on: {table_commented: 2026-09-01}\n",
    )
    report = team.evaluates("2026-03-02")
    (upcoming,) = report["gate"]["upcoming"]
    assert upcoming["policy_id"] == COMMENTED
    assert (upcoming["days_left"], upcoming["failing"]) == (183, failing + 1)


def _april_a_pull_request_says_what_it_does(team: Team, failing: int) -> None:
    change = "what-if --now 2026-04-07T06:00:00Z --inventory inventory.ndjson --format markdown"
    sooner = team.types(f"{change} --enforcement {COMMENTED}=mandatory --fail-on-new", ends=1)
    assert f"{failing + 1} failures become mandatory" in sooner.stdout
    assert "Still failing, and mandatory now" in sooner.stdout
    looser = team.types(f"{change} --set clustering.size_threshold_bytes=1GiB").stdout
    assert f"{failing} newly exempt" in looser


def _may_a_table_is_waived(team: Team) -> None:
    team.types(
        f"waivers add --policy {COMMENTED} --table main.shop.returns --reason Moves␣in␣autumn "
        "--owner shop --approved-by governance --starts 2026-05-01 --expires 2026-09-30 "
        "--now 2026-05-01T06:00:00Z"
    )
    report = team.evaluates("2026-05-04")
    assert _decision(report, "returns", COMMENTED)["outcome"] == "exempt"
    (listed,) = team.types("waivers list --now 2026-09-10T06:00:00Z").stdout.splitlines()
    assert listed.split("\t")[1] == "21", "days are left"


def _september_the_rule_is_mandatory(team: Team, failing: int) -> None:
    report = team.evaluates("2026-09-01", ends=1)
    assert report["gate"]["reasons"] == [
        f"{failing} mandatory decisions failed beyond what the baseline knows"
    ]
    report = team.evaluates("2026-10-01", ends=1)
    assert report["gate"]["reasons"] == [
        f"{failing + 1} mandatory decisions failed beyond what the baseline knows"
    ], "the waiver has expired"


def _october_the_owner_fixes_the_tables(team: Team, failing: int) -> None:
    team.types("fix --report report.json -o fixes.sql")
    fixes = filled((team.folder / "fixes.sql").read_text())
    statements = list(_statements(fixes))
    assert len(statements) >= 2 * failing
    for statement in statements:
        team.runs_sql(statement)
    report = team.evaluates("2026-10-05")
    assert report["summary"]["tables_by_status"]["compliant"] == failing + 2
    ended = team.types("baseline shrink baseline.txt --report report.json")
    assert len(ended.stdout.splitlines()) == failing


def _december_the_auditor_asks(team: Team) -> None:
    then = team.types(f"explain main.shop.t0 --policy {STRATEGY} --at 2026-03-03").stdout
    assert then.startswith("main.shop.t0: 1 fail")
    assert "cluster it by one column -> pass" in then
    waived = team.types(f"explain main.shop.returns --policy {COMMENTED} --at 2026-09-02").stdout
    assert "Exempt by waiver: Moves in autumn" in waived
    assert "approved by governance, expires 2026-09-30" in waived
    assert "In the run before, of 2026-03-02 06:00:00 UTC: fail." in waived
    packs = sorted((team.folder / "history" / "_packs").iterdir())
    assert len(packs) == 9
    for pack in packs[:2]:
        team.types(f"verify {pack}")
    team.types(f"replay {packs[0]} -o again.json")


def _statements(sql: str) -> Iterator[str]:
    """Yield what stands outside of comments."""
    begin = None
    for token in sqlglot.tokenize(sql, read="databricks"):
        begin = token.start if begin is None else begin
        if token.token_type is sqlglot.TokenType.SEMICOLON:
            yield sql[begin : token.start]
            begin = None


def _decision(report: dict[str, Any], name: str, policy: str) -> dict[str, Any]:
    (table,) = (each for each in report["tables"] if each["name"] == name)
    found: dict[str, Any] = table["decisions"][policy]
    return found
