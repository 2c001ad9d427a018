"""What a new project begins with is sound: each file is read by what it is for."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft7Validator

from lakewarden.commands.project_file import find_project_file, options
from lakewarden.generate.project import project_files
from lakewarden.kit.new_files import new_files
from lakewarden.resources import shipped_policies
from lakewarden.settings.settings import load_schemas, load_settings
from lakewarden.settings.waivers import load_waivers
from tests.support import rego

EXAMPLE: Final = "housekeeping.no_leftovers"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    with new_files({folder / path: text for path, text in project_files().items()}):
        return folder


def test_its_project_file_sets_options_that_there_are(project: Path) -> None:
    """Those that are left to be filled in as well."""
    found = find_project_file(project)
    assert found is not None
    assert {"config", "reports", "no_gate"} <= found.values.keys()
    text = (project / "lakewarden.toml").read_text()
    left = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# source =")]
    assert left
    assert all(tomllib.loads(line).keys() <= options().keys() for line in left)


def test_its_settings_are_the_defaults_and_name_their_schema(project: Path) -> None:
    schemas = load_schemas([shipped_policies(), project / "policies"])
    settings = load_settings(project / "config", schemas)
    domain = EXAMPLE.partition(".")[0]
    defaults = {name: each["default"] for name, each in schemas[domain]["properties"].items()}
    assert settings.values[domain] == defaults
    assert settings.files[domain].value == defaults
    assert load_waivers(project / "config", {EXAMPLE}) == ()
    for file in (project / "config").glob("*.yaml"):
        first = file.read_text().splitlines()[0]
        schema = project / "config" / first.partition("$schema=")[2]
        Draft7Validator(json.loads(schema.read_text())).validate(yaml.safe_load(file.read_text()))


def test_the_waiver_that_it_shows_is_one(project: Path, tmp_path: Path) -> None:
    lines = (project / "config" / "waivers.yaml").read_text().splitlines()
    start = lines.index("# waivers:")
    shown = [line[2:] for line in lines[start:] if line.startswith("# ")]
    (tmp_path / "waivers.yaml").write_text("\n".join(shown))
    (waiver,) = load_waivers(tmp_path, {EXAMPLE})
    assert waiver.policy == EXAMPLE


def test_editors_find_schemas_for_every_domain_its_own_included(project: Path) -> None:
    settings = json.loads((project / ".vscode" / "settings.json").read_text())
    domains = load_schemas([shipped_policies(), project / "policies"])
    files = {f"config/{domain}_config.yaml" for domain in domains} | {"config/waivers.yaml"}
    assert set(settings["yaml.schemas"].values()) == files
    assert all((project / schema).is_file() for schema in settings["yaml.schemas"])
    seen = settings["opa.schema"].replace("${workspaceFolder}", str(project))
    run = json.loads(Path(seen, "settings.json").read_text())
    assert set(run["properties"]["settings"]["properties"]) == set(domains)
    extensions = json.loads((project / ".vscode" / "extensions.json").read_text())
    assert "tsandall.opa" in extensions["recommendations"]


def test_regal_is_told_what_it_is_told_here(project: Path) -> None:
    """Each rule that departs from Regal's defaults does so for our own policies too."""
    rules = yaml.safe_load((project / ".regal" / "config.yaml").read_text())["rules"]
    ours = yaml.safe_load((rego.CHECKOUT / ".regal" / "config.yaml").read_text())["rules"]
    for category, named in rules.items():
        for name, rule in named.items():
            if name in {"todo-comment", "no-defined-entrypoint"}:  # ours has none, and one
                continue
            known = ours[category][name]
            assert rule["level"] == known["level"]
            assert all(set(_listed(rule, key)) <= set(_listed(known, key)) for key in rule)


def _listed(rule: dict[str, Any], key: str) -> list[str]:
    value = rule.get(key, [])
    return value if isinstance(value, list) else [value]


@pytest.mark.opa
def test_opa_checks_its_policies_against_its_schemas(project: Path) -> None:
    """As a user does who knows OPA: no path of ours is needed."""
    arguments = ("check", "--strict", "--bundle", project / "policies", "--schema")
    ended = rego.run_opa(*arguments, project / "policies" / "schemas")
    assert ended.returncode == 0, ended.stderr
