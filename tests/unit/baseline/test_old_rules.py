"""The rules of a git reference are laid out as the reference has them, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.baseline.old_rules import OldRules, old_rules
from lakewarden.git.tree import open_tree
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import PolicyOptions
from lakewarden.policy_sources.source import FolderSource
from tests.support.git_checkout import commit_files

_REGO = "lakewarden/tables/a/b/b.rego"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose working tree isn't what it has committed."""
    folder = tmp_path / "repository"
    folder.mkdir()
    commit_files(folder, {f"team/{_REGO}": "old", "team/README.md": "", "config/a.yaml": "old"})
    (folder / "team" / _REGO).write_text("new")
    (folder / "config/a.yaml").write_text("new")
    (folder / "later" / _REGO).parent.mkdir(parents=True)
    (folder / "later" / _REGO).write_text("new")
    return folder


def laid_out(repository: Path, tmp_path: Path, *names: str, config: str | None = None) -> OldRules:
    (tmp_path / "installed").mkdir()
    options = PolicyOptions(
        shipped=tmp_path / "installed",
        policy_sources=tuple(FolderSource(repository / name) for name in names),
        folder=repository,
        config=None if config is None else repository / config,
    )
    (tmp_path / "out").mkdir()
    return old_rules(open_tree("main", repository), options, tmp_path / "out")


def files(folder: Path) -> dict[str, str]:
    return {
        each.relative_to(folder).as_posix(): each.read_text()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_committed_files_count_and_what_is_installed_stays(
    repository: Path, tmp_path: Path
) -> None:
    found = laid_out(repository, tmp_path, "team", "later")
    shipped, team = found.roots
    assert shipped == tmp_path / "installed"
    assert files(team) == {_REGO: "old"}, "the policies of `later` weren't there"
    assert (found.config, files(found.local_config)) == (None, {"a.yaml": "old"})


def test_settings_that_were_not_there_are_an_empty_folder(repository: Path, tmp_path: Path) -> None:
    found = laid_out(repository, tmp_path, config="later")
    assert found.config is not None
    assert files(found.config) == {}


def test_policies_installed_within_the_repository_are_not_taken_for_lacking(
    repository: Path, tmp_path: Path
) -> None:
    options = PolicyOptions(shipped=repository / "later", folder=repository)
    (tmp_path / "out").mkdir()
    found = old_rules(open_tree("main", repository), options, tmp_path / "out")
    assert found.roots == (repository / "later",)


def test_a_link_among_policies_is_refused(repository: Path, tmp_path: Path) -> None:
    (repository / "team/c.rego").symlink_to("/etc/passwd")
    commit_files(repository, {"x": ""})
    with pytest.raises(ConfigurationError, match=r"c\.rego is a symbolic link"):
        laid_out(repository, tmp_path, "team")
