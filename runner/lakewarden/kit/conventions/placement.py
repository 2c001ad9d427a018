"""Where things lie: a policy is a folder, and its package, its files and its id are one path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lakewarden.kit.conventions.interface import TABLES, WAIVERS, Policies, breach, is_policy
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule
from lakewarden.settings.settings import SCHEMA_FILE


def package_is_the_path(policies: Policies) -> Iterator[Finding]:
    """Call a package as its folder; that of a policy's test ends in `_test`."""
    for module in policies.own:
        folder = tuple(module.path.split("/")[:-1])
        beside = module.is_test and is_policy(folder)
        expected = (*folder[:-1], f"{folder[-1]}_test") if beside else folder
        if module.is_test and folder[:2] not in (TABLES, WAIVERS):
            continue  # tests of lib and main, and what tests share, are found by their suffix
        if module.package != expected:
            yield breach(
                module,
                module.package_line,
                f"the package is {'.'.join(module.package)}, but its folder says "
                f"{'.'.join(expected)}",
                f"Write `package {'.'.join(expected)}`, or move the file.",
            )


def folder_holds_the_policy_and_its_test(policies: Policies) -> Iterator[Finding]:
    """Keep `<policy>.rego` and `<policy>_test.rego` in a policy's folder, and nothing else."""
    for folder in policies.workspace.own_folders:
        expected = {f"{folder.name}.rego", f"{folder.name}_test.rego"}
        there = {path.name for path in _visible(folder)}
        for name in sorted(expected - there):
            what = "its test" if name.endswith("_test.rego") else "the policy itself"
            yield Finding(
                file=str(folder),
                what=f"the folder lacks {name}, {what}",
                remedy="Write it; `lakewarden policies new` makes both files for a new policy.",
            )
        for name in sorted(there - expected):
            yield Finding(
                file=str(folder / name),
                what=f"this is neither {' nor '.join(sorted(expected))}",
                remedy="Give it a folder of its own; what policies share is in lakewarden/lib.",
            )


def domain_holds_policies_and_its_settings(policies: Policies) -> Iterator[Finding]:
    """Keep a folder for each policy in a domain's folder and, if it has any, its settings."""
    for folder in _domains(policies) if not policies.workspace.only else ():
        for path in _visible(folder):
            if not path.is_dir() and path.name != SCHEMA_FILE:
                yield Finding(
                    file=str(path),
                    what=f"a domain's folder holds the folders of its policies and {SCHEMA_FILE}",
                    remedy="Move the file into the folder of the policy that it is about.",
                )


def no_package_is_inside_another(policies: Policies) -> Iterator[Finding]:
    """Lay packages side by side: Regorus 0.13 loses those inside another one that has rules."""
    packages = {module.package for module in policies.modules if not module.is_test}
    for module in policies.rules:
        for outer in _outer(module, packages):
            yield breach(
                module,
                module.package_line,
                f"its package is inside another one that has rules, {'.'.join(outer)}",
                "Put the two side by side; the embedded engine ignores the inner one.",
            )


def _outer(module: RegoModule, packages: set[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for length in range(1, len(module.package)):
        if module.package[:length] in packages:
            yield module.package[:length]


def _domains(policies: Policies) -> list[Path]:
    return [
        path
        for root in policies.workspace.roots
        for tree in (TABLES, WAIVERS)
        for path in sorted(root.glob("/".join((*tree, "*"))))
        if path.is_dir() and not path.name.startswith(".")
    ]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
