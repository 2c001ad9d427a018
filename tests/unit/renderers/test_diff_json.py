"""The JSON of a diff obeys its published schema, whatever the reports hold."""

from __future__ import annotations

import io
import json
from typing import Final

import jsonschema
from hypothesis import given, settings

from lakewarden.model.diff import Diff
from lakewarden.renderers.diff_json import write_diff_json
from lakewarden.report.diff import Differ
from lakewarden.report.old_report import OldReport
from tests.support import reports
from tests.support.agreeing_reports import agreeing
from tests.support.commandline import REPOSITORY
from tests.support.diffs import drawn_reports

_VALIDATOR: Final = jsonschema.Draft202012Validator(
    json.loads((REPOSITORY / "docs" / "diff.schema.json").read_text("utf-8"))
)


def _written(old: reports.Sample, new: reports.Sample) -> str:
    differ, out = Differ(OldReport(old, old.tables()), new), io.StringIO()
    write_diff_json(differ.result, differ.changes(new.tables()), out)
    return out.getvalue()


@settings(max_examples=15, deadline=None)
@given(drawn_reports(), drawn_reports())
def test_every_diff_obeys_the_schema(old: reports.Sample, new: reports.Sample) -> None:
    _VALIDATOR.validate(json.loads(_written(old, new)))


def test_it_has_the_figures_first_and_a_violation_a_line() -> None:
    text = _written(agreeing(20, compared=False), agreeing(30, compared=False))
    found = json.loads(text)
    assert list(found) == ["schema_version", *Diff.__struct_fields__, "violations"]
    lines = text.split("\n")
    assert [json.loads(line.rstrip(",")) for line in lines[3:-2]] == found["violations"]
    assert len(found["violations"]) > 5
