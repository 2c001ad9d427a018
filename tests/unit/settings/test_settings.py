"""A wrong setting must stop the run and name its line, or a threshold would silently be another."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.settings.settings import Settings, load_schemas, load_settings

SCHEMAS: dict[str, dict[str, Any]] = {
    "colour": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "limit": {"type": "integer", "minimum": 0, "default": 4, "description": "Most shades."},
            "names": {"type": "array", "items": {"type": "string"}, "default": ["red"]},
        },
    }
}
POLICY = Policy(
    policy_id="colour.shade",
    title="",
    description="",
    severity=Severity.LOW,
    enforcement=Enforcement.MANDATORY,
    remediation="",
)


def load(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "colour_config.yaml").write_text(text)
    return load_settings(tmp_path, SCHEMAS)


def test_without_a_file_the_defaults_apply(tmp_path: Path) -> None:
    assert load_settings(tmp_path, SCHEMAS).values == {"colour": {"limit": 4, "names": ["red"]}}


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    assert load(tmp_path, "limit: 7").values == {"colour": {"limit": 7, "names": ["red"]}}


def test_a_domain_that_forgot_to_forbid_other_settings_still_refuses_them(tmp_path: Path) -> None:
    lax = {"properties": {"limit": {"type": "integer", "default": 4}}}
    (tmp_path / "colour_config.yaml").write_text("limmit: 5")
    with pytest.raises(ConfigurationError, match="there is no setting `limmit`"):
        load_settings(tmp_path, {"colour": lax})


@pytest.mark.parametrize("name", ["colour_config.yml", "waivers.yml"])
def test_a_file_that_would_not_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("limit: 5")
    with pytest.raises(ConfigurationError, match="isn't read"):
        load_settings(tmp_path, SCHEMAS)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n").values["colour"]["limit"] == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("names: [a]\nlimt: 3\n", 2, "there is no setting `limt`"),
        ("\nlimit: many\n", 2, "'many' is not of type 'integer'"),
        ("limit: -1", 1, "less than the minimum"),
        ("limit: true", 1, "not of type 'integer'"),
        ("names:\n- a\n- 7\n", 3, "7 is not of type 'string'"),
        ("limit: 1\nlimit: 2\n", 2, "a second time"),
        ("limit: 1\nnames: [.nan]\n", 2, ".nan isn't a number"),
        ("limit: -.inf\n", 1, "-.inf isn't a number"),
        ("limit: [1\n", 2, "isn't valid YAML"),
        ("names: &a [*a]\n", 1, "with an alias"),
        ("names: " + "[" * 5000, None, "nested too deeply"),
        ("- limit\n", 1, "not of type 'object'"),
        ("enforcement:\n  shade: harsh\n", 2, "'harsh' is not one of"),
        ("severity:\n  shade: bad\n", 2, "'bad' is not one of"),
        ("overrides:\n- tables: a.*\n  limt: 3\n", 3, "overrides: there is no setting `limt`"),
        ("overrides:\n- tables: a.*\n  limit: x\n", 3, "`limit`: 'x' is not of type 'integer'"),
        ("overrides:\n- limit: 3\n", 2, "'tables' is a required property"),
        ("overrides:\n- tables: a.*\n", 2, "only names tables"),
        ("overrides:\n- limit: 3\n  tables: 'a.[b]'\n", 3, "a pattern can't have [ ]"),
        ("overrides:\n- limit: 3\n  tables: []\n", 3, "neither a pattern nor a list"),
        ("overrides: {tables: a.*}\n", 1, "not of type 'array'"),
        ("overrides:\n- tables: a\n  overrides: []\n", 3, "there is no setting `overrides`"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_line(
    tmp_path: Path, text: str, line: int | None, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    place = f":{line}" if line else ""
    assert caught.value.where == f"{tmp_path / 'colour_config.yaml'}{place}"
    assert words in caught.value.what
    assert caught.value.remedy


def test_settings_of_a_domain_that_does_not_exist_are_no_typo_to_ignore(tmp_path: Path) -> None:
    (tmp_path / "color_config.yaml").write_text("limit: 1")
    with pytest.raises(ConfigurationError, match="there is no domain color"):
        load_settings(tmp_path, SCHEMAS)


def test_the_settings_say_how_hard_a_policy_bites(tmp_path: Path) -> None:
    settings = load(tmp_path, "enforcement: {shade: advisory}")
    (policy,) = settings.effective([POLICY])
    assert policy.enforcement is Enforcement.ADVISORY
    assert "enforcement" not in settings.values["colour"]


@pytest.mark.parametrize("word", ["off", "'off'", "Off", "no", "false"])
def test_a_policy_is_off_however_yaml_reads_the_word(tmp_path: Path, word: str) -> None:
    """YAML 1.1 takes `off` for false, which would be refused as no enforcement."""
    settings = load(tmp_path, f"enforcement: {{shade: {word}}}")
    (policy,) = settings.effective([POLICY])
    assert policy.enforcement is Enforcement.OFF
    assert settings.switched_off(policy)
    assert not settings.switched_off(POLICY)


@pytest.mark.parametrize("word", ["on", "true", "null", "[]", "none"])
def test_another_word_than_those_that_there_are_is_refused(tmp_path: Path, word: str) -> None:
    for text in (
        f"enforcement: {{shade: {word}}}",
        f"overrides: [{{tables: a, enforcement: {{shade: {word}}}}}]",
    ):
        with pytest.raises(ConfigurationError):
            load(tmp_path, text)


def test_a_policy_that_an_override_switches_on_is_not_off(tmp_path: Path) -> None:
    text = "enforcement: {shade: off}\noverrides: [{tables: a.*, enforcement: {shade: %s}}]"
    settings = load(tmp_path, text % "off")
    assert settings.switched_off(*settings.effective([POLICY]))
    settings = load(tmp_path, text % "advisory")
    assert not settings.switched_off(*settings.effective([POLICY]))


def test_enforcement_of_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    settings = load(tmp_path, "limit: 1\nenforcement:\n  shad: advisory\n")
    with pytest.raises(ConfigurationError, match=r":3: `shad` isn't a policy"):
        settings.effective([POLICY])


def test_the_settings_say_how_bad_a_failure_is(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, "severity: {shade: critical}").effective([POLICY])
    assert policy.severity is Severity.CRITICAL


@pytest.mark.parametrize("key", ["enforcement: {shad: advisory}", "severity: {shad: low}"])
def test_an_override_of_an_unknown_policy_is_refused_before_any_table_is_read(
    tmp_path: Path, key: str
) -> None:
    settings = load(tmp_path, f"overrides:\n- tables: a.*\n  {key}\n")
    with pytest.raises(ConfigurationError, match=r":3: `shad` isn't a policy"):
        settings.effective([POLICY])


def test_overrides_are_read_in_their_order_with_their_lines(tmp_path: Path) -> None:
    text = "overrides:\n- {tables: a.*, limit: 3}\n- {tables: [b, c], severity: {shade: info}}\n"
    first, second = load(tmp_path, text).overrides
    assert (first.domain, first.tables, first.settings) == ("colour", ("a.*",), {"limit": 3})
    assert first.where == f"{tmp_path / 'colour_config.yaml'}:2"
    assert (second.tables, second.settings) == (("b", "c"), {})
    assert second.severity == {"colour.shade": Severity.INFO}


def test_a_domain_is_found_by_its_schema(tmp_path: Path) -> None:
    folder = tmp_path / "lakewarden" / "tables" / "colour"
    folder.mkdir(parents=True)
    (folder / "settings.schema.json").write_text(json.dumps(SCHEMAS["colour"]))
    assert load_schemas([tmp_path]) == SCHEMAS
    with pytest.raises(ConfigurationError, match="already has its settings"):
        load_schemas([tmp_path, tmp_path])


def test_a_domain_without_a_schema_is_one_all_the_same(tmp_path: Path) -> None:
    """Its policies are made mandatory, and tables get overrides, like any others."""
    tables = tmp_path / "lakewarden" / "tables"
    for file in ("colour/shade/shade.rego", "empty/notes.md", "tested/one/one_test.rego"):
        (tables / file).parent.mkdir(parents=True)
        (tables / file).write_text("")
    schemas = load_schemas([tmp_path, tmp_path])
    assert schemas == {"colour": {"type": "object", "properties": {}}}
    (tmp_path / "colour_config.yaml").write_text(
        "enforcement: {shade: advisory}\noverrides: [{tables: a.*, severity: {shade: info}}]"
    )
    settings = load_settings(tmp_path, schemas)
    assert settings.values == {"colour": {}}
    assert settings.effective([POLICY])[0].enforcement is Enforcement.ADVISORY
    assert [str(override) for override in settings.overrides] == ["a.*"]
    (tmp_path / "colour_config.yaml").write_text("limit: 5")
    with pytest.raises(ConfigurationError, match="there is no setting `limit`"):
        load_settings(tmp_path, schemas)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"properties": {"limit": {"type": "inte", "default": 1}}}, "isn't JSON Schema"),
        ({"properties": {"limit": {"type": "integer", "default": "x"}}}, "`limit` has no default"),
        ({"properties": {"limit": {"type": "integer"}}}, "`limit` has no default"),
        ({"properties": {"tables": {"type": "string", "default": ""}}}, "can be called `tables`"),
        ({"properties": {"severity": {"default": ""}}}, "can be called `severity`"),
    ],
)
def test_a_wrong_schema_is_the_authors_error_and_not_an_open_door(
    tmp_path: Path, schema: dict[str, Any], words: str
) -> None:
    folder = tmp_path / "lakewarden" / "tables" / "colour"
    folder.mkdir(parents=True)
    (folder / "settings.schema.json").write_text(json.dumps(schema))
    with pytest.raises(ConfigurationError, match=words):
        load_schemas([tmp_path])


def test_a_schema_that_is_no_json_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "lakewarden" / "tables" / "colour"
    folder.mkdir(parents=True)
    (folder / "settings.schema.json").write_text("{")
    with pytest.raises(ConfigurationError, match="isn't valid JSON"):
        load_schemas([tmp_path])


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("names: [ok, 'a[b']", 1, "can't have ["),
        ("limit: 3\nnames:\n- '" + "?" * 51 + "'", 3, "can't have 51 wildcards"),
        ("names: ['" + "x" * 1001 + "']", 1, "can't have 1001 characters"),
        ("overrides:\n- limit: 3\n  tables: '" + "*?" * 26 + "'", 3, "can't have 52 wildcards"),
        ("overrides:\n- limit: 3\n  tables: [a, 'b{c']", 3, "can't have {"),
        ("mask: '(a+'", 1, "unterminated subpattern"),
        ("mask: '(?=x)a'", 1, "don't have (? in expressions"),
        ("mask: '(a)\\1'", 1, r"don't have \1 in expressions"),
        ("mask: 'a++'", 1, "don't have ++ in expressions"),
        ('names: ["\\ud800"]', 1, "surrogate"),
    ],
)
def test_what_an_engine_could_not_match_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, why: str
) -> None:
    (tmp_path / "colour_config.yaml").write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(tmp_path, PATTERNED)
    assert why in str(refused.value)
    assert refused.value.where == f"{tmp_path}/colour_config.yaml:{line}"


@pytest.mark.parametrize(
    "text", [r"mask: '^(?:a|\+\+)[*+]+\d{2,3}$'", "mask: '(?i)a'", "names: ['a.*?b']"]
)
def test_what_engines_can_match_is_accepted(tmp_path: Path, text: str) -> None:
    (tmp_path / "colour_config.yaml").write_text(text)
    load_settings(tmp_path, PATTERNED)


PATTERNED: dict[str, dict[str, Any]] = {
    "colour": {
        "properties": {
            "limit": {"type": "integer", "default": 4},
            "mask": {"type": "string", "format": "regex", "default": ""},
            "names": {
                "type": "array",
                "items": {"type": "string", "format": "name-pattern"},
                "default": [],
            },
        },
    }
}


_DAY = "effective_on: {shade: 2027-01-31}\n"


@pytest.mark.parametrize(
    ("text", "clock", "expected"),
    [
        (_DAY, "2027-01-30T23:59:59Z", (Enforcement.ADVISORY, "2027-01-31")),
        (_DAY, "2027-01-31T00:00:00Z", (Enforcement.MANDATORY, "2027-01-31")),
        (
            f"{_DAY}enforcement: {{shade: advisory}}",
            "2026-01-01T00:00:00Z",
            (Enforcement.ADVISORY, None),
        ),
        (f"{_DAY}enforcement: {{shade: off}}", "2030-01-01T00:00:00Z", (Enforcement.OFF, None)),
    ],
)
def test_a_mandatory_policy_is_advisory_until_its_day_begins(
    tmp_path: Path, text: str, clock: str, expected: tuple[Enforcement, str | None]
) -> None:
    (tmp_path / "colour_config.yaml").write_text(text)
    (policy,) = load_settings(tmp_path, SCHEMAS, clock=clock).effective([POLICY])
    assert (policy.enforcement, policy.effective_on) == expected


@pytest.mark.parametrize(
    "day",
    ["2027-02-29", "20270131", "'20270131'", "2027-01-31T00:00:00Z", "soon", "2027-1-3", "null"],
)
@pytest.mark.parametrize(
    "where", ["\n  shade: {}", "\noverrides:\n- {{tables: a, effective_on: {{shade: {}}}}}"]
)
def test_what_is_no_day_is_refused_with_its_line(tmp_path: Path, day: str, where: str) -> None:
    """A day that isn't understood would be a policy that never gates."""
    before = "effective_on:" if "tables" not in where else "limit: 1"
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, before + where.format(day))
    assert str(caught.value.where).endswith(":3" if "tables" in where else ":2")
    assert "2027-01-31" in f"{caught.value.what} {caught.value.remedy}"


def test_a_day_for_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r":1: `shad` isn't a policy"):
        load(tmp_path, "effective_on: {shad: 2027-01-31}").effective([POLICY])


def test_a_day_that_nothing_waits_for_is_named_with_its_line(tmp_path: Path) -> None:
    advisory = f"{_DAY}enforcement: {{shade: advisory}}\n"
    settings = load(tmp_path, advisory)
    (notice,) = settings.idle_days(settings.effective([POLICY]))
    assert "colour_config.yaml:1) has no effect" in notice
    some = "overrides: [{tables: a.*, enforcement: {shade: mandatory}}]"
    settings = load(tmp_path, advisory + some)
    assert not [*settings.idle_days(settings.effective([POLICY]))]
    settings = load(tmp_path, _DAY)
    assert not [*settings.idle_days(settings.effective([POLICY]))]
