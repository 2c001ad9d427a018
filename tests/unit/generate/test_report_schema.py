"""The published schema of the report is the types', and real reports obey it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

from lakewarden.generate import report_schema
from lakewarden.renderers import renderer
from lakewarden.report import layout
from tests.support import reports

DOCS = Path("docs")
NAMES = ("report.schema.json", "report.ndjson.schema.json", "diff.schema.json")


def validator(name: str = NAMES[0]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((DOCS / name).read_text("utf-8")))


def test_the_published_schemas_are_up_to_date() -> None:
    assert report_schema.main(["--check", str(DOCS)]) == 0


def test_an_outdated_schema_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--check", str(tmp_path)]
    assert report_schema.main(arguments) == 1
    assert report_schema.main([str(tmp_path)]) == 0
    assert report_schema.main(arguments) == 0
    (tmp_path / NAMES[1]).write_text("{}")
    assert report_schema.main(arguments) == 1
    assert "out of date" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_valid_and_describe_every_type(name: str) -> None:
    schema = validator(name).schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert isinstance(schema, dict)
    undescribed = [name for name, each in schema["$defs"].items() if not each.get("description")]
    assert undescribed == []


def test_the_docstring_of_a_field_is_its_description() -> None:
    group = report_schema.json_schema()["$defs"]["Group"]
    assert "not known" in group["properties"]["unsized"]["description"]
    violation = report_schema.line_schema()["$defs"]["ViolationLine"]
    assert "identifies the violation" in violation["properties"]["key"]["description"]


@settings(max_examples=25, deadline=None)
@given(reports.reports())
def test_every_report_obeys_the_schemas(sample: reports.Sample) -> None:
    data = b"".join(layout.pieces(sample))
    validator().validate(json.loads(data))
    lines = io.StringIO()
    renderer("ndjson").render(sample, lines)
    of_lines = validator(NAMES[1])
    for line in lines.getvalue().split("\n")[:-1]:
        of_lines.validate(json.loads(line))


def test_a_report_that_breaks_the_schema_is_found_out() -> None:
    """A schema that accepts anything would be no promise."""
    data = json.loads(b"".join(layout.pieces(reports.sample(1))))
    data["tables"][0]["decisions"]["clustering.key_limit"]["outcome"] = "perhaps"
    assert not validator().is_valid(data)
    lines = io.StringIO()
    renderer("ndjson").render(reports.sample(1), lines)
    line = json.loads(lines.getvalue().splitlines()[-1])
    assert validator(NAMES[1]).is_valid(line)
    for field in line:  # a line that lacks one would be another table to a reader of columns
        assert not validator(NAMES[1]).is_valid({k: v for k, v in line.items() if k != field})
