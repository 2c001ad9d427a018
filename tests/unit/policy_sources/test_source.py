"""What a policy source is, by how it's written."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_sources.source import (
    BundleSource,
    FolderSource,
    GitSource,
    RemoteSource,
    is_path,
    parse_policy_source,
)
from tests.support.policy_packs import pack, write


@pytest.mark.parametrize(
    ("text", "ref", "folder"),
    [
        ("git:main", "main", ""),
        ("git:origin/main:rules/policies/", "origin/main", "rules/policies"),
        ("git:v1:./", "v1", ""),
    ],
)
def test_a_reference_of_the_own_repository(text: str, ref: str, folder: str) -> None:
    source = parse_policy_source(text)
    assert source == GitSource(ref, folder)
    assert str(source) == f"git:{ref}" + (f":{folder}" if folder else "")
    assert not is_path(text)


@pytest.mark.parametrize(
    ("text", "url", "ref", "folder"),
    [
        ("git+https://host/org/p.git@v1.2", "https://host/org/p.git", "v1.2", ""),
        ("git+https://host/p@a/b#subdirectory=x/y", "https://host/p", "a/b", "x/y"),
        ("git+ssh://git@host:22/p.git@main", "ssh://git@host:22/p.git", "main", ""),
        ("git+file:///srv/p", "file:///srv/p", "", ""),
    ],
)
def test_a_repository_elsewhere_is_written_as_pip_has_it(
    text: str, url: str, ref: str, folder: str
) -> None:
    source = parse_policy_source(text)
    assert isinstance(source, RemoteSource)
    assert (str(source.url), source.ref, source.folder) == (url, ref, folder)
    assert str(source) == text
    assert not is_path(text)


def test_credentials_are_no_part_of_its_text() -> None:
    source = parse_policy_source("git+https://user:s3cret@host/p@main#subdirectory=x")
    assert str(source) == "git+https://host/p@main#subdirectory=x"
    assert "s3cret" not in repr(source)


def test_a_folder_and_a_bundle_are_told_by_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("packs.tar.gz"), pack())
    write(Path("git:main"), pack())
    Path("b.tgz").touch()
    assert parse_policy_source("packs.tar.gz") == FolderSource(Path("packs.tar.gz"))
    assert parse_policy_source("./git:main") == FolderSource(Path("git:main"))
    assert parse_policy_source("b.tgz") == BundleSource(Path("b.tgz"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("nowhere", "there are no policies in nowhere"),
        ("nowhere.tar.gz", "there is no file"),
        ("git:", "isn't a git reference"),
        ("git:-x", "isn't a git reference"),
        ("git:main:../up", "isn't a folder below"),
        ("git:main:/etc", "isn't a folder below"),
        ("https://host/b.tar.gz", "has to begin with git"),
        ("git+http://host/p@v1", "isn't the address"),
        ("git+ssh://git@host:org/p.git@v1", "isn't the address"),
        ("git+https://host/p@", "no reference behind the @"),
        ("git+https://host/p@-x", "isn't a git reference"),
        ("git+https://host/p?a=b@v1", "can't have a query"),
        ("git+https://host/p@v1#egg=x", "only subdirectory=FOLDER"),
        ("git+https://host/p@v1#x", "only subdirectory=FOLDER"),
        ("git+https://host/p@v1#subdirectory=../x", "isn't a folder below"),
        ("git+ext::sh -c x", "isn't the address"),
    ],
)
def test_what_can_not_be_one_is_refused(text: str, what: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_policy_source(text)
    assert what in caught.value.what
    assert caught.value.where == "--policy-source"
