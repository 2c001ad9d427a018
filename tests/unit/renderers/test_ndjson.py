"""Decisions as lines of JSON: whole, one table to readers of columns, and the same in any order.

About `ndjson.py`. That the lines obey their schema, `tests/unit/generate` tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from msgspec import Struct, structs

from lakewarden.renderers import Format
from lakewarden.renderers.ndjson import DecisionLine
from tests.support import hostile, reports
from tests.support.findings import written
from tests.support.golden import golden, showcase


def read(text: str) -> list[dict[str, Any]]:
    """Read a report back, a line at a time."""
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def test_the_file_is_as_it_was() -> None:
    golden("report.ndjson", written(showcase(), Format.NDJSON))


def test_the_first_line_is_the_run_and_each_other_a_decision() -> None:
    sample = reports.sample(12)
    first, *others = read(written(sample, Format.NDJSON))
    assert first["type"] == "run"
    assert [each["what"] for each in first["completeness"]["failures"]] == [
        each.what for each in sample.completeness.failures
    ]
    assert {line["type"] for line in others} == {"decision"}
    assert [(line["full_name"], line["policy_id"], line["outcome"]) for line in others] == [
        (row.full_name, policy_id, decision.outcome)
        for row in sample.rows
        for policy_id, decision in row.decisions.items()
    ]


@settings(max_examples=25, deadline=None)
@given(reports.reports())
def test_a_line_holds_all_of_its_decision(sample: reports.Sample) -> None:
    """The first of two formats for machines must not know less about a decision than the other."""
    _, *others = written(sample, Format.NDJSON).removesuffix("\n").split("\n")
    found = [msgspec.json.decode(line, type=DecisionLine) for line in others]
    wanted = [decision for row in sample.rows for decision in row.decisions.values()]
    assert len(found) == len(wanted)
    for line, decision in zip(found, wanted, strict=True):
        for name in ("outcome", "would_be", "override", "reasons"):
            assert getattr(line, name) == getattr(decision, name)
        for name in ("exemptions", "missing", "history", "violations"):
            shown, real = getattr(line, name), getattr(decision, name)
            assert [_fields(each) for each in shown] == [_fields(each) for each in real]


def _fields(struct: Struct) -> dict[str, Any]:
    """Return all fields, as a line has them: values that aren't text as JSON."""
    values = structs.asdict(struct)
    for name in ("expected", "actual"):
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            values[name] = msgspec.json.encode(value, order="sorted").decode()
    return values | {"fixes": [structs.asdict(each) for each in values.get("fixes", ())]}


@pytest.mark.parametrize("seen", [2, -1])
def test_a_reader_of_columns_guesses_them_from_the_first_lines(tmp_path: Path, seen: int) -> None:
    """What is rare comes late; a column that wasn't there before would end the reading."""
    sample = reports.sample(60)
    ordered = sorted(
        sample.rows, key=lambda row: any(each.outcome != "pass" for each in row.decisions.values())
    )
    sample.rows = [*ordered, *hostile.report(hostile.WORST).rows]
    sample.summary = reports.summarise(sample.rows, sample.policies)
    path = tmp_path / "report.ndjson"
    path.write_text(written(sample, Format.NDJSON), "utf-8")
    found = duckdb.read_json(path, format="newline_delimited", sample_size=seen)
    counts = found.filter("type = 'decision'").aggregate("outcome, count(*)").fetchall()
    outcomes = {name: number for name, number in sample.summary.total.outcomes.items() if number}
    assert dict(counts) == outcomes


def test_every_line_keeps_a_hostile_text_whole() -> None:
    text = hostile.LONG
    first, *others = read(written(hostile.report(text), Format.NDJSON))
    assert first["run"]["scope"] == text
    for line in others:
        assert line["full_name"] == line["title"] == text
    failed = [line for line in others if line["violations"]]
    assert {each["message"] for line in failed for each in line["violations"]} == {text}
    fixes = [fix for line in failed for each in line["violations"] for fix in each["fixes"]]
    assert fixes[0] == {
        "title": text,
        "sql": [text, text],
        "requires": [text],
        "note": text,
        "undo": [text],
    }
