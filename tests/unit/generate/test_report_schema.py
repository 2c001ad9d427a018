"""The published schema of the report is the types', and real reports obey it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

from lakewarden.generate import report_schema
from lakewarden.report import layout
from tests.support import reports

PUBLISHED = Path("docs/report.schema.json")


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8")))


def test_the_published_schema_is_up_to_date() -> None:
    assert report_schema.main(["--check", str(PUBLISHED)]) == 0


def test_an_outdated_schema_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "schema.json"
    assert report_schema.main(["--check", str(path)]) == 1
    assert report_schema.main([str(path)]) == 0
    assert report_schema.main(["--check", str(path)]) == 0
    path.write_text("{}")
    assert report_schema.main(["--check", str(path)]) == 1
    assert "out of date" in capsys.readouterr().err


def test_the_schema_is_valid_and_describes_every_type() -> None:
    schema = validator().schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert isinstance(schema, dict)
    undescribed = [name for name, each in schema["$defs"].items() if not each.get("description")]
    assert undescribed == []
    assert "not known" in schema["$defs"]["Group"]["properties"]["unsized"]["description"]


@settings(max_examples=25, deadline=None)
@given(reports.reports())
def test_every_report_obeys_the_schema(sample: reports.Sample) -> None:
    data = b"".join(layout.pieces(sample))
    validator().validate(json.loads(data))


def test_a_report_that_breaks_the_schema_is_found_out() -> None:
    """A schema that accepts anything would be no promise."""
    data = json.loads(b"".join(layout.pieces(reports.sample(1))))
    data["tables"][0]["decisions"]["clustering.key_limit"]["outcome"] = "perhaps"
    assert not validator().is_valid(data)
