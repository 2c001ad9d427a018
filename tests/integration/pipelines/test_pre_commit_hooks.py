"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit in a repository that uses them."""

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

from tests.support.commandline import REPOSITORY, environment, lakewarden
from tests.support.dbt.manifest import laid_out
from tests.support.git_checkout import commit_all, copy_tracked, git

pytestmark = [
    pytest.mark.opa,
    pytest.mark.skipif(shutil.which("git") is None, reason="needs Git"),
]

MANIFEST: Final = REPOSITORY / ".pre-commit-hooks.yaml"
_CLUSTERED: Final = "CREATE TABLE main.sales.orders (day DATE, shop INT) CLUSTER BY (day);\n"
_FIVE_KEYS: Final = (
    "CREATE TABLE main.sales.returns (a INT, b INT, c INT, d INT, e INT)"
    " CLUSTER BY (a, b, c, d, e);\n"
)


def _hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text("utf-8"))}


def _pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in a repository; `lakewarden` on its PATH is ours."""
    tools = folder.parent / "bin"
    tools.mkdir(exist_ok=True)
    command = tools / "lakewarden"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lakewarden "$@"\n')
    command.chmod(0o755)
    variables = environment(folder.parent, PATH=f"{tools}:{os.environ['PATH']}")
    return subprocess.run(
        (sys.executable, "-m", "pre_commit", *arguments),
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _project(folder: Path, hooks: list[dict[str, Any]]) -> Path:
    """Make a repository with SQL files, a dbt project, policies, and these hooks, installed."""
    lakewarden("init", cwd=laid_out(folder))
    (folder / "lakewarden.toml").unlink()  # it lets every run exit 0
    (folder / "migrations").mkdir()
    (folder / "migrations" / "V1__orders.sql").write_text(_CLUSTERED)
    # The hooks as the manifest has them; only their environment is the one that is here.
    local = {"repo": "local", "hooks": [hook | {"language": "system"} for hook in hooks]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [local]}))
    commit_all(folder)
    return folder


def _change(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(folder, "add", name)


def test_the_manifest_is_one() -> None:
    """pre-commit refuses a whole repository for one key that it doesn't know the type of."""
    ended = _pre_commit(REPOSITORY, "validate-manifest", str(MANIFEST))
    assert (ended.returncode, ended.stdout) == (0, "")
    hooks = _hooks()
    assert len(hooks) == 3
    assert {hook["language"] for hook in hooks.values()} == {"python"}


@pytest.mark.parametrize(
    ("hook", "runs_on", "not_on"),
    [
        (
            "lakewarden-policies-test",
            ["policies/lakewarden/tables/a/b/b.rego", "policies/x/settings.schema.json"],
            ["migrations/V1.sql", "settings.schema.json.md", "config/waivers.yaml"],
        ),
        (
            "lakewarden-sql",
            ["V1.sql", "config/waivers.yaml", "etc/config/a.yml", "lakewarden.toml", "p/p.rego"],
            ["README.md", "config/schemas/waivers.schema.json", "app.py", "x.sql.bak"],
        ),
        (
            "lakewarden-dbt",
            ["models/a.sql", "models/a.py", "models/schema.yml", "seeds/a.csv", "dbt_project.yml"],
            ["README.md", "docs/a.png", "package.json"],
        ),
    ],
)
def test_a_hook_runs_where_a_change_can_change_its_outcome(
    hook: str, runs_on: list[str], not_on: list[str]
) -> None:
    files = re.compile(_hooks()[hook]["files"])
    assert [name for name in runs_on + not_on if files.search(name)] == runs_on


@pytest.mark.parametrize(
    ("hook", "shown"),
    [
        ("lakewarden-sql", r"^No table breaks a mandatory policy: 1 table evaluated\."),
        pytest.param(
            *("lakewarden-dbt", r"^\d+ of \d\d tables break a mandatory policy\."),
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            *("lakewarden-policies-test", r"^opa test     ok .* 3 tests"),
            marks=pytest.mark.nightly,  # five seconds, and the command has tests of its own
        ),
    ],
)
def test_what_may_be_committed_passes(tmp_path: Path, hook: str, shown: str) -> None:
    chosen = _hooks()[hook]
    if hook == "lakewarden-dbt":
        chosen["args"] = [*chosen["args"], "--no-gate"]  # the project breaks policies on purpose
    folder = _project(tmp_path / "project", [chosen])
    ended = _pre_commit(folder, "run", "--all-files", "--verbose")
    assert ended.returncode == 0, ended.stdout
    assert re.search(shown, ended.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("hook", "name", "text", "shown"),
    [
        ("lakewarden-sql", "migrations/V2__returns.sql", _FIVE_KEYS, "1 of 2 tables break"),
        ("lakewarden-dbt", "models/schema.yml", "version: 2\n", "tables break a mandatory policy"),
        pytest.param(
            "lakewarden-policies-test",
            "policies/lakewarden/tables/housekeeping/no_leftovers/no_leftovers_test.rego",
            "package lakewarden.tables.housekeeping.no_leftovers_test\n\ntest_it if false\n",
            "opa test     failed",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_what_may_not_be_committed_fails(
    tmp_path: Path, hook: str, name: str, text: str, shown: str
) -> None:
    folder = _project(tmp_path / "project", [_hooks()[hook]])
    _change(folder, name, text)
    ended = _pre_commit(folder, "run")
    assert ended.returncode == 1, ended.stdout
    assert shown in ended.stdout
    assert f"hook id: {hook}" in ended.stdout


def test_a_commit_about_something_else_waits_for_no_hook(tmp_path: Path) -> None:
    folder = _project(tmp_path / "project", list(_hooks().values()))
    _change(folder, "NOTES.md", "Nothing about tables.\n")
    ended = _pre_commit(folder, "run")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Skipped") == 3


@pytest.mark.nightly
def test_pre_commit_installs_lakewarden_from_its_repository(tmp_path: Path) -> None:
    """As its user has it: pre-commit clones this repository and makes the environment."""
    lent = copy_tracked(tmp_path / "lakewarden")
    version = commit_all(lent)
    hooks: list[dict[str, Any]] = [{"id": name} for name in _hooks()]
    hooks[2]["args"] = ["--source", "dbt:target/manifest.json", "--no-gate"]
    folder = _project(tmp_path / "project", [])
    config = {"repos": [{"repo": lent.as_uri(), "rev": version, "hooks": hooks}]}
    _change(folder, ".pre-commit-config.yaml", yaml.safe_dump(config))
    ended = _pre_commit(folder, "run", "--all-files")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("Passed") == 3
