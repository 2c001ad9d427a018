"""`python -m tests.factory.sweep`: drops what killed runs left, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factory.naming import Run
from tests.integration.databricks.workspace_commands import variables
from tests.integration.factory.plain_estate import PlainEstate
from tests.support.commandline import in_checkout
from tests.workspace.faults import DENIED, FailedStatements
from tests.workspace.server import Workspace

OTHERS = {
    "orders",
    "lakewarden_test",
    "lakewarden_test_results",
    "lakewarden_test_20260101t000000z_0a1b2c3d",
    "my_lakewarden_test_20260101t000000z_0a1b2c3d_small",
}


def _name(hours: float, specification: str = "small") -> str:
    return Run.begin(datetime.now(UTC) - timedelta(hours=hours)).name(specification)


@pytest.fixture
def estate() -> PlainEstate:
    made = PlainEstate("scratch", "elsewhere")
    for name in OTHERS:
        made.catalog("main").schema("scratch").table(name)
    return made


def _sweep(
    workspace: Workspace, home: Path, *arguments: str, warehouse: bool = True
) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "tests.factory.sweep", *arguments)
    signed_in = variables(workspace, warehouse=warehouse)
    return in_checkout(*command, home=home, timeout=60, **signed_in)


def _add(estate: PlainEstate, *names: str, schema: str = "scratch") -> None:
    for name in names:
        estate.catalog("main").schema(schema).table(name)


def test_only_what_is_ours_and_old_is_dropped(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    """In the schema that is named; a run of five hours ago may still be under way."""
    old, older, recent = _name(6.1), _name(400, "large"), _name(5.9)
    _add(estate, old, older, recent)
    _add(estate, _name(9), schema="elsewhere")
    swept = _sweep(workspace, tmp_path, "main.scratch")
    assert swept.returncode == 0, swept.stderr
    assert set(swept.stdout.splitlines()) == {f"dropped main.scratch.{x}" for x in (old, older)}
    assert estate.names("scratch") == {recent} | OTHERS
    assert len(estate.names("elsewhere")) == 1


def test_a_younger_age_can_be_named(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    hour, now = _name(1), _name(0)
    _add(estate, hour, now)
    _sweep(workspace, tmp_path, "main.scratch", "--older-than", "0.5")
    assert estate.names("scratch") == {now} | OTHERS


def test_a_dry_run_only_tells(workspace: Workspace, estate: PlainEstate, tmp_path: Path) -> None:
    """And needs no warehouse to do so."""
    old = _name(7)
    _add(estate, old)
    reported = _sweep(workspace, tmp_path, "main.scratch", "--dry-run", warehouse=False)
    assert (reported.returncode, reported.stdout) == (0, f"would drop main.scratch.{old}\n")
    assert old in estate.names("scratch")
    assert workspace.log.statements == []


def test_what_cannot_be_dropped_is_told_and_the_rest_is_dropped(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    old, other = _name(7), _name(8, "large")
    _add(estate, old, other)
    workspace.misbehave(FailedStatements(DENIED, containing=old))
    swept = _sweep(workspace, tmp_path, "main.scratch")
    assert swept.returncode == 1
    assert swept.stdout == f"dropped main.scratch.{other}\n"
    assert f"main.scratch.{old}: a privilege is lacking" in swept.stderr
    assert estate.names("scratch") == {old} | OTHERS


def test_without_a_warehouse_nothing_is_dropped_and_that_is_said(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path
) -> None:
    _add(estate, _name(7))
    swept = _sweep(workspace, tmp_path, "main.scratch", warehouse=False)
    assert swept.returncode == 1
    assert "DATABRICKS_WAREHOUSE_ID" in swept.stderr
    assert "Traceback" not in swept.stderr


@pytest.mark.parametrize(("place", "code"), [("main", 2), ("main.*", 2), ("main.nowhere", 1)])
def test_a_wrong_place_is_refused_with_a_word(
    workspace: Workspace, tmp_path: Path, place: str, code: int
) -> None:
    swept = _sweep(workspace, tmp_path, place)
    assert swept.returncode == code
    assert place in swept.stderr
    assert "Traceback" not in swept.stderr


@pytest.mark.parametrize("hours", ["-1", "nan", "inf", "soon"])
def test_an_age_that_is_none_is_refused(
    workspace: Workspace, estate: PlainEstate, tmp_path: Path, hours: str
) -> None:
    """One below 0 would mean runs that have only just begun."""
    _add(estate, _name(0))
    swept = _sweep(workspace, tmp_path, "main.scratch", f"--older-than={hours}")
    assert swept.returncode == 2
    assert "Traceback" not in swept.stderr
    assert len(estate.names("scratch")) == len(OTHERS) + 1
