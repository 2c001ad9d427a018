"""Logging commands as Azure DevOps' agent reads them: issues, a result, and nothing of a table's.

About `azure.py`.
"""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import example, given, settings
from msgspec import Struct

from lakewarden.model.report import Gate
from lakewarden.renderers import Format
from lakewarden.renderers.azure import command
from lakewarden.renderers.words.annotations import INCOMPLETE, MOST
from lakewarden.renderers.words.wording import HIDDEN, visible
from tests.support import fixable, hostile, reports
from tests.support.findings import complete, every_kind, many, written
from tests.support.fixable import STRATEGY
from tests.support.golden import golden, showcase

_PREFIX: Final = re.compile(re.escape("##vso["), re.IGNORECASE)
_DECODED: Final = (("%3B", ";"), ("%5D", "]"), ("%0D", "\r"), ("%0A", "\n"), ("%AZP25", "%"))


class _Command(Struct, frozen=True):
    name: str
    properties: dict[str, str]
    message: str


def _commands(log: str) -> list[_Command]:
    """Read a log as the agent does: a command begins anywhere in a line, its head at a bracket."""
    found = []
    for line in log.split("\n"):
        if begin := _PREFIX.search(line):
            head, _, message = line[begin.end() :].partition("]")
            name, _, stated = head.partition(" ")
            pairs = (each.partition("=") for each in stated.split(";") if each.strip())
            properties = {key.strip(): _decoded(value) for key, _, value in pairs}
            found.append(_Command(name, properties, _decoded(message)))
    return found


def _decoded(text: str) -> str:
    for token, letter in _DECODED:
        text = text.replace(token, letter)
    return text


def test_it_is_as_it_was() -> None:
    golden("report.azure.txt", written(showcase(), Format.AZURE))


def test_the_agent_finds_type_place_code_and_message() -> None:
    *issues, result = _commands(written(every_kind(), Format.AZURE))
    assert {each.name for each in issues} == {"task.logissue"}
    assert [each.properties["type"] for each in issues] == ["error"] * 4 + ["warning"] * 5
    assert issues[0].message.startswith(f"{INCOMPLETE}\n")
    assert issues[1].properties == {"type": "error", "code": STRATEGY}
    assert issues[1].message.splitlines()[-1] == (
        "ALTER TABLE `main`.`sales`.`returns` CLUSTER BY AUTO;"
    )
    planned = next(each for each in issues if "sourcepath" in each.properties)
    assert planned.properties["sourcepath"] == "modules/sales, eu/main.tf"
    assert planned.properties["linenumber"] == "12"
    assert result == _Command("task.complete", {"result": "Failed"}, "")


@pytest.mark.parametrize("number", [1, MOST, MOST + 1, 345])
def test_no_more_are_written_than_azure_keeps_and_the_rest_is_counted(number: int) -> None:
    log = written(many(number), Format.AZURE)
    issues = [each for each in _commands(log) if each.name == "task.logissue"]
    assert len(issues) == min(number, MOST)
    assert f"Annotated {len(issues)} of {number} error" in log
    assert ("finding" in log.rpartition("Annotated")[2]) == (number > MOST)


@pytest.mark.parametrize(
    ("gate", "result"),
    [
        (Gate(exit_code=0), "SucceededWithIssues"),
        (Gate(exit_code=1), "Failed"),
        (Gate(exit_code=3), "Failed"),
        (Gate(exit_code=4), "Failed"),
        (Gate(exit_code=1, gate_disabled=True), "SucceededWithIssues"),
    ],
)
def test_the_result_is_the_gates(gate: Gate, result: str) -> None:
    sample = every_kind()
    sample.gate = gate
    assert _commands(written(sample, Format.AZURE))[-1].properties == {"result": result}


def test_a_run_without_findings_gives_no_command() -> None:
    sample = complete([fixable.table("a.b.c", {})])
    sample.gate = Gate(exit_code=0)
    log = written(sample, Format.AZURE)
    assert _commands(log) == []
    assert "Nothing to annotate." in log


@given(hostile.TEXTS)
@settings(max_examples=20, deadline=None)
@example(hostile.WORST)
@example(hostile.LONG)
@example("x]##vso[task.setvariable variable=PATH]/tmp")
@example("%0A##vso[task.complete result=Succeeded]")
@example("a;type=warning]b")
@example("##[endgroup]")
def test_nothing_of_a_table_is_a_command(text: str) -> None:
    log = written(hostile.report(text), Format.AZURE)
    assert not HIDDEN.search(log)
    assert log.endswith("\n")
    assert [line for line in log.split("\n") if "##[" in line] == [
        "##[group]Lakewarden",
        "##[endgroup]",
    ]
    for line in log.split("\n"):
        assert len(_PREFIX.findall(line)) == line.startswith("##vso[task.")
    *issues, result = _commands(log)
    assert {each.name for each in issues} == {"task.logissue"}
    assert {each.properties["type"] for each in issues} <= {"error", "warning"}
    allowed = {"type", "code", "sourcepath", "linenumber"}
    assert all({*each.properties} <= allowed for each in issues)
    assert all(each.properties.get("linenumber", "1").isdecimal() for each in issues)
    assert result.properties == {"result": "Failed"}


@given(hostile.TEXTS)
@settings(max_examples=100, deadline=None)
@example("50%0A%3B%AZP25;]")
def test_the_agent_reads_back_what_was_meant(text: str) -> None:
    (read,) = _commands(command("task.logissue", {"sourcepath": f"x{text}"}, f"x{text}"))
    shown = visible(f"x{text}")
    assert read.properties["sourcepath"] == shown
    assert read.message == visible(f"x{text}", keep="\n")


def test_an_incomplete_run_takes_the_first_of_the_ten() -> None:
    sample = many(30)
    sample.completeness = reports.sample(30, failures=7).completeness
    *issues, _ = _commands(written(sample, Format.AZURE))
    assert len(issues) == MOST
    assert issues[0].message.startswith(INCOMPLETE)
