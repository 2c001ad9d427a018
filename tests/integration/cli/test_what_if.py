"""`lakewarden what-if` as a job of a pull request: its exit code, and the comment it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commandline import document, lakewarden, write_lines

pytestmark = pytest.mark.opa


@pytest.mark.parametrize(("threshold", "code"), [("1MiB", 1), ("2GiB", 0)])
def test_a_pull_request_fails_where_its_change_does(
    threshold: str, code: int, tmp_path: Path
) -> None:
    size = {"bytes": 2**20, "exact": True}
    tables = write_lines(
        tmp_path / "tables.ndjson", document("t", size=size, properties={}, owner="team")
    )
    ended = lakewarden(
        *("what-if", "--inventory", str(tables), "-o", "comment.md", "--fail-on-new"),
        *("--set", f"clustering.size_threshold_bytes={threshold}"),
        cwd=tmp_path,
        HOME=str(tmp_path),
    )
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == f"{tmp_path / 'comment.md'}\n"
    text = (tmp_path / "comment.md").read_text("utf-8")
    assert ("`--fail-on-new`: failed (exit 1): 1 mandatory failure is new." in text) is bool(code)
    assert ("`main.sales.t`" in text) is bool(code)
