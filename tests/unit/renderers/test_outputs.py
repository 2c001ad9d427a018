"""Several reports of one run: each is whole or not there, whatever happens to the others.

About `outputs.py`.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers.outputs import ReportOutputs
from lakewarden_collector.errors import OutputError
from tests.support import reports

FULL = Path("/dev/full")


class _Broken(io.StringIO):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def write(self, _text: str, /) -> int:
        raise self._error


def test_each_is_finished_by_itself_and_one_format_can_come_twice(tmp_path: Path) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json", tmp_path / "c.md"]
    with ReportOutputs() as outputs:
        for path, name in zip(paths, ("json", "json", "markdown"), strict=True):
            outputs.open(name, path)
        assert not any(path.exists() for path in paths)
        outputs.write(reports.sample(3))
    assert paths[0].read_bytes() == paths[1].read_bytes() != b""
    assert paths[2].read_text("utf-8").startswith("# ")
    assert {each.name for each in tmp_path.iterdir()} == {"a.json", "b.json", "c.md"}


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a full device")
def test_a_full_disk_and_a_reader_that_left_leave_the_others_whole(tmp_path: Path) -> None:
    with ReportOutputs() as outputs:
        outputs.open("console", _Broken(BrokenPipeError()))
        outputs.open("json", FULL)
        outputs.open("markdown", tmp_path / "whole.md")
        with pytest.raises(OutputError, match=r"/dev/full: can't be written: No space"):
            outputs.write(reports.sample(40))
    assert (tmp_path / "whole.md").read_text("utf-8").startswith("# ")


def test_a_wrong_template_decides_over_a_bug_and_a_bug_over_a_reader_that_left(
    tmp_path: Path,
) -> None:
    (tmp_path / "wrong.j2").write_text("{{ nothing }}")
    kept = tmp_path / "kept.txt"
    kept.write_text("before")
    with ReportOutputs() as outputs:
        outputs.open("console", _Broken(BrokenPipeError()))
        outputs.open("json", _Broken(ZeroDivisionError("a bug")))
        outputs.open(f"template:{tmp_path}/wrong.j2", kept)
        with pytest.raises(ConfigurationError, match=r"wrong\.j2:1"):
            outputs.write(reports.sample(1))
    assert kept.read_text() == "before"
    assert {each.name for each in tmp_path.iterdir()} == {"wrong.j2", "kept.txt"}
    with ReportOutputs() as outputs:
        outputs.open("console", _Broken(BrokenPipeError()))
        outputs.open("json", _Broken(ZeroDivisionError("a bug")))
        with pytest.raises(ZeroDivisionError):
            outputs.write(reports.sample(1))


def test_an_interrupt_discards_what_is_not_finished(tmp_path: Path) -> None:
    with ReportOutputs() as outputs:
        outputs.open("console", _Broken(KeyboardInterrupt()))
        outputs.open("json", tmp_path / "report.json")
        with pytest.raises(KeyboardInterrupt):
            outputs.write(reports.sample(1))
    assert list(tmp_path.iterdir()) == []
