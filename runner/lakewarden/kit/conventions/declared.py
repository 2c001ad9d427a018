"""The annotation says which settings a policy reads, and OPA agrees."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec

from lakewarden.engines.opa_binary import run_opa
from lakewarden.kit.conventions.interface import Policies, breach
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, line_of
from lakewarden.kit.workspace import Workspace
from lakewarden.model.errors import EngineError

_WORKERS: Final = 4
_SETTINGS: Final = ["data", "lakewarden_run", "settings"]


def settings_are_declared(policies: Policies) -> Iterator[Finding]:
    """`custom.settings` lists the settings of the policy's domain that `opa deps` finds."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        reads = pool.map(lambda module: _read(policies.workspace, module), policies.policies)
    for module, read in zip(policies.policies, reads, strict=True):
        declared = module.annotation.get("custom", {}).get("settings")
        if not isinstance(declared, list):
            continue  # the annotation's convention says so
        line = line_of(module.annotation)
        for name in sorted(read - set(declared)):
            if name:
                what = f"it reads the setting {name}, which custom.settings does not list"
                remedy = f"Add {name} to custom.settings; it may be read through lakewarden/lib."
            else:
                what = "it reads the settings of its domain as a whole, so nobody can list them"
                remedy = "Name each setting that is read: settings.<name>."
            yield breach(module, line, what, remedy)
        for name in sorted(map(str, set(declared) - read)):
            yield breach(
                module,
                line,
                f"custom.settings lists {name}, which it does not read",
                "Remove it from the list, or correct the name.",
            )


def _read(workspace: Workspace, module: RegoModule) -> set[str]:
    """Return the settings of its domain that a policy reads; empty text for all at once."""
    query = ".".join(("data", *module.package))
    arguments = ["deps", "--format", "json", "--ignore", "*_test.rego", "--data", ".", query]
    done = run_opa(workspace.opa, arguments, cwd=workspace.staged)
    if done.returncode:
        raise EngineError(f"`opa deps` failed: {done.stderr.strip()}", where=module.source)
    bases: list[list[dict[str, Any]]] = msgspec.json.decode(done.stdout).get("base") or []
    prefix = [*_SETTINGS, module.package[2]]
    found = set()
    for base in bases:
        parts = [str(part["value"]) for part in base]
        if parts[: len(prefix)] == prefix:
            found.add(parts[len(prefix)] if len(parts) > len(prefix) else "")
    return found
