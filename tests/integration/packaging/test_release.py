"""What releases: the workflow, and `make release-check`, which does all of it but publishing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import lakewarden
from lakewarden.engines.install.lock import read_lock
from tests.support import lint_tools
from tests.support.commandline import REPOSITORY
from tests.support.git_checkout import commit_all, copy_tracked

WORKFLOWS: Final = REPOSITORY / ".github" / "workflows"
_TAG: Final = f"v{lakewarden.__version__}"
_PINNED: Final = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def _checked(folder: Path, tag: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (folder / ".ci" / "release-check", tag),
        env=os.environ | {"PYTHON": sys.executable} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_tag_of_another_version_is_refused() -> None:
    ended = _checked(REPOSITORY, "v99.0.0")
    assert ended.returncode == 2
    assert f"the tag is v99.0.0, but pyproject.toml has version {_TAG[1:]}" in ended.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a repository of this checkout in which the version is the changelog's latest."""
    folder = copy_tracked(tmp_path / "checkout")
    changelog = folder / "CHANGELOG.md"
    text = re.sub(
        r"^## \[Unreleased\]$",
        f"## [{_TAG[1:]}] - 2026-12-01",
        changelog.read_text(),
        count=1,
        flags=re.MULTILINE,
    )
    changelog.write_text(text)
    commit_all(folder)
    return folder


def test_a_version_without_its_date_in_the_changelog_is_refused(checkout: Path) -> None:
    changelog = checkout / "CHANGELOG.md"
    changelog.write_text(
        changelog.read_text().replace(f"[{_TAG[1:]}] - 2026-12-01", "[Unreleased]")
    )
    ended = _checked(checkout, _TAG)
    assert (ended.returncode, "CHANGELOG.md has no line" in ended.stderr) == (2, True)


def test_what_is_not_committed_is_not_released(checkout: Path) -> None:
    (checkout / "runner" / "lakewarden" / "extra.py").write_text("")
    ended = _checked(checkout, _TAG)
    assert (ended.returncode, "isn't what is committed" in ended.stderr) == (2, True)


@pytest.mark.nightly
def test_what_is_to_be_published_is_built_and_handed_to_the_newcomer(checkout: Path) -> None:
    """The newcomer's way has a test of its own; here it only says which wheel it was given."""
    python = checkout.parent / "python"
    python.write_text(
        '#!/bin/sh\ncase "$2" in pytest) echo "newcomer: $LAKEWARDEN_WHEEL" ;;'
        f' *) exec "{sys.executable}" "$@" ;; esac\n'
    )
    python.chmod(0o755)
    ended = _checked(checkout, _TAG, PYTHON=str(python))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    wheel, sdist = sorted((checkout / "dist").iterdir())
    assert (wheel.suffix, sdist.name) == (".whl", f"lakewarden-{_TAG[1:]}.tar.gz")
    assert f"newcomer: {wheel}" in ended.stdout
    assert ended.stdout.count("PASSED") == 2


def _jobs(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))
    assert read["permissions"] == {"contents": "read"}
    jobs: dict[str, Any] = read["jobs"]
    return jobs


def test_only_the_job_that_publishes_can_sign_in_to_the_index() -> None:
    jobs = _jobs("release.yml")
    rights = {name: job["permissions"] for name, job in jobs.items() if "permissions" in job}
    assert rights == {"publish": {"id-token": "write"}, "announce": {"contents": "write"}}
    publish = jobs["publish"]
    assert (publish["environment"], publish["needs"]) == ("pypi", ["check", "image"])
    assert not any("run" in step for step in publish["steps"])
    assert "secrets." not in (WORKFLOWS / "release.yml").read_text("utf-8")


@pytest.mark.parametrize("name", ["ci.yml", "release.yml"])
def test_a_workflow_is_sound(name: str) -> None:
    text = (WORKFLOWS / name).read_text("utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert used
    assert [each for each in used if not _PINNED.fullmatch(each)] == []
    scripts = [
        step["run"] for job in _jobs(name).values() for step in job["steps"] if "run" in step
    ]
    assert scripts
    for script in scripts:
        assert "${{" not in script
        assert lint_tools.shellcheck(f"set -e\n{script}") == ""
    assert lint_tools.schema_findings("github-workflows", WORKFLOWS / name) == ""


def test_ci_runs_what_the_makefile_promises() -> None:
    assert {"run": ".ci/run"} in _jobs("ci.yml")["test"]["steps"]
    script = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    assert script.splitlines()[-2:] == ["make lint", "make test"]


@pytest.mark.parametrize("name", ["fill-digests", "release-check", "run"])
def test_our_own_scripts_are_sound(name: str) -> None:
    script = REPOSITORY / ".ci" / name
    assert os.access(script, os.X_OK)
    assert lint_tools.shellcheck(script.read_text("utf-8")) == ""


def test_the_release_fills_the_digests_of_the_images_that_the_dockerfile_names(
    tmp_path: Path,
) -> None:
    """Its own script, with an answer of Docker's that names what it was asked for."""
    (step,) = (
        each
        for each in _jobs("release.yml")["image"]["steps"]
        if each.get("name") == "Fill in the digests that the tags have today"
    )
    shutil.copy(REPOSITORY / "Dockerfile", tmp_path)
    shutil.copytree(REPOSITORY / ".ci", tmp_path / ".ci")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(
        '#!/bin/sh\necho "$4" >> asked; echo "sha256:$(echo "$4" | sha256sum | cut -c 1-64)"\n'
    )
    docker.chmod(0o755)
    subprocess.run(
        ("bash", "-e", "-c", step["run"]),
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{docker.parent}:{os.environ['PATH']}"},
        check=True,
    )
    asked = (tmp_path / "asked").read_text().split()
    assert asked == ["python:3.13-slim", f"openpolicyagent/opa:{read_lock().version}-static"]
    filled = (tmp_path / "Dockerfile").read_text()
    assert (
        len(set(re.findall(r"^ARG \w+_DIGEST=(sha256:[0-9a-f]{64})$", filled, re.MULTILINE))) == 2
    )
