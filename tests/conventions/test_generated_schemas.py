"""The schemas under policies/schemas are what the generator writes today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lakewarden.settings import rego_schemas
from tests.support import documents, rego


def test_committed_schemas_are_fresh() -> None:
    """A stale schema would let `opa check` accept fields that documents no longer have."""
    assert rego_schemas.stale(rego.POLICIES) == [], "run: make generate"


@pytest.mark.parametrize("name", ["table.json", "waiver.json", "settings.json"])
def test_schemas_are_schemas(name: str) -> None:
    schema = json.loads((rego.SCHEMAS / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)


def test_run_schema_accepts_complete_settings_and_nothing_else() -> None:
    schema = json.loads((rego.SCHEMAS / "settings.json").read_text(encoding="utf-8"))
    valid = Draft202012Validator(schema).is_valid
    run = {"now": documents.NOW, "waived": []}
    complete = documents.ALL_DEFAULTS
    assert valid(run | {"settings": complete})
    assert not valid(run | {"settings": complete | {"clustering": {}}})
    more = documents.DEFAULTS | {"size_treshold_bytes": 1}
    assert not valid(run | {"settings": complete | {"clustering": more}})


def test_new_domain_is_typed_without_python(tmp_path: Path) -> None:
    """A domain is a folder with a settings schema: nothing else has to be edited."""
    root = rego.copy_policies(tmp_path)
    domain = root / "lakewarden" / "tables" / "naming"
    domain.mkdir()
    schema = {"type": "object", "properties": {"case": {"type": "string", "default": "lower"}}}
    (domain / "settings.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    assert rego_schemas.main([str(root), "--check"]) == 1
    assert rego_schemas.main([str(root)]) == 0
    assert rego_schemas.main([str(root), "--check"]) == 0
    written = json.loads((root / "schemas" / "settings.json").read_text(encoding="utf-8"))
    naming = written["properties"]["settings"]["properties"]["naming"]
    assert naming["additionalProperties"] is False
    assert naming["required"] == ["case"]
