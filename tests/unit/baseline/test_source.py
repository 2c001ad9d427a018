"""A report, an inventory and a git reference are told apart, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.baseline.source import parse_baseline_source
from lakewarden.model.errors import ConfigurationError
from tests.support import reports
from tests.support.git_checkout import commit_files, git


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a branch whose name is a file's, too."""
    folder = tmp_path_factory.mktemp("repository")
    commit_files(folder, {"lake.ndjson": "{}\n", "both": "{}\n"})
    git(folder, "branch", "both")
    reports.sample(1).write(folder / "report.json")
    return folder


@pytest.mark.parametrize(
    ("text", "origin", "name"),
    [
        ("report.json", "report", "report.json"),
        ("lake.ndjson", "inventory", "lake.ndjson"),
        ("main", "git", "main"),
        ("HEAD", "git", "HEAD"),
        ("git:both", "git", "both"),
        ("inventory:both", "inventory", "both"),
        ("report:nowhere", "report", "nowhere"),
    ],
)
def test_each_is_known_by_what_it_is(
    repository: Path, monkeypatch: pytest.MonkeyPatch, text: str, origin: str, name: str
) -> None:
    monkeypatch.chdir(repository)
    found = parse_baseline_source(text, Path())
    assert (found.origin, found.name) == (origin, name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("both", "is a file and a git reference"),
        ("nowhere", "isn't a file or a git reference"),
        ("--all", "isn't a file or a git reference"),
        ("", "isn't a file or a git reference"),
        (".", "is a folder"),
    ],
)
def test_what_could_be_two_things_or_is_none_is_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(ConfigurationError, match=words):
        parse_baseline_source(text, Path())


def test_outside_of_a_repository_only_files_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main").write_text("{}\n")
    assert parse_baseline_source("main", Path()).origin == "inventory"
