"""The pipelines that docs/ci shows: their jobs, and what each job would run in a shell."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from msgspec import Struct

from tests.support.commandline import REPOSITORY

EXAMPLES: Final = REPOSITORY / "docs" / "ci" / "examples"
FILES: Final = {
    "github": EXAMPLES / "github.yml",
    "gitlab": EXAMPLES / "gitlab.yml",
    "azure": EXAMPLES / "azure-pipelines.yml",
    "jenkins": EXAMPLES / "Jenkinsfile",
}
_STAGE: Final = re.compile(
    r"stage\('(\w+)'\)|sh(?:\(.*?script:)? '''(.*?)'''|\b(post) \{", re.DOTALL
)


class Step(Struct, frozen=True):
    """One step of a job: a script, or the inputs of our action; `always` runs after a failure."""

    script: str = ""
    inputs: dict[str, str] | None = None
    always: bool = False


class Job(Struct, frozen=True):
    """What a job runs in one folder, and the variables that its file sets."""

    steps: list[Step]
    variables: dict[str, str]


class Ran(Struct, frozen=True):
    """How a job ended: the code of the step that failed, or 0, and all that was printed."""

    code: int
    log: str


def jobs(pipeline: str) -> dict[str, Job]:
    """Return the jobs of a pipeline's file by their names, in lower case."""
    text = FILES[pipeline].read_text("utf-8")
    if pipeline == "jenkins":
        return _jenkins(text)
    read: dict[str, Any] = yaml.safe_load(text)
    return {"github": _github, "gitlab": _gitlab, "azure": _azure}[pipeline](read)


def run(
    job: Job,
    folder: Path,
    variables: Mapping[str, str],
    act: Callable[[Mapping[str, str]], Ran] | None = None,
) -> Ran:
    """Run a job in a folder, as its CI does; `act` runs our action with the given inputs."""
    code, log = 0, ""
    for step in job.steps:
        if code and not step.always:
            continue
        ran = _script(step.script, folder, variables) if step.inputs is None else None
        if ran is None:
            assert act is not None
            ran = act(step.inputs or {})
        log += ran.log
        code = code or ran.code
    return Ran(code, log)


def _script(script: str, folder: Path, variables: Mapping[str, str]) -> Ran:
    file = folder.parent / "step.sh"
    file.write_text(script)
    ended = subprocess.run(
        ("bash", file),
        cwd=folder,
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout)


def _github(read: dict[str, Any]) -> dict[str, Job]:
    return {name: Job([*_github_steps(job["steps"])], {}) for name, job in read["jobs"].items()}


def _github_steps(steps: list[dict[str, Any]]) -> Iterator[Step]:
    for step in steps:
        if "run" in step:
            yield Step(f"set -e\n{step['run']}")
        elif step["uses"].startswith("OWNER/lakewarden@"):
            inputs = step.get("with", {}).items()
            yield Step(inputs={name: str(value).lower() for name, value in inputs})


def _gitlab(read: dict[str, Any]) -> dict[str, Job]:
    found = {}
    for name, written in read.items():
        if name in {"stages", "variables"} or name.startswith("."):
            continue
        job = written
        while "extends" in job:
            parent = read[job["extends"]]
            job = parent | {key: value for key, value in job.items() if key != "extends"}
        # What another job leaves behind is in the folder.
        before = [line for needed in job.get("needs", ()) for line in read[needed]["script"]]
        lines = [*before, *job.get("before_script", ()), *job["script"]]
        found[name] = Job([Step("\n".join(["set -eo pipefail", *lines]))], read["variables"])
    return found


def _azure(read: dict[str, Any]) -> dict[str, Job]:
    return {
        job["job"]: Job(
            [
                Step(step["bash"], always=step.get("condition") == "always()")
                for step in job["steps"]
                if "bash" in step
            ],
            read["variables"],
        )
        for job in read["jobs"]
    }


def _jenkins(text: str) -> dict[str, Job]:
    """Read a declarative pipeline whose scripts stand between three single quotes."""
    variables = dict(re.findall(r"^ +([A-Z_]+) = '([^']*)'$", text, re.MULTILINE))
    scripts: dict[str, list[Step]] = {}
    stage = ""
    for named, script, post in _STAGE.findall(text):
        if script:
            step = Step(script.replace("\\\\", "\\"), always=stage == "post")
            scripts.setdefault(stage, []).append(step)
        else:
            stage = (named or post).lower()
    install, last = scripts.pop("install"), scripts.pop("post")
    return {name: Job([*install, *own, *last], variables) for name, own in scripts.items()}
