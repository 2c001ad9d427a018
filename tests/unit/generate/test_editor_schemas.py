"""What an editor says about a settings or waivers file is what a run says about it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from lakewarden.evaluation.policy_index import select
from lakewarden.generate import editor_schemas
from lakewarden.generate.editor_schemas import as_draft7
from lakewarden.kit.policy_docs import read_root
from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.settings import load_schemas, load_settings
from lakewarden.settings.waivers import Waiver, load_waivers
from lakewarden.settings.yaml_file import read_yaml
from tests.support import rego

_CONFIG: Final = rego.CHECKOUT / "config"
_DEMO: Final = rego.CHECKOUT / "collector/lakewarden_collector/sources/demo/config"
_MODELINE: Final = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
_DOMAIN: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Settings of the naming policies",
    "type": "object",
    "properties": {
        "case": {"enum": ["lower", "upper"], "default": "lower", "description": "Which case."},
        "longest": {"type": "integer", "minimum": 1, "default": 20, "description": "How long."},
        "band": {
            "type": "array",
            "prefixItems": [{"type": "number", "maximum": 1}, {"type": "number", "minimum": 1}],
            "items": False,
            "minItems": 2,
            "default": [0.5, 2],
            "description": "Two factors.",
        },
    },
}
_REGO: Final = """\
# METADATA
# title: Names are in one case
# description: Or not.
# custom: {severity: low, enforcement: advisory, remediation: Rename it.}
package lakewarden.tables.naming.one_case
"""


def _root(tmp_path: Path) -> Path:
    domain = tmp_path / "own" / "lakewarden" / "tables" / "naming"
    (domain / "one_case").mkdir(parents=True)
    (domain / "one_case" / "one_case.rego").write_text(_REGO, "utf-8")
    (domain / "settings.schema.json").write_text(json.dumps(_DOMAIN), "utf-8")
    return tmp_path / "own"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _root(tmp_path_factory.mktemp("root"))


def _editor_accepts(root: Path, file: Path) -> bool:
    schemas = editor_schemas.schemas(read_root(root))
    value = read_yaml(file).value
    return Draft7Validator(schemas[f"{file.stem}.schema.json"]).is_valid(value)


def _run_accepts(root: Path, config: Path) -> bool:
    policies = tuple(each.policy for each in read_root(root).policies)
    try:
        load_settings(config, load_schemas([root])).effective(policies)
        load_waivers(config, {each.policy_id for each in select(policies, ())})
    except ConfigurationError:
        return False
    return True


_GOOD: Final = (
    "{}",
    "case: upper",
    "band: [0.1, 1]",
    "enforcement: {one_case: mandatory}\nseverity: {one_case: critical}",
    "enforcement: {}\nseverity: {}\noverrides: []",
    'overrides: [{tables: "a.*", longest: 3}]',
    'overrides: [{tables: ["a.*", "b.?.c"], enforcement: {one_case: advisory}}]',
    "overrides: [{tables: a, severity: {one_case: info}}, {tables: a, case: upper}]",
)
_BAD: Final = (
    "cas: upper",
    "case: title",
    "longest: 0",
    "longest: many",
    "band: [0.1]",
    "band: [0.1, 1, 2]",
    "band: [2, 1]",
    "enforcement: {two_cases: mandatory}",
    "enforcement: {one_case: strict}",
    "enforcement: mandatory",
    "severity: {one_case: worst}",
    "severity: {other: low}",
    "overrides: {tables: a, longest: 3}",
    "overrides: [{longest: 3}]",
    "overrides: [{tables: a}]",
    "overrides: [{tables: [], longest: 3}]",
    'overrides: [{tables: "[a]", longest: 3}]',
    "overrides: [{tables: a, length: 3}]",
    "overrides: [{tables: a, longest: 0}]",
    "overrides: [{tables: a, enforcement: {two_cases: advisory}}]",
    "overrides: [{tables: a, overrides: []}]",
)


@pytest.mark.parametrize(
    ("text", "good"), [*((text, True) for text in _GOOD), *((text, False) for text in _BAD)]
)
def test_editor_and_run_agree_about_settings(
    root: Path, tmp_path: Path, text: str, *, good: bool
) -> None:
    file = tmp_path / "naming_config.yaml"
    file.write_text(text, "utf-8")
    assert _run_accepts(root, tmp_path) is good
    assert _editor_accepts(root, file) is good


_WAIVER: Final = {
    "policy": "naming.one_case",
    "table": "main.sales.orders",
    "reason": "Because.",
    "owner": "sales",
    "approved_by": "data",
    "expires": "2027-06-30",
}


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"ticket": "A-1"}, True),
        ({"table": None, "pattern": "main.*"}, True),
        ({"expires": "2027-01-31T12:00:00Z"}, True),
        ({"expires": "2027-01-31T12:00:00.5Z"}, True),
        ({"pattern": "main.*"}, False),
        ({"table": None}, False),
        ({"table": None, "pattern": "{a}"}, False),
        ({"table": None, "pattern": r"a\b"}, False),
        ({"policy": "naming.two_cases"}, False),
        ({"reason": " "}, False),
        ({"owner": ""}, False),
        ({"approved_by": None}, False),
        ({"approved_by": 3}, False),
        ({"expires": None}, False),
        ({"expires": "soon"}, False),
        ({"expires": "2027-13-01"}, False),
        ({"expires": "2027-01-31T12:00:00"}, False),
        ({"expires": "2027-01-31T25:00:00Z"}, False),
        ({"expires": 2027}, False),
        ({"starts": "2027-01-01"}, True),
        ({"starts": "2027-01-01T12:00:00Z"}, True),
        ({"starts": "now"}, False),
        ({"kind": "accepted"}, True),
        ({"kind": "mitigated"}, True),
        ({"kind": "false_positive"}, True),
        ({"kind": "false positive"}, False),
        ({"kind": ""}, False),
        ({"approver": "me"}, False),
    ],
)
def test_editor_and_run_agree_about_waivers(
    root: Path, tmp_path: Path, changes: dict[str, Any], *, good: bool
) -> None:
    entry = {key: value for key, value in (_WAIVER | changes).items() if value is not None}
    file = tmp_path / "waivers.yaml"
    file.write_text(json.dumps({"waivers": [entry]}), "utf-8")
    assert _run_accepts(root, tmp_path) is good
    assert _editor_accepts(root, file) is good


@pytest.mark.parametrize(
    ("text", "good"), [("", True), ("waivers:", True), ("waiver: []", False), ("waivers: 1", False)]
)
def test_editor_and_run_agree_about_the_list_of_waivers(
    root: Path, tmp_path: Path, text: str, *, good: bool
) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(text, "utf-8")
    assert _run_accepts(root, tmp_path) is good
    assert _editor_accepts(root, file) is good


def test_every_field_of_a_waiver_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new field would be a mistake to the editor and none to a run."""
    schema = editor_schemas.waivers_schema(["a.b"])["properties"]["waivers"]["items"]
    assert schema["properties"].keys() == set(Waiver.__struct_fields__)
    assert all(field["description"] for field in schema["properties"].values())
    fewer = {name: words for name, words in schema["properties"].items() if name != "ticket"}
    monkeypatch.setattr(editor_schemas, "_WAIVER", fewer)
    with pytest.raises(LookupError, match="ticket"):
        editor_schemas.waivers_schema(["a.b"])


def test_policies_are_told_by_their_titles(root: Path) -> None:
    """An editor that offers the names can say what they mean."""
    schema = editor_schemas.schemas(read_root(root))["naming_config.schema.json"]
    for level in (schema, schema["properties"]["overrides"]["items"]):
        for key in ("enforcement", "severity"):
            names = level["properties"][key]["properties"]
            assert names["one_case"]["description"] == "Names are in one case"


_NUMBERS: Final = st.integers(-2, 30) | st.floats(-2, 30)
_VALUES: Final = st.recursive(
    _NUMBERS | st.booleans() | st.none() | st.sampled_from(["lower", "a*", "[a]", ""]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(data=st.data())
def test_draft_7_says_what_the_newer_draft_says(data: st.DataObject) -> None:
    """The shipped settings' types, in both drafts, about any value."""
    schemas = load_schemas([rego.POLICIES])
    schema = schemas[data.draw(st.sampled_from(sorted(schemas)))]
    name = data.draw(st.sampled_from(sorted(schema["properties"])))
    value = {name: data.draw(_VALUES | st.just(schema["properties"][name]["default"]))}
    newer = Draft202012Validator(schema).is_valid(value)
    assert Draft7Validator(as_draft7(schema)).is_valid(value) is newer


def _shipped() -> list[Path]:
    return sorted([*_CONFIG.glob("*.yaml"), *_DEMO.glob("*.yaml")])


def test_every_domain_has_a_shipped_settings_file() -> None:
    names = {path.name for path in _CONFIG.glob("*.yaml")}
    domains = load_schemas([rego.POLICIES])
    assert names == {"waivers.yaml", *(f"{domain}_config.yaml" for domain in domains)}


@pytest.mark.parametrize("path", _shipped(), ids=lambda p: p.relative_to(rego.CHECKOUT).as_posix())
def test_a_shipped_file_names_its_schema_and_keeps_to_it(path: Path) -> None:
    text = path.read_text("utf-8")
    found = _MODELINE.match(text)
    assert found, "its first line names no schema"
    assert len(_MODELINE.findall(text)) == 1
    schema = path.parent / found[1]
    assert schema.name == f"{path.stem}.schema.json"
    validator = Draft7Validator(json.loads(schema.read_text("utf-8")))
    value = read_yaml(path).value
    assert list(validator.iter_errors(value)) == []
    assert not validator.is_valid(value | {"misspelt": 1})


@pytest.mark.parametrize("path", sorted((_CONFIG / "schemas").iterdir()), ids=lambda p: p.name)
def test_a_shipped_schema_is_a_schema_of_draft_7(path: Path) -> None:
    """`prefixItems` means nothing to an editor of draft 7, and `items: false` forbids all."""
    schema = json.loads(path.read_text("utf-8"))
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "prefixItems" not in path.read_text("utf-8")


def test_committed_schemas_are_fresh() -> None:
    """An editor would call a new setting a mistake."""
    fresh = editor_schemas.main(["--check", str(rego.POLICIES), str(_CONFIG / "schemas")])
    assert fresh == 0, "run: python -m lakewarden.generate.editor_schemas"


def test_drift_is_noticed_and_a_domain_that_is_gone_goes(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "schemas"
    assert editor_schemas.main(["--check", str(root), str(out)]) == 1
    assert not out.exists()
    assert editor_schemas.main([str(root), str(out)]) == 0
    assert editor_schemas.main(["--check", str(root), str(out)]) == 0
    old = out / "colours_config.schema.json"
    old.write_text("{}", "utf-8")
    capsys.readouterr()
    assert editor_schemas.main(["--check", str(root), str(out)]) == 1
    assert capsys.readouterr().err == f"{old} has no source any more\n"
    assert editor_schemas.main([str(root), str(out)]) == 0
    assert not old.exists()


def test_a_root_without_policies_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert editor_schemas.main([str(tmp_path), str(tmp_path / "out")]) == 1
    assert "there are no policies" in capsys.readouterr().err
