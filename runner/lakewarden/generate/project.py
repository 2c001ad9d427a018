"""The files of a new project: what a team keeps in a repository of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lakewarden.generate import editor_schemas
from lakewarden.kit import scaffold
from lakewarden.kit.new_files import new_files
from lakewarden.resources import shipped_policies
from lakewarden.settings import rego_schemas
from lakewarden_collector.private_folder import PrivateFolder

POLICIES: Final = Path("policies")
SCHEMAS: Final = Path("config", editor_schemas.FOLDER)

_TEMPLATES: Final = Path(scaffold.__file__).parent / "templates" / "project"
_HIDDEN: Final = "dot-"
"""How the name of a template begins whose file is hidden."""
_TEMPLATE: Final = ".tmpl"
"""How the name of a template ends that a tool would take for a file of ours."""


def project_files() -> dict[Path, str]:
    """Return the text of each file by its path in the project, in the order of a reader."""
    files = dict(_templates())
    with PrivateFolder("init") as scratch:
        folder = Path(scratch)
        with new_files({folder / path: text for path, text in files.items()}):
            root = folder / POLICIES
            editor = editor_schemas.generate([shipped_policies(), root], SCHEMAS)
            rego = rego_schemas.generate(root, [shipped_policies()])
    return {
        **files,
        Path(".vscode", "settings.json"): _editor_settings([*editor]),
        **{path.relative_to(folder): text for path, text in rego.items()},
        **editor,
    }


def _templates() -> Iterator[tuple[Path, str]]:
    """Yield path and text of each file that is the same in every project, its own first."""
    found = (path for path in _TEMPLATES.rglob("*") if path.is_file())
    for path in sorted(found, key=lambda each: (each.parent != _TEMPLATES, each)):
        parts = [
            f".{part.removeprefix(_HIDDEN)}" if part.startswith(_HIDDEN) else part
            for part in path.relative_to(_TEMPLATES).parts
        ]
        yield Path(*parts[:-1], parts[-1].removesuffix(_TEMPLATE)), path.read_text("utf-8")


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
