"""Which settings a policy reads can be told from its text, and no setting is left over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from lakewarden.engines.bundle.references import settings_read
from lakewarden.kit.conventions.interface import TABLES, Policies, breach, is_policy, policy_id
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, base_documents
from lakewarden.kit.scratch import Workspace

_WORKERS: Final = 4
_SETTINGS: Final = ("data", "lakewarden_run", "settings")


def settings_are_read_by_name(policies: Policies) -> Iterator[Finding]:
    """Read each setting by its name: pages, overrides and reports say which policy reads which.

    They tell it from the text of the modules; `opa deps` has to find the same.
    """
    reported = settings_read((".".join(module.package), module.text) for module in policies.rules)
    with ThreadPoolExecutor(_WORKERS) as pool:
        reads = pool.map(lambda module: _read(policies.workspace, module), policies.policies)
    for module, read in zip(policies.policies, reads, strict=True):
        names = reported[policy_id(module.package)]
        if names is None or "" in read:
            what = "it reads all settings of its domain at once, so they can't be listed"
        elif read != set(names):
            differing = ", ".join(sorted(read ^ set(names)))
            what = f"whether it reads {differing} can't be told from its text"
        else:
            continue
        yield breach(module, module.package_line, what, "Name each setting: settings.<name>.")


def every_setting_is_read(policies: Policies) -> Iterator[Finding]:
    """Remove a setting that nothing reads: a team changes it, and nothing happens.

    Looked at is what policies read, through lib as well, and the facts of the domain.
    """
    schemas = policies.workspace.own_schemas if not policies.workspace.only else ()
    for file, text in schemas:
        domain = file.parent.name
        left = set(policies.workspace.domains[domain]["properties"])
        readers = [module for module in policies.modules if _may_read(module, domain)]
        with ThreadPoolExecutor(_WORKERS) as pool:
            for read in pool.map(partial(_read, policies.workspace, domain=domain), readers):
                left = left - read if "" not in read else set()
        for name in sorted(left):
            lines = enumerate(text.splitlines(), start=1)
            yield Finding(
                file=str(file),
                line=next((number for number, line in lines if f'"{name}":' in line), 1),
                what=f"no policy reads the setting {name}",
                remedy="Remove it, here and from the settings files, or read it: "
                f"data.lakewarden_run.settings.{domain}.{name}.",
            )


def _may_read(module: RegoModule, domain: str) -> bool:
    facts = (*TABLES[:1], "lib", domain)
    return not module.is_test and (is_policy(module.package) or module.package == facts)


def _read(workspace: Workspace, module: RegoModule, domain: str = "") -> set[str]:
    """Return the settings of a domain, or its own, that a policy reads; empty text for all."""
    prefix = (*_SETTINGS, domain or module.package[2])
    return {
        path[len(prefix)] if len(path) > len(prefix) else ""
        for path in base_documents(workspace, module)
        if path[: len(prefix)] == prefix
    }
