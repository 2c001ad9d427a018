"""By a git reference, the policies from elsewhere are those that its lock file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.baseline.old_rules import old_rules
from lakewarden.baseline.old_sources import old_sources
from lakewarden.git.tree import open_tree
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import PinnedSource
from lakewarden.options.policies import PolicyOptions, open_policies
from lakewarden.policy_sources.lock_file import LOCK_FILE, lock_text
from lakewarden.policy_sources.resolve import pin_of, resolved_sources
from lakewarden.policy_sources.source import parse_policy_source
from lakewarden.progress import Silent
from tests.support.git_checkout import commit_files
from tests.support.policy_packs import POLICY, archive, rego


def _bundle(path: Path, title: str) -> PinnedSource:
    return pin_of(
        parse_policy_source(str(archive(path, [(POLICY, rego(title).encode())]))), Silent()
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project in a repository's folder: its bundle and its tag were others before."""
    folder = tmp_path / "repository" / "project"
    folder.mkdir(parents=True)
    old = _bundle(folder / "b.tar.gz", "Old")
    first = commit_files(tmp_path / "packs", {POLICY: rego("Old pack")})
    remote = f"git+{(tmp_path / 'packs').as_uri()}@main"
    pin = pin_of(parse_policy_source(remote), Silent())
    assert pin.commit == first
    entries = [pin, PinnedSource(source="b.tar.gz", digest=old.digest)]
    commit_files(tmp_path / "repository", {f"project/{LOCK_FILE}": lock_text(entries)})
    commit_files(tmp_path / "packs", {POLICY: rego("New pack")})
    _bundle(folder / "b.tar.gz", "New")
    (folder / LOCK_FILE).unlink()
    return folder


def test_the_locked_commit_and_the_committed_bundle_count(project: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    options = PolicyOptions(folder=project)
    old = old_sources(open_tree("main", project), options, tmp_path / "out")
    assert old is not None
    with resolved_sources(old.sources, Silent(), lock=old.lock) as found:
        texts = {(each.root / POLICY).read_text() for each in found}
    assert texts == {rego("Old"), rego("Old pack")}


def test_without_a_lock_file_the_present_sources_count(project: Path, tmp_path: Path) -> None:
    commit_files(tmp_path / "repository", {"other": ""})
    (tmp_path / "out").mkdir()
    source = parse_policy_source(str(project / "b.tar.gz"))
    options = PolicyOptions(shipped=project, policy_sources=(source,), folder=project)
    with open_policies(options, Silent()) as opened:
        assert opened.resolved is not None
        found = old_rules(open_tree("main", project), opened, tmp_path / "out")
        assert found.elsewhere is None
        assert found.roots[1:] == (opened.resolved[0].root,)


def test_a_lock_file_that_can_not_be_followed_is_named(project: Path, tmp_path: Path) -> None:
    commit_files(tmp_path / "repository", {f"project/{LOCK_FILE}": "version = 9\n"})
    with pytest.raises(ConfigurationError, match="has version 9") as caught:
        old_sources(open_tree("main", project), PolicyOptions(folder=project), tmp_path)
    assert caught.value.where == f"main:{LOCK_FILE}"
