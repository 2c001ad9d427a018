"""The same table as plan, as dbt model, as SQL and in the catalog has the same decisions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.databricks.workspace_commands import Json, read, run
from tests.support.commandline import REPOSITORY, lakewarden
from tests.workspace.server import Workspace
from tests.workspace.spark_estate import SparkEstate

pytestmark = [pytest.mark.spark, pytest.mark.opa, pytest.mark.xdist_group("spark")]

_PARITY: Final = REPOSITORY / "tests" / "support" / "parity"
_SOURCES: Final = {
    "terraform": f"terraform:{_PARITY / 'plan.json'}",
    "dbt": f"dbt:{_PARITY / 'manifest.json'}",
    "sql": f"sql:{_PARITY / 'tables.sql'}",
}
_OPEN: Final = {
    "automatic": {"clustering.auto_possible"},
    "excluded": {"clustering.exclusion_justified"},
    "partitioned": {"clustering.partitioned_table"},
}
"""What only applying tells: predictive optimization, and sizes beyond the threshold."""

_SETTINGS: Final = "size_threshold_bytes: 1\n"
"""A plan's tables count as large; so do those that Spark makes, each of a few rows."""


def _decided(folder: Path) -> dict[str, Json]:
    return {each["name"]: each["decisions"] for each in read(folder / "r.json")["tables"]}


def _outcomes(decisions: Json) -> dict[str, str]:
    return {policy: each["outcome"] for policy, each in decisions.items()}


def _rests_on_applying(decision: Json) -> bool:
    """Whether a decision is unknown, and all that it lacks is known only after apply."""
    return decision["outcome"] == "unknown" and all(
        each["status"] == "known_after_apply" for each in decision["missing"]
    )


def _models() -> list[str]:
    nodes = json.loads((_PARITY / "manifest.json").read_text())["nodes"]
    return [node["alias"] for node in nodes.values()]


@pytest.fixture(scope="module")
def catalog(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:  # noqa: ANN401 -- pyspark is untyped
    """Have Spark run the SQL file, and decide about what the catalog has then."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "clustering_config.yaml").write_text(_SETTINGS)
    with SparkEstate(spark) as estate:
        estate.execute("CREATE SCHEMA main.parity", {})
        for statement in (_PARITY / "tables.sql").read_text().split(";"):
            if statement.strip():
                estate.execute(statement, {})
        for table in _models():
            row = "SELECT 1, current_date()"
            estate.execute(f"INSERT INTO main.parity.{table} {row}", {})
        with Workspace(estate) as workspace:
            ended = run(
                workspace, "evaluate", "--include", "main.parity.*", "-o", "r.json", cwd=home
            )
    assert ended.returncode == 1, ended.stderr
    return _decided(home)


@pytest.mark.parametrize("tool", _SOURCES)
def test_a_planned_table_is_decided_as_it_will_be_in_the_catalog(
    tool: str, catalog: dict[str, Json], tmp_path: Path
) -> None:
    """Only what applying tells may be unknown, and a plan declares enough for most of it."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "clustering_config.yaml").write_text(_SETTINGS)
    ended = lakewarden("evaluate", "--source", _SOURCES[tool], "-o", "r.json", cwd=tmp_path)
    assert ended.returncode == 1, ended.stderr

    planned = _decided(tmp_path)
    assert planned.keys() == catalog.keys()
    for name, decisions in planned.items():
        open_ones = {policy for policy, each in decisions.items() if _rests_on_applying(each)}
        assert open_ones == _OPEN.get(name, set()), name
        expected = _outcomes(catalog[name])
        found = _outcomes(decisions)
        assert {k: v for k, v in found.items() if k not in open_ones} == {
            k: v for k, v in expected.items() if k not in open_ones
        }, name
