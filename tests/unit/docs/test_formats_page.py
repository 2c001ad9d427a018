"""The page of formats has every format, suffix and column, and its questions have answers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

import duckdb
import pytest

from lakewarden.renderers import SUFFIXES, Format, renderer
from lakewarden.renderers.csv import COLUMNS, NOT_EVALUATED
from tests.support.commandline import REPOSITORY
from tests.support.golden import showcase

PAGE: Final = (REPOSITORY / "docs" / "formats.md").read_text("utf-8")


def _block(language: str) -> str:
    return PAGE.partition(f"```{language}\n")[2].partition("```")[0]


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "report.ndjson").open("w", encoding="utf-8") as out:
        renderer(Format.NDJSON).render(showcase(), out)
    return tmp_path


def test_every_format_and_suffix_is_in_the_table() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    for name in Format:
        (row,) = (each for each in rows if each.startswith(f"| `{name}` |"))
        suffixes = {suffix for suffix, of in SUFFIXES.items() if of is name}
        assert all(f"`{suffix}`" in row.split("|")[2] for suffix in suffixes)


def test_every_column_is_in_the_table() -> None:
    section = PAGE.partition("## CSV")[2].partition("\n## ")[0]
    assert [each for each in (*COLUMNS, NOT_EVALUATED) if f"`{each}`" not in section] == []


def test_the_question_for_duckdb_has_an_answer(lines: Path) -> None:
    assert lines.is_dir()
    found = duckdb.sql(_block("sql"))
    assert found is not None
    assert set(found.fetchall()) == {("sales-analytics", 2, 10 * 2**30), (None, 1, None)}


def test_the_question_for_jq_has_an_answer(lines: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    ended = subprocess.run(
        ["/bin/sh", "-c", _block("sh")], cwd=lines, capture_output=True, text=True, check=True
    )
    assert len(ended.stdout.splitlines()) == 3
    assert ended.stdout.startswith("sales-analytics\tmain.sales.orders\tclustering.single_strategy")
