"""One commit of another repository is fetched, and nothing of it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.git.address import RemoteUrl, parse_url
from lakewarden.git.remote import fetch_tree, has_in_history
from lakewarden.model.errors import ConfigurationError, FetchError
from tests.support.git_checkout import commit_files, git


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Return a repository with a tag v1 and the branches main and next, and its two commits."""
    folder = tmp_path_factory.mktemp("origin")
    first = commit_files(folder, {"a": "one"})
    git(folder, "tag", "-a", "v1", "-m", "annotated")
    second = commit_files(folder, {"a": "two"})
    git(folder, "branch", "next/one")
    return folder, first, second


def _url(folder: Path) -> RemoteUrl:
    return parse_url(folder.as_uri(), "test")


def test_branches_tags_and_commits_are_fetched(
    origin: tuple[Path, str, str], tmp_path: Path
) -> None:
    folder, first, second = origin
    for number, (ref, commit) in enumerate(
        [("v1", first), ("main", second), ("next/one", second), ("", second), (first, first)]
    ):
        tree = fetch_tree(_url(folder), ref, tmp_path / str(number), where="x")
        assert (tree.commit, tree.read("a")) == (commit, b"one" if commit == first else b"two")


def test_a_commit_is_found_where_the_server_sends_only_branches(
    origin: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As servers of an old protocol do."""
    folder, first, _ = origin
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.version")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "0")
    tree = fetch_tree(_url(folder), first, tmp_path / "copy", where="x")
    assert tree.read("a") == b"one"
    with pytest.raises(ConfigurationError, match=f"no branch, tag or commit {'1' * 40}"):
        fetch_tree(_url(folder), "1" * 40, tmp_path / "other", where="x")


def test_an_unknown_reference_and_an_absent_repository_are_named(
    origin: tuple[Path, str, str], tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="has no branch, tag or commit v9"):
        fetch_tree(_url(origin[0]), "v9", tmp_path / "a", where="x")
    with pytest.raises(FetchError, match="there is no git repository at"):
        fetch_tree(_url(tmp_path / "nowhere"), "main", tmp_path / "b", where="x")


def test_a_commit_of_no_branch_is_not_in_the_history(
    origin: tuple[Path, str, str], tmp_path: Path
) -> None:
    folder, first, second = origin
    asked = [("main", first, True), ("v1", second, False), ("", "1" * 40, False)]
    for number, (ref, commit, known) in enumerate(asked):
        repository = tmp_path / str(number)
        assert has_in_history(_url(folder), ref, commit, repository, where="x") is known
    with pytest.raises(ConfigurationError, match="has no branch, tag or commit v9"):
        has_in_history(_url(folder), "v9", first, tmp_path / "9", where="x")


def test_no_hook_of_the_users_runs(
    origin: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = tmp_path / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f"[core]\nhooksPath = {hook.parent}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    fetch_tree(_url(origin[0]), "main", tmp_path / "copy", where="x")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("stderr", "what"),
    [
        ("fatal: could not read Username: terminal prompts disabled", "with these credentials"),
        ("git@host: Permission denied (publickey).\nfatal: no", "with these credentials"),
        ("Host key verification failed.\nfatal: no", "isn't one that ssh knows"),
        ("remote: Repository not found.\nfatal: repository 'x' not found", "isn't shown to you"),
        ("fatal: unable to access 'x': Could not resolve host: host", "Could not resolve host"),
    ],
)
def test_what_the_network_and_the_server_refuse_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, what: str
) -> None:
    program = tmp_path / "git"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *fetch*) printf "%s\\n" "{stderr}" >&2; exit 128;; esac\n'
    )
    program.chmod(0o755)
    (tmp_path / "copy").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    url = parse_url("https://t0ken@host/x", "test")
    with pytest.raises(FetchError, match=what) as caught:
        fetch_tree(url, "main", tmp_path / "copy", where="x")
    assert caught.value.remedy
    assert "t0ken" not in str(caught.value)
