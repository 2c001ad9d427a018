"""The Databricks Asset Bundle, beside its published schema and the Terraform module."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError, validators
from typer.main import get_command

from lakewarden.cli import app
from lakewarden.databricks_job import REPORTS
from tests.integration.databricks.workspace_commands import read, variables
from tests.integration.deploy.deployments import (
    BUNDLE,
    EXISTING,
    LEAST,
    PRINCIPAL,
    WAREHOUSE,
    Json,
    bundle_job,
    parameters,
    planned,
    resources,
)
from tests.integration.docs.shown_workspace import estate
from tests.support.commandline import REPOSITORY, environment
from tests.support.terraform.plans import missing
from tests.workspace.server import Workspace

_SCHEMA: Final = REPOSITORY / ".tools" / "databricks" / "bundle-schema.json"


def _pattern(
    _validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """Match as the schema means it: Python has no classes such as that of letters."""
    letters = pattern.replace(r"[\p{L}\p{N}]", r"[^\W_]").replace(r"\p{L}", r"[^\W\d_]")
    if isinstance(instance, str) and not re.search(letters, instance):
        yield ValidationError(f"{instance!r} doesn't match {pattern!r}")


@pytest.fixture(scope="module")
def validator() -> Any:  # noqa: ANN401 -- jsonschema has no types
    if not _SCHEMA.exists():
        pytest.skip("needs the bundles' schema: `make bundle-schema` gets it")
    extended = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return extended(json.loads(_SCHEMA.read_text()))


@pytest.mark.parametrize("resolved", [False, True])
def test_the_bundle_is_valid_by_its_published_schema(
    validator: Any,  # noqa: ANN401 -- as above
    *,
    resolved: bool,
) -> None:
    bundle = yaml.safe_load(BUNDLE.read_text())
    if resolved:
        bundle["resources"]["jobs"]["nightly"] = bundle_job(warehouse_id=WAREHOUSE)
    assert [error.message for error in validator.iter_errors(bundle)] == []


def test_the_schema_would_notice(validator: Any) -> None:  # noqa: ANN401 -- as above
    bundle = yaml.safe_load(BUNDLE.read_text())
    bundle["resources"]["jobs"]["nightly"]["schedule"]["cron"] = "0 0 4 * * ?"
    assert list(validator.iter_errors(bundle))


@pytest.fixture
def job() -> Json:
    return bundle_job(warehouse_id=WAREHOUSE, service_principal=PRINCIPAL)


def test_its_task_is_a_command_that_the_wheel_has(job: Json) -> None:
    (task,) = job["tasks"]
    wheel = task["python_wheel_task"]
    project = (REPOSITORY / "pyproject.toml").read_text()
    assert f'name = "{wheel["package_name"]}"' in project
    assert f'{wheel["entry_point"]} = "lakewarden.databricks_job:main"' in project
    assert (task["max_retries"], task["disable_auto_optimization"]) == (0, True)
    assert job["run_as"] == {"service_principal_name": PRINCIPAL}


def test_its_parameters_are_options_of_the_command(job: Json) -> None:
    first, folder, *arguments = parameters(job)
    assert (first, folder) == (REPORTS, "/Volumes/governance/lakewarden/reports")
    evaluate = get_command(app).commands["evaluate"]  # type: ignore[attr-defined]
    parsed = evaluate.make_context("evaluate", list(arguments)).params
    assert parsed["source"].source_kind == "databricks"
    assert parsed["engine_kind"] == "embedded"
    assert (parsed["warehouse_id"], parsed["include"]) == (WAREHOUSE, ["main.*"])


@pytest.mark.skipif(bool(missing()), reason=missing() or "is there")
def test_it_runs_what_the_terraform_module_runs(job: Json, tmp_path: Path) -> None:
    (other,) = resources(planned(tmp_path, **LEAST, **EXISTING), "databricks_job")
    assert parameters(other) == parameters(job)
    task, theirs = job["tasks"][0], other["task"][0]
    for key in ("package_name", "entry_point"):
        assert theirs["python_wheel_task"][0][key] == task["python_wheel_task"][key]
    for key in ("max_concurrent_runs", "timeout_seconds"):
        assert other[key] == job[key]
    assert other["schedule"] == [job["schedule"]]
    version = other["environment"][0]["spec"][0]["client"]
    assert version == job["environments"][0]["spec"]["environment_version"]


@pytest.mark.nightly
def test_its_command_evaluates_a_workspace(tmp_path: Path) -> None:
    """What the job is given, on the double: the reports land where the volume would be."""
    with Workspace(estate()) as workspace:
        job = bundle_job(warehouse_id=workspace.warehouse_id, tables="prod.*")
        _, _, *arguments = parameters(job)
        ended = _task(tmp_path, workspace, arguments)
    assert "RunFailedError: lakewarden exited with 1" in ended, ended
    report = read(tmp_path / "volume" / "latest" / "report.json")
    assert report["run"]["engine"]["name"] == "embedded"
    assert len(report["tables"]) == 7
    assert (tmp_path / "volume" / "latest" / "report.html").stat().st_size


def _task(folder: Path, workspace: Workspace, arguments: list[str]) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "lakewarden.databricks_job", REPORTS, folder / "volume", *arguments],
        cwd=folder,
        env=environment(folder, **variables(workspace)),
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr
