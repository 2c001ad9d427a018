"""Annotations as GitHub's runner reads them: no more than it shows, and nothing of a table's."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings

from lakewarden.renderers import Format
from lakewarden.renderers.github import command
from lakewarden.renderers.words.annotations import MOST
from lakewarden.renderers.words.wording import HIDDEN, visible
from tests.support import fixable, hostile, reports
from tests.support.findings import Command, commands, complete, every_kind, many, written
from tests.support.fixable import STRATEGY
from tests.support.golden import golden, showcase

_LINES = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""What one reader or another takes for the end of a line."""


def _read(log: str) -> list[Command]:
    return commands(log)


def test_it_is_as_it_was() -> None:
    golden("report.github.txt", written(showcase(), Format.GITHUB))


def test_the_runner_finds_level_place_title_and_message() -> None:
    found = _read(written(every_kind(), Format.GITHUB))
    assert [each.name for each in found] == [*["error"] * 4, *["warning"] * 3, *["notice"] * 2]
    assert found[0].properties == {"title": "Lakewarden: the run is incomplete"}
    assert "2 couldn't be read" in found[0].message
    assert "3 decisions that gate couldn't be made." in found[0].message
    assert found[1] == Command(
        "error",
        {"title": "main.sales.returns: Large tables have a clustering strategy"},
        "main.sales.returns holds 5.0 GiB and has no clustering strategy.\n"
        "Let Databricks choose the keys\nALTER TABLE `main`.`sales`.`returns` CLUSTER BY AUTO;",
    )
    planned = found[4]
    assert planned.properties["file"] == "modules/sales, eu/main.tf"
    assert planned.properties["line"] == "12"


@pytest.mark.parametrize("number", [1, MOST, MOST + 1, 345])
def test_no_more_are_written_than_github_shows_and_the_rest_is_counted(number: int) -> None:
    log = written(many(number), Format.GITHUB)
    found = _read(log)
    assert len(found) == min(number, MOST)
    assert found[0].properties["title"].startswith(f"main.sales.t{number - 1:06}: ")
    last = log.splitlines()[-1]
    assert f"Annotated {len(found)} of {number} error" in last
    left = number - len(found)
    assert (f"{left} finding" in last) == bool(left)


def test_an_incomplete_run_takes_the_first_of_the_ten() -> None:
    """Nobody must think that nothing is wrong with what nobody looked at."""
    sample = many(30)
    sample.completeness = reports.sample(30, failures=7).completeness
    found = _read(written(sample, Format.GITHUB))
    assert len(found) == MOST
    assert found[0].properties["title"] == "Lakewarden: the run is incomplete"
    assert "And 3 more." in found[0].message
    assert "Annotated 9 of 30 errors." in written(sample, Format.GITHUB)


def test_what_lacks_the_same_evidence_is_one_annotation() -> None:
    """A table whose size nobody knows must not use up the ten."""
    sample = every_kind()
    unsure = sample.rows[4].decisions
    decisions = dict.fromkeys(unsure, unsure[STRATEGY])
    sample = complete([fixable.table("a.b.c", decisions)])
    log = written(sample, Format.GITHUB)
    assert [each.properties["title"] for each in _read(log)] == [
        "Lakewarden: the run is incomplete",
        "a.b.c: 2 policies undecided",
        "a.b.c: 2 policies undecided",
        "a.b.c: Tables have one clustering strategy",
    ]
    assert "Annotated 2 of 2 errors, 2 of 2 warnings, 1 of 1 notice." in log


def test_a_run_without_findings_says_so_and_annotates_nothing() -> None:
    log = written(complete([fixable.table("a.b.c", {})]), Format.GITHUB)
    assert log == ("No table breaks a mandatory policy: 1 table evaluated. Nothing to annotate.\n")
    nothing = written(complete([]), Format.GITHUB)
    assert "the run is incomplete::nothing to evaluate: 0 of 0 tables evaluated" in nothing
    assert nothing.endswith("Nothing was evaluated. Nothing else to annotate.\n")


@given(hostile.TEXTS)
@settings(max_examples=20, deadline=None)
@example(hostile.WORST)
@example(hostile.LONG)
@example("a\n::add-mask::secret")
@example("::stop-commands::t")
@example("x%0A::warning::y,file=/etc/passwd::z")
def test_nothing_of_a_table_is_a_command(text: str) -> None:
    log = written(hostile.report(text), Format.GITHUB)
    *lines, last, end = log.split("\n")
    assert end == ""
    assert not _LINES.search(log.replace("\n", ""))
    assert not HIDDEN.search(log)
    found = [*map(_one, lines)]
    assert {each.name for each in found} <= {"error", "warning", "notice"}
    assert all({*each.properties} <= {"file", "line", "title"} for each in found)
    assert all(each.properties.get("line", "1").isdecimal() for each in found)
    assert commands(last) == []
    assert all(len(each.message) <= 4_000 for each in found)


def test_nothing_of_a_text_is_lost() -> None:
    """Control characters are shown, everything else is there as it is."""
    for text in (*hostile.MARKUP, *hostile.LOGS, "50%0A%25"):
        shown = visible(text, keep="\n")
        table = fixable.table("a.b.c", {STRATEGY: fixable.failing(f"x{text}")})
        (found,) = _read(written(complete([table]), Format.GITHUB))
        assert f"x{shown}" in found.message or f"x{text}" in found.message


def _one(line: str) -> Command:
    (found,) = commands(line)
    return found


def test_a_long_text_is_cut_where_the_runner_would_cut_it() -> None:
    (found,) = _read(command("error", {"title": "t" * 999}, "m" * 9_999))
    assert len(found.properties["title"]) == 255
    assert len(found.message) == 4_000
    assert found.message.endswith("…")
