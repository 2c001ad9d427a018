"""Decisions as CSV: read back by three readers, and nothing in a cell is a formula.

About `csv.py`.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import duckdb
import pyarrow.csv
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import Decision, Outcome, Violation
from lakewarden.renderers import Format
from lakewarden.renderers.csv import COLUMNS, cell
from lakewarden.renderers.words.wording import visible
from tests.support import hostile, reports
from tests.support.findings import written
from tests.support.golden import golden, showcase

_STARTS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def read(text: str) -> list[dict[str, str]]:
    """Read a report back by Python's own reader."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_file_is_as_it_was() -> None:
    golden("report.csv", written(showcase(), Format.CSV))


def test_three_readers_find_a_row_for_each_decision(tmp_path: Path) -> None:
    sample = reports.sample(40, names=reports.HOSTILE_NAMES)
    sample.rows = [*sample.rows, *hostile.report(hostile.WORST).rows]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    text = written(sample, Format.CSV)
    path = tmp_path / "report.csv"
    path.write_bytes(text.encode())
    by_python = read(text)
    assert text.startswith('"clock","full_name"')
    assert list(by_python[0]) == list(COLUMNS)
    by_duckdb = duckdb.read_csv(path, all_varchar=True)
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    by_arrow = pyarrow.csv.read_csv(
        path,
        parse_options=options,
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(COLUMNS, pyarrow.string()), strings_can_be_null=False
        ),
    )
    rows = [tuple(row.values()) for row in by_python]
    assert [tuple(value or "" for value in row) for row in by_duckdb.fetchall()] == rows
    assert [tuple(row.values()) for row in by_arrow.to_pylist()] == rows
    outcomes = sample.summary.total.outcomes | {"not_evaluated": 2}
    assert {
        each: [row["outcome"] for row in by_python].count(each) for each in outcomes
    } == outcomes


@given(hostile.TEXTS | st.text())
@settings(max_examples=200, deadline=None)
@example("=cmd|' /C calc'!A0")
@example("'=1")
@example(" \u00a0\t\"'=1")
@example("\t1")
@example("\uff1d1")
@example("-- a comment")
def test_no_cell_begins_like_a_formula_and_none_loses_its_text(text: str) -> None:
    made = cell(text)
    assert not made.startswith(("\t", "\r"))
    assert made.lstrip(' \t\n"`\\\u00a0')[:1] not in _STARTS
    shown = visible(text, keep="\n\t")
    assert made in (shown, f"'{shown}")
    assert cell(shown) == made


@given(hostile.TEXTS)
@settings(max_examples=20, deadline=None)
@example(hostile.WORST)
@example(hostile.LONG)
def test_a_hostile_report_stays_a_table_of_the_same_cells(text: str) -> None:
    sample = hostile.report(text)
    rows = read(written(sample, Format.CSV))
    assert len(rows) == 4 + sum(len(row.decisions) for row in sample.rows)
    assert all(set(row) == set(COLUMNS) for row in rows), "no cell too many or too few"
    assert {row["full_name"] for row in rows} == {cell(text), ""}
    failed = [row for row in rows if row["outcome"] == Outcome.FAIL]
    assert {row["owner"] for row in failed} <= {cell(text), "(no owner)", "(owner not known)"}
    assert any(row["key"] == f"{cell(text)}\nnull" for row in failed)
    assert any(cell(text).removeprefix("'") in row["fix_sql"] for row in failed)
    waived = [row for row in rows if row["waiver_owner"]]
    assert {row["waiver_ticket"] for row in waived} == {cell(text)}


def test_an_owner_that_nobody_knows_is_not_taken_for_none() -> None:
    rows = [structs.replace(reports.sample(1).rows[0], owner=owner) for owner in (None, "", "ann")]
    sample = reports.sample(1, failures=0)
    sample.rows = rows
    assert list(dict.fromkeys(row["owner"] for row in read(written(sample, Format.CSV)))) == [
        "(owner not known)",
        "(no owner)",
        "ann",
    ]


def test_a_run_about_nothing_is_not_taken_for_a_complete_one() -> None:
    """A file without rows of what couldn't be read stands for a complete run."""
    (row,) = read(written(reports.sample(0, failures=0), Format.CSV))
    assert (row["outcome"], row["why"]) == ("not_evaluated", "There was nothing to evaluate.")


def test_what_belongs_to_one_violation_stands_in_the_same_line_of_each_cell() -> None:
    violations = (
        Violation(message="The first has nothing else."),
        Violation(message="The second has.", expected=False, actual=0, key="b"),
        Violation(message="So has the third.", actual=[], key="c"),
    )
    report = reports.sample(1)
    decision = Decision(outcome=Outcome.FAIL, violations=violations)
    report.rows = [structs.replace(report.rows[0], decisions={"clustering.key_limit": decision})]
    (row,) = (each for each in read(written(report, Format.CSV)) if each["outcome"] == "fail")
    assert row["expected"].split("\n") == ["null", "false", "null"]
    assert row["actual"].split("\n") == ["null", "0", "[]"]
    assert row["key"].split("\n") == ["null", "b", "c"]
