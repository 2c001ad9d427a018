"""The annotation says which settings a policy reads, and OPA agrees."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from lakewarden.kit.conventions.interface import Policies, breach
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, base_documents, line_of
from lakewarden.kit.scratch import Workspace

_WORKERS: Final = 4
_SETTINGS: Final = ("data", "lakewarden_run", "settings")


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
    prefix = (*_SETTINGS, module.package[2])
    return {
        path[len(prefix)] if len(path) > len(prefix) else ""
        for path in base_documents(workspace, module)
        if path[: len(prefix)] == prefix
    }
