"""The settings and waivers that are shipped, beside the schemas that type them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

from lakewarden.settings.settings import load_schemas, load_settings
from tests.support import documents, rego

CONFIG: Final = rego.CHECKOUT / "config"
SCHEMAS: Final = load_schemas([rego.POLICIES])

every_domain = pytest.mark.parametrize("domain", sorted(SCHEMAS))


def _config(domain: str) -> Path:
    return CONFIG / f"{domain}_config.yaml"


@every_domain
def test_shipped_settings_say_the_defaults(domain: str) -> None:
    """A reader takes the file for the defaults; a difference would mislead."""
    defaults = documents.ALL_DEFAULTS[domain]
    assert load_settings(CONFIG, SCHEMAS).values[domain] == defaults
    described = SCHEMAS[domain]["properties"]
    assert {name: setting["default"] for name, setting in described.items()} == defaults


@every_domain
def test_shipped_settings_say_every_setting(domain: str) -> None:
    shipped = yaml.safe_load(_config(domain).read_text(encoding="utf-8"))
    assert shipped.keys() == SCHEMAS[domain]["properties"].keys() | {"enforcement"}
    assert shipped["enforcement"] == {}


@every_domain
def test_shipped_settings_explain_what_they_say(domain: str) -> None:
    """A setting without a word above it sends its reader to the source."""
    paragraphs = _config(domain).read_text(encoding="utf-8").split("\n\n")
    assert all(paragraph.startswith("# ") for paragraph in paragraphs)


@pytest.mark.opa
def test_the_tests_in_rego_start_from_the_defaults() -> None:
    """They hold a copy; on old defaults they would test what nobody runs."""
    query = "data.lakewarden.testing.run({}).settings.clustering"
    files = rego.POLICIES / "lakewarden" / "testing"
    ended = rego.run_opa("eval", "--fail", "--format", "raw", "--data", files, query)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == documents.DEFAULT_SETTINGS["clustering"]


def test_shipped_waivers_are_none() -> None:
    """An exception that is shipped would be approved by nobody."""
    waivers = yaml.safe_load((CONFIG / "waivers.yaml").read_text(encoding="utf-8"))
    assert waivers == {"waivers": []}


@every_domain
def test_every_setting_is_described(domain: str) -> None:
    for name, setting in SCHEMAS[domain]["properties"].items():
        assert setting["description"].endswith("."), name


@pytest.mark.parametrize(
    ("domain", "wrong"),
    [
        ("clustering", {"size_threshold_byte": 1}),
        ("clustering", {"size_threshold_bytes": -1}),
        ("clustering", {"size_threshold_bytes": "1 GiB"}),
        ("clustering", {"test_schemas": "pytest_test_data"}),
        ("clustering", {"test_schemas": ["[a-z]"]}),
        ("clustering", {"inexact_size_guard": [2, 0.5]}),
        ("clustering", {"inexact_size_guard": [0.5]}),
        ("clustering", {"inexact_size_guard": [0.5, 2, 3]}),
        ("clustering", {"max_clustering_columns": 0}),
        ("clustering", {"exclusion_property": ""}),
        ("clustering", {"frequent_reads": 0}),
        ("clustering", {"allowed_key_patterns": [""]}),
        ("clustering", {"required_leading_keys": [{"tables": "prod.*"}]}),
        ("clustering", {"required_leading_keys": [{"tables": "prod.*", "key": ""}]}),
        ("documentation", {"min_table_comment_lenght": 20}),
        ("documentation", {"min_table_comment_length": 0}),
        ("documentation", {"min_table_comment_length": 2.5}),
        ("documentation", {"min_commented_column_share": 80}),
        ("documentation", {"min_commented_column_share": -0.1}),
        ("documentation", {"min_commented_column_share": "80 %"}),
        ("documentation", {"comment_placeholders": "todo"}),
        ("documentation", {"comment_placeholders": [""]}),
        ("documentation", {"comment_placeholders": ["todo:"]}),
        ("documentation", {"comment_placeholders": ["."]}),
        ("documentation", {"comment_placeholders": [" todo"]}),
        ("documentation", {"critical_columns": ["{id,key}"]}),
        ("documentation", {"group_owner_patterns": [""]}),
    ],
    ids=json.dumps,
)
def test_wrong_settings_are_refused(domain: str, wrong: dict[str, Any]) -> None:
    """A setting that no policy understands, or that can never matter, must not reach one."""
    defaults = documents.ALL_DEFAULTS[domain]
    validator = Draft202012Validator(SCHEMAS[domain])
    assert validator.is_valid(defaults)
    assert not validator.is_valid(defaults | wrong)
