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


@pytest.mark.nightly
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
        (("absent",), "there is no policy absent, and no such folder"),
        (("absent/folder",), "there are no policies in absent/folder"),
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
    assert "isn't available" in ended.stderr
    assert not ended.stdout


def test_new_policy_works_and_says_what_is_to_be_written(tmp_path: Path) -> None:
    """And each thing once: where the options say it, nothing of it is left."""
    words = ("--title", "All is well", "--about", "It is.", "--severity", "critical")
    settings = ("--setting", "min_length:integer=12", "--enforcement", "mandatory")
    made = lakewarden("policies", "new", "naming.all_is_well", *words, *settings, cwd=tmp_path)
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
        "2. lakewarden policies test naming.all_is_well",
        "3. lakewarden evaluate --source demo --policy naming.all_is_well",
    ]
    tested = lakewarden(*steps[1].split()[2:], cwd=tmp_path, PATH=_path_without_regal())
    assert tested.returncode == 1
    assert "conventions: 5 found" in tested.stdout
    assert tested.stdout.count("  remedy: ") == 5
    assert "  remedy: Replace this example, which demands a comment" in tested.stdout
    listed = lakewarden("policies", "list", cwd=tmp_path).stdout
    assert "naming.all_is_well\tcritical\tmandatory\tAll is well\n" in listed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--severity", "hgh"), "'hgh'"),
        (("--enforcement", "off"), "'off'"),
        (("--setting", "a:int=3"), "there is no type 'int'"),
        (("--title", ""), "the text is empty"),
    ],
)
def test_new_policy_that_cannot_be_made_exits_2(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    ended = lakewarden("policies", "new", "naming.one", *options, cwd=tmp_path)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert not (tmp_path / "policies").exists()


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
    assert "the policy naming.one already exists" in ended.stderr


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Return a folder whose ./policies has a policy that is sound and one that is not."""
    root = scratch_policies.write(tmp_path, router=False).rename(tmp_path / "policies")
    made = lakewarden("policies", "new", "naming.broken", cwd=tmp_path)
    assert made.returncode == 0
    scratch_policies.change(
        root, "lakewarden/tables/naming/broken/broken.rego", "input.comment", "input.coment"
    )
    return tmp_path


def test_one_policy_is_tested_by_its_name(two: Path) -> None:
    """What is wrong with another one is not its business, as long as they work together."""
    ended = lakewarden("policies", "test", "naming.short_columns", cwd=two)
    assert ended.returncode == 0, ended.stdout
    assert "\nopa test     ok" in ended.stdout
    assert "  6 tests\n" in ended.stdout
    assert "100 % of 1 module\n" in ended.stdout
    assert "conventions, 2 files\n" in ended.stdout
    ended = lakewarden("policies", "test", "naming.b*", cwd=two)
    assert ended.returncode == 1
    assert "broken.rego" in ended.stdout
    assert "short_columns" not in ended.stdout


@pytest.mark.nightly
def test_folders_of_the_project_file_are_tested_where_there_is_no_other(tmp_path: Path) -> None:
    """And a TODO about a setting that another policy reads is none of one policy's business."""
    lakewarden("policies", "new", "naming.one", "--into", "team", "--setting", "a=1", cwd=tmp_path)
    lakewarden("policies", "new", "naming.two", "--into", "team", "--setting", "b=1", cwd=tmp_path)
    (tmp_path / "lakewarden.toml").write_text('policy-source = ["team"]\n')
    every = lakewarden("policies", "test", cwd=tmp_path, PATH=_path_without_regal()).stdout
    assert "conventions: 14 found" in every
    one = lakewarden("policies", "test", "naming.one", cwd=tmp_path, PATH=_path_without_regal())
    assert "conventions: 7 found" in one.stdout
    assert "Say what a means" in one.stdout
    assert "Say what b means" not in one.stdout


def test_what_follows_from_another_finding_is_folded(two: Path) -> None:
    """And shown where all is asked for."""
    folded = lakewarden("policies", "test", "naming.broken", cwd=two).stdout
    assert re.search(r"opa check: \d found\n", folded)
    assert re.search(r"  \d+ more findings may follow from it \(.*\); --all shows them", folded)
    everything = lakewarden("policies", "test", "naming.broken", "--all", cwd=two).stdout
    assert everything.count("remedy: ") > folded.count("remedy: ")
    assert "may follow" not in everything


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("naming.short_colums", "Did you mean naming.short_columns?"),
        ("short_columns", "Did you mean naming.short_columns?"),
        ("clustering.key_limit", "Name a policy of your own"),
    ],
)
def test_name_of_no_own_policy_exits_2(tmp_path: Path, name: str, remedy: str) -> None:
    scratch_policies.write(tmp_path, router=False).rename(tmp_path / "policies")
    ended = lakewarden("policies", "test", name, cwd=tmp_path)
    assert ended.returncode == 2
    assert remedy in ended.stderr


@pytest.mark.nightly
def test_policies_beside_are_loaded_and_not_judged(tmp_path: Path) -> None:
    root = scratch_policies.write(tmp_path, router=False)
    shared = tmp_path / "shared"
    shutil.move(root / "lakewarden" / "lib", shared / "lakewarden" / "lib")
    alone = lakewarden("policies", "test", root, cwd=tmp_path)
    assert alone.returncode == 1
    ended = lakewarden("policies", "test", root, "--policy-source", shared, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert "100 % of 1 module" in ended.stdout
