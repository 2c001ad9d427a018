"""The settings and waivers that are shipped, beside the schema that types them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lakewarden.model.settings import load_schemas, load_settings
from tests.data import documents, rego

CONFIG = rego.CHECKOUT / "config"
SCHEMA = rego.POLICIES / "lakewarden" / "tables" / "clustering" / "settings.schema.json"


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def test_shipped_settings_say_the_defaults() -> None:
    """A reader takes the file for the defaults; a difference would mislead."""
    loaded = load_settings(CONFIG, load_schemas([rego.POLICIES]))
    assert loaded.values["clustering"] == documents.DEFAULTS
    defaults = {name: value["default"] for name, value in _schema()["properties"].items()}
    assert defaults == documents.DEFAULTS


def test_shipped_settings_say_every_setting() -> None:
    text = (CONFIG / "clustering_config.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text).keys() == _schema()["properties"].keys() | {"enforcement"}


def test_shipped_waivers_are_none() -> None:
    """An exception that is shipped would be approved by nobody."""
    waivers = yaml.safe_load((CONFIG / "waivers.yaml").read_text(encoding="utf-8"))
    assert waivers == {"waivers": []}


def test_every_setting_is_described() -> None:
    for name, setting in _schema()["properties"].items():
        assert setting["description"].endswith("."), name


@pytest.mark.parametrize(
    "wrong",
    [
        {"size_threshold_byte": 1},
        {"size_threshold_bytes": -1},
        {"size_threshold_bytes": "1 GiB"},
        {"test_schemas": "pytest_test_data"},
        {"test_schemas": ["[a-z]"]},
        {"inexact_size_guard": [2, 0.5]},
        {"inexact_size_guard": [0.5]},
        {"inexact_size_guard": [0.5, 2, 3]},
        {"max_clustering_columns": 0},
        {"exclusion_property": ""},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    """A setting that no policy understands must not reach one."""
    validator = Draft202012Validator(_schema())
    assert validator.is_valid(documents.DEFAULTS)
    assert not validator.is_valid(documents.DEFAULTS | wrong)
