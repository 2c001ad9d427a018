"""The shipped policies as OPA sees them, for tests about the policies themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

from lakewarden.engines.install.binary import COMMAND_ENVIRONMENT

CHECKOUT: Final = Path(__file__).parents[2]
POLICIES: Final = CHECKOUT / "policies"
SCHEMAS: Final = POLICIES / "schemas"


@cache
def opa_binary() -> Path:
    """Return the OPA to test with: LAKEWARDEN_OPA, else the checkout's own."""
    named = os.environ.get("LAKEWARDEN_OPA")
    binary = Path(named) if named else CHECKOUT / ".tools" / "bin" / "opa"
    if not binary.is_file():
        raise FileNotFoundError(f"{binary}: run `make tools`, or set LAKEWARDEN_OPA")
    return binary


def run_opa(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `opa` and return how it ended, whatever its exit code."""
    command = [str(opa_binary()), *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | COMMAND_ENVIRONMENT,
    )


def copy_policies(into: Path) -> Path:
    """Return a copy of the bundle root that a test may break."""
    return Path(shutil.copytree(POLICIES, into / "policies"))


def modules(root: Path = POLICIES) -> list[Path]:
    """Return every Rego module that isn't a test, sorted."""
    return sorted(path for path in root.rglob("*.rego") if not path.name.endswith("_test.rego"))


@cache
def parsed(path: Path) -> dict[str, Any]:
    """Return the module's syntax tree, with annotations, as `opa parse` gives it."""
    ended = run_opa("parse", "--format", "json", "--json-include", "locations,comments", path)
    if ended.returncode:
        raise ValueError(f"{path}: {ended.stderr}")
    tree: dict[str, Any] = json.loads(ended.stdout)
    return tree


def package_of(path: Path) -> tuple[str, ...]:
    """Return the parts of the module's package, `data` left out."""
    return tuple(part["value"] for part in parsed(path)["package"]["path"][1:])


def rule_names(path: Path) -> set[str]:
    """Return the first word of the name of every rule and function in the module."""
    return {rule["head"]["ref"][0]["value"] for rule in parsed(path)["rules"]}


def package_annotation(path: Path) -> dict[str, Any]:
    """Return the METADATA block of the module's package, empty if there is none."""
    for annotation in parsed(path).get("annotations", []):
        if annotation["scope"] == "package":
            found: dict[str, Any] = annotation
            return found
    return {}
