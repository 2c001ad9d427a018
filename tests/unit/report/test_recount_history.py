"""A report's history that its tables, its clock or its runs contradict is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakewarden.report.recount import open_report
from tests.unit.report.test_recount import PAST, content, refused, set_at


def edited_past(**values: object) -> Callable[[Any], None]:
    """Edit the first decision with a past."""

    def edit(value: Any) -> None:  # noqa: ANN401 -- JSON
        decisions = (each for table in value["tables"] for each in table["decisions"].values())
        next(each for each in decisions if "history" in each)["history"][0].update(values)

    return edit


def without_part(value: Any) -> None:  # noqa: ANN401 -- JSON
    del value["history"]


def test_a_history_of_a_run_agrees(tmp_path: Path) -> None:
    report = open_report(PAST.write(tmp_path / "report.json"))
    assert report.history == PAST.history
    assert list(report.tables()) == list(PAST.rows)


@pytest.mark.parametrize(
    ("edit", "place", "what"),
    [
        (set_at("history/failing", 99), "$.history.failing", "says 99"),
        (set_at("history/new", 99), "$.history.new", "says 99"),
        (set_at("history/oldest", []), "$.history.oldest[0]", "missing"),
        (set_at("history/fixed", -1), "$.history.fixed", "negative"),
        (set_at("history/runs", []), "$.history.runs", "this run isn't there"),
        (set_at("history/runs/4/failing", 0), "$.history.runs[4].failing", "says 0"),
        (set_at("history/runs/4/differences", ["!"]), "runs[4].differences", "doesn't mention"),
        (set_at("history/runs/1/clock", "2027-01-01T00:00:00Z"), "$.history.runs", "in order"),
        (set_at("history/runs/1/run_id", f"{0:032x}"), "$.history.runs[1]", "twice"),
        (set_at("history/runs/1/tables", {}), "$.history.runs[1].tables", "missing"),
        (set_at("history/runs/1/undecided", -1), "$.history.runs[1]", "figures"),
        (edited_past(key="x"), "history", "keys aren't those of the violations"),
        (edited_past(failing_since="2020-01-01T00:00:00Z"), "history", "in order"),
        (edited_past(failing_since="soon"), "history", "RFC 3339"),
        (edited_past(reopened=0, contradicted=True), "history", "contradicted"),
        (without_part, "history", "the report has no history"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(
    edit: Callable[[Any], None], place: str, what: str, tmp_path: Path
) -> None:
    value = content(PAST)
    edit(value)
    error = refused(value, tmp_path)
    assert re.search(what, error.what)
    assert place in error.where
