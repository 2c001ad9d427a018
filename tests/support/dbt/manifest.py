"""Parses a project with dbt, which `make dbt` installs; if run, writes the manifests here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.support.commandline import REPOSITORY

DBT: Final = REPOSITORY / ".tools" / "dbt" / "bin" / "dbt"
SHOP: Final = Path(__file__).parent / "shop"
MANIFEST: Final = Path(__file__).parent / "manifest.json"
_BESIDE: Final = Path(__file__).parents[1] / "parity"
PARITY: Final = _BESIDE / "dbt", _BESIDE / "manifest.json"

_READ: Final = ("metadata", "nodes", "groups", "disabled")
_METADATA: Final = ("dbt_schema_version", "dbt_version", "project_name", "adapter_type")
_DROPPED: Final = (
    *("root_path", "created_at", "raw_code", "checksum", "depends_on", "unrendered_config"),
    *("doc_blocks", "docs", "build_path", "compiled_path", "refs", "sources", "metrics"),
)
_ENVIRONMENT: Final = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "DO_NOT_TRACK": "1"}


def laid_out(folder: Path) -> Path:
    """Copy the project into a folder, with its manifest where dbt writes it; return the folder."""
    shutil.copytree(SHOP, folder, dirs_exist_ok=True)
    (folder / "target").mkdir()
    shutil.copy(MANIFEST, folder / "target")
    return folder


def parsed(folder: Path, project: Path = SHOP) -> dict[str, Any]:
    """Copy a project into a folder and have dbt parse it there; return the trimmed manifest."""
    shutil.copytree(project, folder, dirs_exist_ok=True)
    for command in ("deps", "parse"):
        subprocess.run(
            [DBT, command, "--profiles-dir", "profiles"],
            cwd=folder,
            env=os.environ | _ENVIRONMENT,
            check=True,
            capture_output=True,
        )
    manifest: dict[str, Any] = json.loads((folder / "target" / "manifest.json").read_text())
    return _trimmed(manifest)


def _trimmed(manifest: dict[str, Any]) -> dict[str, Any]:
    metadata = manifest["metadata"]
    kept = {key: manifest[key] for key in _READ}
    kept["metadata"] = {key: metadata[key] for key in _METADATA}
    kept["nodes"] = {key: _node(manifest["nodes"][key]) for key in sorted(manifest["nodes"])}
    kept["disabled"] = {
        key: [_node(each) for each in nodes] for key, nodes in manifest["disabled"].items()
    }
    return kept


def _node(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in _DROPPED}


if __name__ == "__main__":
    for project, file in ((SHOP, MANIFEST), PARITY):
        with tempfile.TemporaryDirectory() as scratch:
            file.write_text(json.dumps(parsed(Path(scratch), project), indent=1) + "\n")
