"""Private folders: nobody else's, gone at the end, and gone after the next run at the latest."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakewarden_collector import private_folder
from lakewarden_collector.private_folder import (
    MARK,
    NoPrivateFolderError,
    PrivateFolder,
    sweep,
)

_HOLDER = """
import sys, time
from lakewarden_collector.private_folder import PrivateFolder

with PrivateFolder("run") as folder:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "file").write_text("data")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(private_folder, "_swept", set())
    return folder


@pytest.fixture
def holder(base: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER],
        env=os.environ | {"TMPDIR": str(base)},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def _path_of(holder: subprocess.Popen[str]) -> Path:
    assert holder.stdout is not None
    return Path(holder.stdout.readline().strip())


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_it_is_private_whatever_the_umask_is_and_gone_at_the_end(umask: int, base: Path) -> None:
    before = os.umask(umask)
    try:
        with PrivateFolder("run") as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            (folder / "sub").mkdir(0o700)
            (base / "elsewhere").mkdir(0o700)
            (folder / "link").symlink_to(base / "elsewhere")
    finally:
        os.umask(before)
    assert [each.name for each in base.iterdir()] == ["elsewhere"]


def test_a_killed_run_leaves_a_folder_and_the_next_one_removes_it(
    base: Path, holder: subprocess.Popen[str]
) -> None:
    left = _path_of(holder)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (left / "deep" / "er" / "file").is_file()
    with PrivateFolder("run") as folder:
        assert list(base.iterdir()) == [folder]


def test_a_run_that_lives_keeps_its_folder(base: Path, holder: subprocess.Popen[str]) -> None:
    kept = _path_of(holder)
    sweep(base)
    assert (kept / "deep" / "er" / "file").is_file()


def test_what_is_not_provably_of_a_dead_run_stays(base: Path, tmp_path: Path) -> None:
    """A user may have folders of such names; a link may lead anywhere."""
    for name, mode, marked in [
        ("lakewarden-reports", 0o700, False),
        ("lakewarden-open-12345678", 0o755, True),
        ("other-12345678", 0o700, True),
    ]:
        (base / name).mkdir()
        (base / name / "mine").write_text("")
        if marked:
            (base / name / MARK).write_text("")
        (base / name).chmod(mode)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(0o700)
    (elsewhere / MARK).write_text("")
    (base / "lakewarden-run-87654321").symlink_to(elsewhere)
    (base / "lakewarden-linked-12345678").mkdir(0o700)
    (base / "lakewarden-linked-12345678" / MARK).symlink_to(elsewhere / MARK)
    before = sorted(base.rglob("*"))
    sweep(base)
    assert sorted(base.rglob("*")) == before
    assert (elsewhere / MARK).is_file()


def test_a_marked_folder_of_ours_is_what_goes(base: Path) -> None:
    """The counterpart of the test above: the same folder, with all signs."""
    left = base / "lakewarden-run-12345678"
    left.mkdir(0o700)
    (left / MARK).write_text("")
    (left / "data").write_text("")
    sweep(base)
    assert not left.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give folders away")
def test_another_users_folder_stays(base: Path) -> None:
    left = base / "lakewarden-run-12345678"
    left.mkdir(0o700)
    (left / MARK).write_text("")
    os.chown(left, 65534, 65534)
    sweep(base)
    assert left.exists()


def test_a_shared_folder_is_used_for_no_socket(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, another user could put a folder of his own in the place of ours."""
    other = tmp_path / "other"
    other.mkdir(0o700)
    monkeypatch.setattr(private_folder, "_SOCKET_PATH_BYTES", 1000)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(other))
    with PrivateFolder("opa", socket_name_bytes=8) as folder:
        assert folder.parent == base
    base.chmod(0o777)
    with PrivateFolder("opa", socket_name_bytes=8) as folder:
        assert folder.parent == other
    base.chmod(0o1777)  # as /tmp is: all may write, nobody may rename what is another's
    with PrivateFolder("opa", socket_name_bytes=8) as folder:
        assert folder.parent == base


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give folders away")
def test_a_temporary_folder_of_another_user_is_used_for_no_socket(base: Path) -> None:
    os.chown(base, 65534, 65534)
    with PrivateFolder("opa", socket_name_bytes=8) as folder:
        assert base not in folder.parents


def test_a_link_on_the_way_is_followed_once(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone who can change the link later changes nothing about the folder."""
    link = tmp_path / "link"
    link.symlink_to(base)
    monkeypatch.setattr("tempfile.tempdir", str(link))
    monkeypatch.setattr(private_folder, "_SOCKET_PATH_BYTES", 1000)
    with PrivateFolder("opa", socket_name_bytes=8) as folder:
        assert folder.parent == base


def test_no_place_at_all_says_why_for_each(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_folder, "_SOCKET_PATH_BYTES", 27)
    with pytest.raises(NoPrivateFolderError, match="too long a path for a socket") as caught:
        PrivateFolder("opa", socket_name_bytes=8).__enter__()
    assert str(base) in str(caught.value)
    assert "TMPDIR" in caught.value.remedy
