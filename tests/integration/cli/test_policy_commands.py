"""`lakewarden policies` on the command line, with policies and settings of a user's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import pytest
from jsonschema import Draft7Validator

from tests.support.commandline import lakewarden
from tests.support.pages import EXAMPLE_POLICIES

pytestmark = pytest.mark.opa

_POLICY: Final = "clustering.key_limit"
_SETTINGS: Final = """\
max_clustering_columns: 2
enforcement: {key_limit: advisory}
severity: {key_limit: info}
overrides:
  - tables: "prod.wide.*"
    max_clustering_columns: 3
  - tables: "prod.big.*"
    size_threshold_bytes: 7
"""


def test_own_policies_are_listed_among_the_shipped(tmp_path: Path) -> None:
    """A policy in a folder of the user's needs nothing else to be found."""
    shutil.copytree(EXAMPLE_POLICIES, tmp_path / "policies")
    ended = lakewarden("policies", "list", cwd=tmp_path)
    assert "./policies" in ended.stderr
    lines = [line.split("\t") for line in ended.stdout.splitlines()]
    assert ["naming.plain_names", "low", "advisory"] in [line[:3] for line in lines]
    assert {line[0].partition(".")[0] for line in lines} > {"naming"}
    assert all(len(line) == 4 for line in lines)
    listed = json.loads(lakewarden("policies", "list", "--format", "json", cwd=tmp_path).stdout)
    assert [each["policy_id"] for each in listed] == [line[0] for line in lines]


def test_a_page_shows_what_the_settings_make_of_the_policy(tmp_path: Path) -> None:
    """Who reads it wants to know what decides here, not what decides by default."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "clustering_config.yaml").write_text(_SETTINGS, "utf-8")
    listed = lakewarden("policies", "list", cwd=tmp_path).stdout
    assert f"{_POLICY}\tinfo\tadvisory\t" in listed
    shown = lakewarden("policies", "show", _POLICY, cwd=tmp_path).stdout
    assert "- `max_clustering_columns`: `2`, by default `4` (" in shown
    assert "The settings in force make it advisory, severity info." in shown
    where = "config/clustering_config.yaml:5"
    assert f"- `prod.wide.*`: `max_clustering_columns` `3` ({where})" in shown


def test_a_pattern_shows_several_pages(tmp_path: Path) -> None:
    shown = lakewarden("policies", "show", "clustering.key*", cwd=tmp_path).stdout
    assert shown.count("\n## Enforcement\n") > 1


def test_an_unknown_policy_is_an_error_that_names_the_known(tmp_path: Path) -> None:
    ended = lakewarden("policies", "show", "clustering.nothing", cwd=tmp_path)
    assert ended.returncode == 2
    assert _POLICY in ended.stderr
    assert ended.stdout == ""


def test_schemas_for_editors_know_own_policies_too(tmp_path: Path) -> None:
    ended = lakewarden(
        *("policies", "schemas", "--output", "config/schemas", "--policy-source", EXAMPLE_POLICIES),
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stderr
    written = [tmp_path / line for line in ended.stdout.splitlines()]
    names = {path.name for path in written}
    assert {"clustering_config.schema.json", "waivers.schema.json"} <= names
    waivers = json.loads((tmp_path / "config/schemas/waivers.schema.json").read_text("utf-8"))
    Draft7Validator.check_schema(waivers)
    assert "naming.plain_names" in json.dumps(waivers)


def test_schemas_cannot_be_written_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    ended = lakewarden("policies", "schemas", "--output", "taken", cwd=tmp_path)
    assert ended.returncode == 2
    assert "error: taken: " in ended.stderr
