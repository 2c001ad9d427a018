"""Bad input: one test for each row of docs/errors.md, which says what must happen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.integration.cli.bad_input import BAD_INPUTS
from tests.support.commandline import REPOSITORY

pytestmark = pytest.mark.opa

_ROW = re.compile(r"^\| (?P<input>[^|]+) \| (?P<exit>\d+) \| (?P<words>.+) \|$", re.MULTILINE)
_WORDS = re.compile(r"`` (?P<double>.+?) ``|``(?P<tight>.+?) ``|`(?P<single>[^`]+)`")


def rows() -> dict[str, tuple[int, list[str]]]:
    text = (REPOSITORY / "docs" / "errors.md").read_text()
    return {
        row["input"]: (
            int(row["exit"]),
            ["".join(filter(None, match)) for match in _WORDS.findall(row["words"])],
        )
        for row in _ROW.finditer(text)
    }


ROWS = rows()


def test_every_row_has_its_test_and_every_test_its_row() -> None:
    assert ROWS.keys() == BAD_INPUTS.keys()


@pytest.mark.parametrize("name", sorted(BAD_INPUTS))
def test_bad_input(name: str, tmp_path: Path) -> None:
    code, words = ROWS[name]
    run: Callable[[Path], CompletedProcess[str]] = BAD_INPUTS[name]
    ended = run(tmp_path)
    output = ended.stdout + ended.stderr
    assert ended.returncode == code, output
    for word in words:
        assert word in output
    assert "Traceback" not in output


def test_the_rows_ask_for_words() -> None:
    assert all(words for _, words in ROWS.values())
