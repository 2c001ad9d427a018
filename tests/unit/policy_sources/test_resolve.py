"""Each source becomes a folder for the run, is pinned, and is what the lock says."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import UNSET, structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import PinnedSource
from lakewarden.policy_sources.lock_file import Lock, locked_name
from lakewarden.policy_sources.resolve import check_history, pin_of, resolved_sources
from lakewarden.policy_sources.source import PolicySource, parse_policy_source
from lakewarden.progress import Silent
from tests.support.git_checkout import commit_files, git
from tests.support.policy_packs import POLICY, SCHEMA, archive, pack, rego, write

_FILES = pack() | {SCHEMA: "{}\n"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a repository whose v1 has the pack in `policies`, and main another; v1's commit."""
    folder = tmp_path_factory.mktemp("repository")
    first = commit_files(folder, {f"policies/{path}": text for path, text in _FILES.items()}, "v1")
    commit_files(folder, {f"policies/{POLICY}": rego("Other")})
    return folder, first


def _lock(folder: Path, *pins: PinnedSource) -> Lock:
    return Lock(path=folder / "lakewarden.lock", sources=pins)


def test_the_same_policies_have_the_same_digest_however_they_come(
    repository: tuple[Path, str], tmp_path: Path
) -> None:
    folder, first = repository
    members = [(path, text.encode()) for path, text in _FILES.items()]
    sources = [
        parse_policy_source(text)
        for text in (
            str(write(tmp_path / "folder", _FILES)),
            str(archive(tmp_path / "b.tar.gz", members)),
            "git:v1",
            "git:v1:policies",
            f"git+{folder.as_uri()}@v1",
            f"git+{folder.as_uri()}@{first}#subdirectory=policies",
        )
    ]
    with resolved_sources(sources, Silent(), folder=folder) as found:
        for each in found:
            assert (each.root / POLICY).read_text() == rego()
            assert (each.root / SCHEMA).read_text() == "{}\n"
        assert {each.pin.digest for each in found} == {found[0].pin.digest}
        assert [each.pin.commit for each in found] == [UNSET, UNSET, *[first] * 4]
        assert found[0].root == tmp_path / "folder"
        private = found[1].root.parent
        assert private.stat().st_mode & 0o777 == 0o700
    assert not private.exists()


def test_a_lock_keeps_a_branch_where_it_was(repository: tuple[Path, str]) -> None:
    folder, first = repository
    for text in ("git:main", f"git+{folder.as_uri()}@main"):
        source = parse_policy_source(text)
        now = pin_of(source, Silent(), folder=folder)
        then = pin_of(source, Silent(), folder=folder, commit=first)
        assert (now.commit, then.commit) == (now.commit, first)
        assert now.digest != then.digest
        with resolved_sources([source], Silent(), folder=folder, lock=_lock(folder, then)) as found:
            assert found[0].pin == then
            assert (found[0].root / POLICY).read_text() == rego()


def test_a_locked_commit_that_the_branch_never_had_is_refused(
    repository: tuple[Path, str], tmp_path: Path
) -> None:
    """A hosting service may send that of a fork by its hash, and a review sees digits alone."""
    folder, first = repository
    git(folder, "worktree", "add", "--quiet", "--detach", str(tmp_path / "fork"), "v1")
    stranger = commit_files(tmp_path / "fork", {f"policies/{POLICY}": rego("Evil")})
    for text in ("git:main", f"git+{folder.as_uri()}@main", f"git+{folder.as_uri()}@{first}"):
        check_history(parse_policy_source(text), first, folder, Silent())
    for text in ("git:main", f"git+{folder.as_uri()}@main"):
        with pytest.raises(ConfigurationError, match="isn't in the history of"):
            check_history(parse_policy_source(text), stranger, folder, Silent())


def _refusal(source: PolicySource, folder: Path, *pins: PinnedSource) -> ConfigurationError:
    with (
        pytest.raises(ConfigurationError) as caught,
        resolved_sources([source], Silent(), folder=folder, lock=_lock(folder, *pins)),
    ):
        pass
    return caught.value


def test_what_is_not_as_locked_is_refused(repository: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = repository
    bundle = archive(tmp_path / "b.tar.gz", [(POLICY, rego().encode())])
    outside = write(tmp_path / "outside", pack())
    for text in ("git:v1", str(bundle), str(outside)):
        source = parse_policy_source(text)
        assert "isn't in" in _refusal(source, folder).what
        name = locked_name(source, folder)
        pin = structs.replace(pin_of(source, Silent(), folder=folder), source=name)
        with resolved_sources([source], Silent(), folder=folder, lock=_lock(folder, pin)):
            pass
        wrong = _refusal(source, folder, structs.replace(pin, digest="sha256:0"))
        assert "doesn't hold the policies" in wrong.what
        assert f"found:  {pin.digest}" in wrong.details
        assert "lakewarden policies lock" in wrong.remedy
    unpinned = PinnedSource(source="git:v1", digest="sha256:0")
    assert "has no commit" in _refusal(parse_policy_source("git:v1"), folder, unpinned).what


def test_a_locked_folder_is_read_once_so_that_what_was_checked_decides(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "outside", pack())
    source = parse_policy_source(str(folder))
    lock = _lock(
        tmp_path / "project", structs.replace(pin_of(source, Silent()), source="../outside")
    )
    with resolved_sources([source], Silent(), lock=lock) as found:
        (folder / POLICY).write_text("package lakewarden.other\n")
        assert (found[0].root / POLICY).read_text() == rego()


def test_an_error_names_the_source_and_not_the_private_folder(
    repository: tuple[Path, str],
) -> None:
    folder, _ = repository
    source = parse_policy_source("git:v1")

    def fail() -> None:
        with resolved_sources([source], Silent(), folder=folder) as found:
            file = str(found[0].root / POLICY)
            raise ConfigurationError(
                f"{file} is wrong", where=f"{file}:3", remedy=f"See {file}", details=[file]
            )

    with pytest.raises(ConfigurationError) as caught:
        fail()
    error, shown = caught.value, f"git:v1: {POLICY}"
    assert (error.where, error.what, error.remedy, error.details) == (
        f"{shown}:3",
        f"{shown} is wrong",
        f"See {shown}",
        (shown,),
    )


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"README.md": "x"}, "has no policies"),
        ({"other/a.rego": "package lakewarden.x"}, "has no policies"),
        (
            {POLICY: "version https://git-lfs.github.com/spec/v1\noid sha256:1\n"},
            "kept by Git LFS",
        ),
    ],
)
def test_a_commit_without_policies_is_refused(
    tmp_path: Path, files: dict[str, str], what: str
) -> None:
    commit_files(tmp_path, files)
    with pytest.raises(ConfigurationError, match=what):
        pin_of(parse_policy_source("git:main"), Silent(), folder=tmp_path)


def test_a_link_in_a_commit_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, pack())
    (tmp_path / POLICY).with_name("more.rego").symlink_to("/etc/passwd")
    commit_files(tmp_path, {})
    with pytest.raises(ConfigurationError, match="is a link"):
        pin_of(parse_policy_source("git:main"), Silent(), folder=tmp_path)


def test_a_folder_alone_needs_neither_git_nor_a_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("TMPDIR", "/nowhere")
    source = parse_policy_source(str(write(tmp_path, pack())))
    with resolved_sources([source], Silent()) as found:
        assert found[0].root == tmp_path
        assert found[0].named(f"{tmp_path}/x") == f"{tmp_path}/x"
