"""`lakewarden policies test` and `policies new` as a user meets them: output and exit codes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support import scratch_policies
from tests.support.commandline import lakewarden
from tests.support.scratch_policies import LIB, POLICY

pytestmark = pytest.mark.opa

_STEP = re.compile(
    r"(opa fmt|opa check|opa test|coverage|conventions|regal) +(\w+) +\d+\.\d\d s  .+"
)


def _path_without_regal() -> str:
    return "/usr/bin:/bin"


def test_good_policies_exit_0_with_a_line_for_each_step(tmp_path: Path) -> None:
    root = scratch_policies.write(tmp_path, router=False)
    ended = lakewarden("policies", "test", root, cwd=tmp_path, PATH=_path_without_regal())
    assert ended.returncode == 0, ended.stdout + ended.stderr
    steps = [_STEP.fullmatch(line) for line in ended.stdout.splitlines()]
    assert [step and (step[1], step[2]) for step in steps] == [
        ("opa fmt", "ok"),
        ("opa check", "ok"),
        ("opa test", "ok"),
        ("coverage", "ok"),
        ("conventions", "ok"),
        ("regal", "skipped"),
    ]


def test_findings_exit_1_with_file_line_and_remedy(tmp_path: Path) -> None:
    """Paths are as they were given, so that an editor opens them; nothing is wrapped."""
    scratch_policies.write(tmp_path, router=False)
    scratch_policies.change(tmp_path / "own", LIB, "[column.name | some", "[column.name|some")
    scratch_policies.change(tmp_path / "own", POLICY, "#   why: Long", f"#   reason: {'L' * 200}")
    ended = lakewarden("policies", "test", "own", cwd=tmp_path, PATH=_path_without_regal())
    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    assert "opa fmt: 1 found" in lines
    assert f"own/{LIB}:10: opa fmt would change it:" in lines
    assert f"  remedy: Run `opa fmt --write own/{LIB}`." in lines
    found = f"own/{POLICY}:1: its METADATA lacks custom.why [annotation_is_complete]"
    assert (
        lines[lines.index(found) + 1] == "  remedy: Add custom.why: a text for the table's owner."
    )


def test_the_folder_policies_is_tested_where_none_is_named(tmp_path: Path) -> None:
    scratch_policies.write(tmp_path, router=False).rename(tmp_path / "policies")
    ended = lakewarden("policies", "test", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert "100 % of 2 modules" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is no folder ./policies here"),
        (("empty",), "there are no policies in empty"),
        (("absent",), "there are no policies in absent"),
    ],
)
def test_wrong_folder_exits_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    (tmp_path / "empty").mkdir()
    ended = lakewarden("policies", "test", *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "remedy: " in ended.stderr


def test_without_an_opa_exits_4(tmp_path: Path) -> None:
    """Nothing was tested: that is neither a success nor a finding."""
    root = scratch_policies.write(tmp_path, router=False)
    ended = lakewarden(
        "policies",
        "test",
        root,
        cwd=tmp_path,
        PATH="",
        LAKEWARDEN_OPA="",
        LAKEWARDEN_OPA_MIRROR="http://127.0.0.1:9",
        LAKEWARDEN_OPA_SHA256="0" * 64,
        PIP_INDEX_URL="http://127.0.0.1:9",
        PIP_RETRIES="0",
        GOPROXY="off",
    )
    assert ended.returncode == 4, ended.stderr
    assert "cannot be had" in ended.stderr
    assert not ended.stdout


def test_new_policy_fails_its_tests_until_written(tmp_path: Path) -> None:
    made = lakewarden("policies", "new", "naming.all_is_well", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    folder = "policies/lakewarden/tables/naming"
    assert made.stdout.splitlines() == [
        f"{folder}/all_is_well/all_is_well.rego",
        f"{folder}/all_is_well/all_is_well_test.rego",
        f"{folder}/settings.schema.json",
    ]
    assert all((tmp_path / line).is_file() for line in made.stdout.splitlines())
    steps = [line for line in made.stderr.splitlines() if re.match(r"\d\. ", line)]
    assert steps[1:] == [
        "2. lakewarden policies test policies",
        "3. lakewarden evaluate --source demo --policy-source policies --policy naming.all_is_well",
    ]
    tested = lakewarden(*steps[1].split()[2:], cwd=tmp_path)
    assert tested.returncode == 1
    assert "test_a_good_table_passes fails" in tested.stdout
    assert "remedy: Make this a table that keeps the policy" in tested.stdout


def test_what_the_next_steps_say_can_be_run(tmp_path: Path) -> None:
    """The scaffold decides tables as it is: an author sees it work before the first change."""
    lakewarden("policies", "new", "naming.all_is_well", "--into", "my rules", cwd=tmp_path)
    ended = lakewarden(
        *("evaluate", "--source", "demo", "--policy-source", "my rules", "--no-gate"),
        *("--policy", "naming.all_is_well"),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    assert "naming.all_is_well" in ended.stdout


def test_new_policy_that_is_there_exits_2(tmp_path: Path) -> None:
    again = ("policies", "new", "naming.one", "--into", "own")
    assert lakewarden(*again, cwd=tmp_path).returncode == 0
    ended = lakewarden(*again, cwd=tmp_path)
    assert ended.returncode == 2
    assert "the policy naming.one is there already" in ended.stderr


def test_policies_beside_are_loaded_and_not_judged(tmp_path: Path) -> None:
    root = scratch_policies.write(tmp_path, router=False)
    shared = tmp_path / "shared"
    shutil.move(root / "lakewarden" / "lib", shared / "lakewarden" / "lib")
    alone = lakewarden("policies", "test", root, cwd=tmp_path)
    assert alone.returncode == 1
    ended = lakewarden("policies", "test", root, "--policy-source", shared, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert "100 % of 1 module" in ended.stdout
