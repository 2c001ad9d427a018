"""What a commit holds is read from git's objects, whatever is checked out or configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.git.tree import GitTree, lacks_in_history, open_tree
from lakewarden.model.errors import ConfigurationError, FetchError
from tests.support.git_checkout import commit_files, git


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with two commits, the first one tagged, and a file that isn't added."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "team").mkdir()
    (folder / "team" / "link.rego").symlink_to("a.rego")
    commit_files(folder, {"team/a.rego": "one\n", "team/sub/b b.rego": "é", "top": ""}, tag="v1")
    commit_files(folder, {"team/a.rego": "two\n"})
    (folder / "team" / "new.rego").write_text("not added")
    return folder


def test_a_file_is_read_as_the_reference_has_it(repository: Path) -> None:
    assert open_tree("v1", repository).read("team/a.rego") == b"one\n"
    assert open_tree("main", repository).read(Path("team") / "a.rego") == b"two\n"
    assert open_tree("HEAD~1", repository).read("top") == b""


def test_paths_are_relative_to_the_folder_that_was_named(repository: Path) -> None:
    tree = open_tree("v1", repository / "team")
    assert tree.read("a.rego") == b"one\n"
    assert tree.read("../top") == b""
    assert [each.path for each in tree.files()] == ["a.rego", "link.rego", "sub/b b.rego"]


def test_all_files_below_a_folder_are_listed_and_read(repository: Path) -> None:
    tree = open_tree("v1", repository)
    files = [each for each in tree.files("team") if not each.is_link]
    assert [each.path for each in files] == ["a.rego", "sub/b b.rego"]
    assert list(tree.contents(files)) == [b"one\n", "é".encode()]
    assert tree.files("nowhere") == ()


def test_a_link_a_folder_and_what_is_not_committed_have_no_content(repository: Path) -> None:
    tree = open_tree("main", repository)
    assert [tree.read(path) for path in ("team/link.rego", "team", "team/new.rego")] == [None] * 3


def test_a_pattern_is_a_name_like_any_other(repository: Path) -> None:
    assert open_tree("main", repository).read("team/*.rego") is None
    assert open_tree("main", repository).read(":(top)top") is None


@pytest.mark.parametrize("path", ["../x", "team/../../x", "/etc/passwd", "a\nb"])
def test_a_path_out_of_the_repository_is_refused(repository: Path, path: str) -> None:
    with pytest.raises(ConfigurationError, match="isn't a path in the repository"):
        open_tree("main", repository).read(path)


@pytest.mark.parametrize(
    "ref", ["--output=x", "-n", "", "a b", "main:team", "^main", "+main", "a\nb", "x*"]
)
def test_a_reference_that_git_could_take_for_something_else_is_refused(
    repository: Path, ref: str
) -> None:
    with pytest.raises(ConfigurationError, match="isn't a git reference"):
        open_tree(ref, repository, where="--policy-source")


def test_an_unknown_reference_says_how_to_get_it(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no reference v2") as caught:
        open_tree("v2", repository)
    assert "git fetch origin v2" in caught.value.remedy
    git(tmp_path, "clone", "--quiet", str(repository), "copy")
    git(tmp_path / "copy", "checkout", "--quiet", "-b", "other")
    git(tmp_path / "copy", "branch", "--quiet", "-D", "main")
    with pytest.raises(ConfigurationError) as caught:
        open_tree("main", tmp_path / "copy")
    assert caught.value.remedy == "Did you mean origin/main?"


def test_a_folder_in_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a git repository"):
        open_tree("main", tmp_path)


def test_a_repository_of_another_user_says_how_to_trust_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "fatal: detected dubious ownership in repository at"
    (tmp_path / "git").write_text(f"#!/bin/sh\necho '{words} x' >&2\nexit 128\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ConfigurationError, match="dubious") as caught:
        open_tree("main", tmp_path)
    assert f"safe.directory {tmp_path}" in caught.value.remedy


def test_a_commit_that_a_branch_never_had_is_known(tmp_path: Path) -> None:
    first = commit_files(tmp_path / "a", {"x": "1"})
    git(tmp_path / "a", "checkout", "--quiet", "-b", "side")
    side = commit_files(tmp_path / "a", {"x": "2"})
    assert not lacks_in_history(tmp_path / "a", "main", first)
    assert lacks_in_history(tmp_path / "a", "main", side)
    git(tmp_path, "clone", "--quiet", "--depth=1", (tmp_path / "a").as_uri(), "b")
    assert not lacks_in_history(tmp_path / "b", "HEAD", first), "its history is cut off"


def test_an_object_that_is_lacking_is_an_error_and_not_an_empty_file(repository: Path) -> None:
    lacking = GitTree(repository=repository, commit="0" * 40, ref="x")
    assert lacking.files() == ()
    tree = open_tree("v1", repository)
    files = tree.files("team")
    with pytest.raises(FetchError, match="can't be read"):
        list(lacking.contents([type(files[0])(path="a", bytes=4, object_id="1" * 40)]))


def test_neither_filters_nor_variables_of_a_hook_change_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git archive` and a checkout would run the filter, and a hook sets GIT_DIR."""
    commit_files(tmp_path, {".gitattributes": "* filter=evil export-ignore ident\n", "a": "$Id$\n"})
    git(tmp_path, "config", "filter.evil.smudge", f"touch {tmp_path}/ran")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    tree = open_tree("main", tmp_path)
    assert list(tree.contents(tree.files()))[1] == b"$Id$\n"
    assert not (tmp_path / "ran").exists()


def test_a_replaced_object_is_not_read_for_the_one_that_was_named(tmp_path: Path) -> None:
    first = commit_files(tmp_path, {"a": "one"})
    git(tmp_path, "replace", first, commit_files(tmp_path, {"a": "two"}))
    assert open_tree(first, tmp_path).read("a") == b"one"
