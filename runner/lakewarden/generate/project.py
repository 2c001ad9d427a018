"""The files of a new project: what a team keeps in a repository of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from lakewarden.generate import editor_schemas
from lakewarden.kit import scaffold
from lakewarden.kit.new_files import new_files
from lakewarden.resources import shipped_policies
from lakewarden.settings import rego_schemas
from lakewarden_collector.private_folder import PrivateFolder

EXAMPLE: Final = "housekeeping.no_leftovers"
"""The policy that a new project begins with."""
POLICIES: Final = Path("policies")
SCHEMAS: Final = Path("config", editor_schemas.FOLDER)

_DOMAIN: Final = Path("lakewarden", "tables", "housekeeping")
_TEMPLATES: Final = Path(scaffold.__file__).parent / "templates" / "project"
_FILES: Final = {
    Path("lakewarden.toml"): "lakewarden.toml",
    Path("README.md"): "README.md.tmpl",
    Path(".gitignore"): "gitignore.tmpl",
    Path(".regal", "config.yaml"): "regal.yaml.tmpl",
    Path(".vscode", "extensions.json"): "extensions.json",
    Path("config", "waivers.yaml"): "waivers.yaml",
    Path("config", "housekeeping_config.yaml"): "housekeeping_config.yaml",
}
_POLICY: Final = {
    _DOMAIN / "settings.schema.json": "settings.schema.json",
    _DOMAIN / "no_leftovers" / "no_leftovers.rego": "no_leftovers.rego.tmpl",
    _DOMAIN / "no_leftovers" / "no_leftovers_test.rego": "no_leftovers_test.rego.tmpl",
}


def project_files() -> dict[Path, str]:
    """Return the text of each file by its path in the project, in the order of a reader."""
    files = {path: _template(name) for path, name in _FILES.items()}
    policy = {path: _template(name) for path, name in _POLICY.items()}
    with PrivateFolder("init") as scratch:
        root = Path(scratch, POLICIES)
        with new_files({root / path: text for path, text in policy.items()}):
            editor = editor_schemas.generate([shipped_policies(), root], SCHEMAS)
            rego = rego_schemas.generate(root, [shipped_policies()])
    return {
        **files,
        **{POLICIES / path: text for path, text in policy.items()},
        **{POLICIES / path.relative_to(root): text for path, text in rego.items()},
        **editor,
        Path(".vscode", "settings.json"): _editor_settings([*editor]),
    }


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _editor_settings(schemas: list[Path]) -> str:
    """Return the settings by which Visual Studio Code finds the policies and all schemas."""
    files = {
        f"./{path.as_posix()}": f"config/{path.name.partition('.')[0]}.yaml" for path in schemas
    }
    settings = {
        "opa.roots": [f"${{workspaceFolder}}/{POLICIES}"],
        "opa.schema": f"${{workspaceFolder}}/{POLICIES / rego_schemas.FOLDER}",
        "opa.strictMode": True,
        "yaml.schemas": files,
        "[rego]": {"editor.formatOnSave": True},
    }
    return json.dumps(settings, indent=2) + "\n"
