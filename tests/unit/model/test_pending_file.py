"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.pending_file import PendingFile


def test_a_link_stays_a_link_to_the_new_content(tmp_path: Path) -> None:
    """A published report is often a link; replacing the link would strand its target."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with PendingFile(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_new_file_has_the_rights_that_the_user_gives_new_files(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with PendingFile(tmp_path / "pending") as file:
        file.write(b"")
    assert (tmp_path / "pending").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """`--report json=/dev/stdout` and process substitution must reach their reader."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    with PendingFile(pipe) as file:
        file.write(b"through")
    reader.join(10)
    assert got == [b"through"]
    assert pipe.is_fifo()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written: Is a directory"):
        PendingFile(tmp_path)


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    file = PendingFile(tmp_path / "report")
    file.write(b"whole")
    file.commit()
    with pytest.raises(ValueError, match="closed"):
        file.write(b"more")
    file.discard()
    assert (tmp_path / "report").read_bytes() == b"whole"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(ConfigurationError, match="No space left"), PendingFile(full) as file:
        file.write(b"x" * 1_000_000)
    assert not list(tmp_path.iterdir())
