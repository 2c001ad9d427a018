"""The page beside Conftest and Checkov says what the tools say: nobody may improve it by hand."""

from __future__ import annotations

import re

import pytest

from benchmarks.peers.cases import CASES
from benchmarks.peers.page import PAGE, cell, column, rows
from benchmarks.peers.tools import TOOLS, Tool
from tests.support.commandline import REPOSITORY

_OURS = TOOLS[-1]


def test_each_trap_has_its_row() -> None:
    table = rows(PAGE.read_text())
    assert [row[:2] for row in table[:-2]] == [[case.words, str(case.right)] for case in CASES]


def test_the_page_names_the_versions_that_make_installs() -> None:
    makefile, page = (REPOSITORY / "Makefile").read_text(), PAGE.read_text()
    conftest = re.findall(r"conftest@v([\d.]+)", makefile)
    checkov = re.findall(r"checkov==([\d.]+)", makefile)
    assert [f"Conftest {conftest[0]} and Checkov {checkov[0]}"] == re.findall(
        r"Conftest [\d.]+ and Checkov [\d.]+\d", page
    )


@pytest.mark.opa
def test_our_column_is_what_a_run_decides() -> None:
    plan = CASES[0].plan
    answers = _OURS.run(plan)
    cases = [case for case in CASES if case.plan == plan]
    shown = {row[0]: row[-1] for row in rows(PAGE.read_text())}
    assert {case.words: cell(case, answers) for case in cases}.items() <= shown.items()
    assert answers.exit_code == 1


@pytest.mark.nightly
@pytest.mark.opa
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_each_column_is_what_was_measured(tool: Tool) -> None:
    if tool.needs and not tool.needs.exists():
        pytest.skip(f"needs {tool.needs.name}: `make peers` installs it")
    place = 2 + TOOLS.index(tool)
    assert column(tool) == [row[place] for row in rows(PAGE.read_text())]
