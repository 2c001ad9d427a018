"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.report.atomic_file import PendingFile
from lakewarden_collector.errors import OutputError


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
    with pytest.raises(ConfigurationError, match="can't be written: Is a directory"):
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
    with pytest.raises(OutputError, match="No space left"), PendingFile(full) as file:
        file.write(b"x" * 1_000_000)
    assert not list(tmp_path.iterdir())


def _lines(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir())


def test_what_a_killed_run_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    """Only the hidden siblings of this very target that no living process holds."""
    kept = [
        ".report.json.0123456.partial",
        ".report.json.partial",
        ".other.json.01234567.partial",
        "report.json.01234567.partial",
    ]
    for name in [*kept, ".report.json.01234567.partial"]:
        (tmp_path / name).write_text("half")
    (tmp_path / ".report.json.89abcdef.partial").mkdir()
    other = PendingFile(tmp_path / "report.json")
    with PendingFile(tmp_path / "report.json") as file:
        file.write(b"whole")
        assert len(_lines(tmp_path)) == len(kept) + 3
    other.write(b"later")
    other.commit()
    assert _lines(tmp_path) == sorted([*kept, ".report.json.89abcdef.partial", "report.json"])
    assert (tmp_path / "report.json").read_bytes() == b"later"


def test_a_run_that_is_killed_leaves_what_the_next_one_removes(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from lakewarden.report.atomic_file import PendingFile\n"
        "PendingFile(sys.argv[1]).write(b'x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "r.json"], check=False)
    assert len(_lines(tmp_path)) == 1
    with PendingFile(tmp_path / "r.json"):
        pass
    assert _lines(tmp_path) == ["r.json"]


def test_an_open_stream_goes_on_where_it_stands(tmp_path: Path) -> None:
    """`--report json=/dev/stdout >> log` must not replace or cut the log."""
    log = tmp_path / "log"
    log.write_text("before\n")
    stream = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        with PendingFile(f"/dev/fd/{stream}") as file:
            file.write(b"report\n")
        os.write(stream, b"after\n")
    finally:
        os.close(stream)
    assert log.read_text() == "before\nreport\nafter\n"
    assert _lines(tmp_path) == ["log"]


@pytest.mark.parametrize("name", ["ö" * 120, "x" * 250, "."])
def test_a_long_name_is_a_name(tmp_path: Path, name: str) -> None:
    """A name has 255 bytes, and the pending one must fit as well."""
    target = tmp_path / name
    if name == ".":
        with pytest.raises(ConfigurationError):
            PendingFile(target)
        return
    with PendingFile(target) as file:
        file.write(b"whole")
    assert _lines(tmp_path) == [name]


@pytest.mark.parametrize("name", ["x" * 256, "absent/x", "file/x", "loop", "zero\0"])
def test_what_cannot_be_opened_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ConfigurationError, match="can't be written"):
        PendingFile(tmp_path / name)


def test_a_file_that_is_replaced_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "report").touch(0o640)
    (tmp_path / "report").chmod(0o640)
    with PendingFile(tmp_path / "report") as file:
        file.write(b"new")
    assert (tmp_path / "report").stat().st_mode & 0o777 == 0o640
