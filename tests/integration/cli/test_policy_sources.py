"""Policies from elsewhere decide: fetched, pinned in reports and packs, and locked."""

from __future__ import annotations

import json
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.commandline import document, lakewarden, write_lines
from tests.support.git_checkout import commit_files
from tests.support.policy_packs import POLICY, pack, rego, write


@pytest.fixture
def pack_repository(tmp_path: Path) -> Path:
    """Return a repository with a pack of policies, beside the project's folder."""
    commit_files(tmp_path / "packs", pack("policies/"))
    return tmp_path / "packs"


@pytest.fixture
def project(tmp_path: Path, pack_repository: Path) -> Path:
    """Return a folder whose project file names the pack's branch."""
    folder = tmp_path / "project"
    folder.mkdir()
    write_lines(folder / "lake.ndjson", document("orders"))
    (folder / "lakewarden.toml").write_text(
        f'inventory = "lake.ndjson"\npolicy = "extra.*"\nengine = "embedded"\n'
        f'policy-source = "git+{pack_repository.as_uri()}@main"\n'
    )
    return folder


def _titles(project: Path, *arguments: str) -> list[str]:
    listed = lakewarden("policies", "list", *arguments, cwd=project)
    assert listed.returncode == 0, listed.stderr
    return [line.rpartition("\t")[2] for line in listed.stdout.splitlines() if "extra" in line]


def test_a_pack_is_pinned_and_replays_without_its_repository(
    project: Path, pack_repository: Path
) -> None:
    done = lakewarden("evaluate", "-o", "r.json", "--pack", "p.zip", cwd=project)
    assert done.returncode == 0, done.stderr
    run = json.loads((project / "r.json").read_text())["run"]
    (pin,) = run["policy_sources"]
    assert pin["source"] == f"git+{pack_repository.as_uri()}@main"
    assert (len(pin["commit"]), pin["digest"][:7]) == (40, "sha256:")
    with zipfile.ZipFile(project / "p.zip") as packed:
        assert json.loads(packed.read("manifest.json"))["policy_sources"] == [pin]
    pack_repository.rename(pack_repository.with_name("gone"))
    again = lakewarden("replay", "p.zip", "--engine", "embedded", "-o", "again.json", cwd=project)
    assert again.returncode == 0, again.stderr
    assert json.loads((project / "again.json").read_text())["run"]["policy_sources"] == [pin]
    assert lakewarden("evaluate", cwd=project).returncode == 4


def test_a_locked_branch_stays_until_it_is_upgraded(project: Path, pack_repository: Path) -> None:
    lock = project / "lakewarden.lock"
    assert lakewarden("policies", "lock", "--check", cwd=project).returncode == 1
    assert not lock.exists()
    written = lakewarden("policies", "lock", cwd=project)
    assert written.returncode == 0, written.stderr
    assert written.stdout.splitlines()[-1] == "lakewarden.lock"
    (entry,) = tomllib.loads(lock.read_text())["source"]
    commit_files(pack_repository, {f"policies/{POLICY}": rego("Later")})
    assert _titles(project) == ["Tables have names"]
    assert lakewarden("policies", "lock", "--check", cwd=project).returncode == 0
    behind = lakewarden("policies", "lock", "--check", "--upgrade", cwd=project)
    assert (behind.returncode, behind.stdout[:8]) == (1, "changed\t")
    assert lakewarden("policies", "lock", cwd=project).returncode == 0
    assert tomllib.loads(lock.read_text())["source"] == [entry]
    assert lakewarden("policies", "lock", "--upgrade", cwd=project).returncode == 0
    assert _titles(project) == ["Later"]


def test_a_source_that_is_not_in_the_lock_is_refused(project: Path, pack_repository: Path) -> None:
    lakewarden("policies", "lock", cwd=project)
    other = f"--policy-source=git+{pack_repository.as_uri()}"
    refused = lakewarden("evaluate", other, cwd=project)
    assert refused.returncode == 2
    assert "isn't in lakewarden.lock" in refused.stderr
    lock = project / "lakewarden.lock"
    lock.write_text(lock.read_text().replace("sha256:", "sha256:0"))
    refused = lakewarden("evaluate", cwd=project)
    assert refused.returncode == 2
    assert "lakewarden.toml:4: policy-source: git+file:" in refused.stderr
    assert "doesn't hold the policies" in refused.stderr


def test_the_folder_of_the_project_needs_no_lock(project: Path) -> None:
    lakewarden("policies", "lock", cwd=project)
    other = rego("Own").replace("extra", "own")
    write(project / "policies", {POLICY.replace("extra", "own"): other})
    assert lakewarden("evaluate", cwd=project).returncode == 0
    assert lakewarden("policies", "lock", "--check", cwd=project).returncode == 0


def test_an_upgraded_pack_is_compared_with_the_one_that_main_locks(
    project: Path, pack_repository: Path
) -> None:
    """Else all that the new version finds would count as accepted."""
    lakewarden("policies", "lock", cwd=project)
    commit_files(project, {})
    strict = rego().replace("advisory", "mandatory").replace("pass contains", "deny contains")
    denied = strict.replace('"it has a name"', '{"message": "m", "expected": "e", "actual": "a"}')
    commit_files(pack_repository, {f"policies/{POLICY}": denied})
    lakewarden("policies", "lock", "--upgrade", cwd=project)
    done = lakewarden("evaluate", "-q", "--baseline-from", "HEAD", cwd=project)
    assert done.returncode == 1, done.stderr


def test_without_policies_from_elsewhere_there_is_nothing_to_lock(tmp_path: Path) -> None:
    done = lakewarden("policies", "lock", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing to lock" in done.stderr
    assert not (tmp_path / "lakewarden.lock").exists()


def test_a_pull_request_runs_with_the_policies_of_main(tmp_path: Path) -> None:
    """They are instead of those that are checked out: one policy can't be there twice."""
    commit_files(tmp_path, pack("policies/"))
    write(tmp_path / "policies", pack(title="Changed"))
    assert _titles(tmp_path, "--policy-source", "git:main", "--engine", "embedded") == [
        "Tables have names"
    ]
    assert _titles(tmp_path, "--engine", "embedded") == ["Changed"]


def test_credentials_are_not_shown_anywhere(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(
        '#!/bin/sh\ncase "$*" in *" fetch "*) shift 30; echo "fatal: $*" >&2; exit 128;; esac\n'
    )
    (tools / "git").chmod(0o755)
    source = "git+https://user:s3cret@host/policies@main"
    (tmp_path / "lakewarden.toml").write_text(f'policy-source = "{source}"\n')
    for command in (("policies", "list", "-v"), ("doctor",), ("policies", "lock")):
        done = lakewarden(*command, cwd=tmp_path, PATH=f"{tools}:/usr/bin:/bin")
        output = done.stdout + done.stderr
        assert done.returncode == 4
        assert "https://host/policies" in output
        assert "s3cret" not in output


def test_doctor_says_what_is_locked_and_goes_on_where_something_is_missing(
    project: Path, pack_repository: Path
) -> None:
    shown = lakewarden("doctor", cwd=project).stdout
    assert "note    1 policy source without a lock file" in shown
    pack_repository.rename(pack_repository.with_name("gone"))
    shown = lakewarden("doctor", cwd=project).stdout
    assert "missing --policy-source: there is no git repository at file:" in shown
    assert "engine starts: embedded" in shown


def test_only_folders_are_watched(project: Path) -> None:
    refused = lakewarden("watch", cwd=project)
    assert refused.returncode == 2
    assert "isn't a folder, and only folders are watched" in refused.stderr


def test_the_pages_and_messages_name_the_source(project: Path, pack_repository: Path) -> None:
    shown = f"git+{pack_repository.as_uri()}@main"
    described = lakewarden("policies", "for", "a.b.c", "--format", "json", cwd=project)
    assert "/lakewarden-policies-" not in described.stdout
    commit_files(pack_repository, {f"policies/{POLICY}": "package lakewarden.other\n\nx if if\n"})
    broken = lakewarden("policies", "list", cwd=project)
    assert broken.returncode == 2
    assert f"{shown}: {POLICY}" in broken.stderr
    assert "/lakewarden-policies-" not in broken.stderr
