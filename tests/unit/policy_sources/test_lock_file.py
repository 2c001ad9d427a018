"""The lock file says which policies from elsewhere a project uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import PinnedSource
from lakewarden.policy_sources.lock_file import (
    LOCK_FILE,
    is_locked,
    lock_text,
    locked_name,
    read_lock,
)
from lakewarden.policy_sources.source import BundleSource, FolderSource, GitSource
from tests.support import pages

_ENTRY = PinnedSource(source="git:main", digest="sha256:1", commit="a" * 40)


def test_it_is_sorted_text_that_is_read_again(tmp_path: Path) -> None:
    other = PinnedSource(source="b.tar.gz", digest="sha256:2")
    text = lock_text([_ENTRY, other])
    assert text == lock_text([other, _ENTRY])
    (tmp_path / LOCK_FILE).write_text(text)
    lock = read_lock(tmp_path)
    assert lock is not None
    assert lock.sources == (other, _ENTRY)
    assert lock.entry(GitSource("main")) == _ENTRY
    assert lock.entry(GitSource("next")) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_is_read_again(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    pin = PinnedSource(source=name, digest="x")
    (folder / LOCK_FILE).write_bytes(lock_text([pin]).encode())
    lock = read_lock(folder)
    assert lock is not None
    assert lock.sources == (pin,)


def test_the_page_shows_a_lock_file(tmp_path: Path) -> None:
    (shown,) = (
        block.text
        for block in pages.blocks(pages.CHECKOUT / "docs" / "policy-sources.md")
        if block.language == "toml"
    )
    (tmp_path / LOCK_FILE).write_text(shown)
    lock = read_lock(tmp_path)
    assert lock is not None
    assert lock_text(lock.sources) == shown


def test_without_the_file_nothing_is_locked(tmp_path: Path) -> None:
    assert read_lock(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("version = 2\n", "has version 2"),
        ("source = []\n", "isn't a lock file"),
        ("<<<<<<< HEAD\n", "isn't a lock file"),
        ('version = 1\n[[source]]\nsource = "a"\n', "isn't a lock file"),
        ("version = 1\nmore = 1\n", "isn't a lock file"),
        ("\udcff", "isn't a lock file"),
        (lock_text([_ENTRY, _ENTRY]), "has a source twice"),
    ],
)
def test_a_file_that_can_not_be_followed_is_refused(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / LOCK_FILE).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError, match=what) as caught:
        read_lock(tmp_path)
    assert caught.value.remedy


def test_folders_below_the_file_are_under_the_same_review(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "policies").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (project / "link").symlink_to(tmp_path / "other")
    assert not is_locked(FolderSource(project / "policies"), project)
    assert is_locked(FolderSource(tmp_path / "other"), project)
    assert is_locked(FolderSource(project / "link"), project)
    assert is_locked(BundleSource(project / "b.tar.gz"), project)
    assert is_locked(GitSource("main"), project)


def test_a_path_is_called_the_same_from_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    monkeypatch.chdir(project / "sub")
    for path in (Path("../b.tar.gz"), project / "b.tar.gz"):
        assert locked_name(BundleSource(path), Path("..")) == "b.tar.gz"
        assert locked_name(BundleSource(path), project) == "b.tar.gz"
    assert locked_name(FolderSource(tmp_path / "other"), project) == "../other"
    assert locked_name(FolderSource(Path("/opt/policies")), project) == "/opt/policies"
