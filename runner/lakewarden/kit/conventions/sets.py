"""The five sets by which a policy speaks, and who may listen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.kit.conventions.interface import (
    MAIN,
    TABLES,
    WAIVERS,
    Policies,
    breach,
    sets_of,
)
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import is_set, line_of, rule_name

_LIB: Final = ("data", "lakewarden", "lib")
_RUN: Final = ("data", "lakewarden_run")
_POLICIES: Final = (("data", *TABLES), ("data", *WAIVERS))
_DEPTH: Final = 3


def public_rules_are_the_five_sets(policies: Policies) -> Iterator[Finding]:
    """Define the five sets and no other public rule: the router asks for nothing else.

    Of a policy about waivers it asks for pass, deny and not_applicable.
    """
    for module in policies.policies:
        sets = sets_of(module)
        for rule in module.rules:
            name = rule_name(rule)
            if name.startswith("_"):
                continue
            if name not in sets:
                yield breach(
                    module,
                    line_of(rule),
                    f"nothing reads a policy's {name}; its public rules are {', '.join(sets)}",
                    f"Correct the name, or call it _{name} if it is a helper.",
                )
            elif not is_set(rule):
                yield breach(
                    module,
                    line_of(rule),
                    f"{name} isn't a set, so the router can't collect its members",
                    f"Write `{name} contains … if {{ … }}`.",
                )


def pass_and_deny_exist(policies: Policies) -> Iterator[Finding]:
    """Enter each decision twice; with one side missing, half of the tables are errors."""
    for module in policies.policies:
        defined = {rule_name(rule) for rule in module.rules}
        for name in ("pass", "deny"):
            if name not in defined:
                yield breach(
                    module,
                    module.package_line,
                    f"it has no rule {name}: a table that is not proven by the other one will be "
                    "an error",
                    f"Write `{name} contains … if {{ … }}`.",
                )


def policies_are_read_by_the_router_alone(policies: Policies) -> Iterator[Finding]:
    """Build no policy upon another one: what two of them need is a fact, and lies in lib."""
    for module in policies.rules:
        if module.package == MAIN:
            continue
        for reference, line in module.references:
            if reference[:_DEPTH] in _POLICIES:
                yield breach(
                    module,
                    line,
                    f"it reads the policy {'.'.join(reference)}",
                    "Move what both need into a module under lakewarden/lib.",
                )


def only_what_is_there_is_read(policies: Policies) -> Iterator[Finding]:
    """Read the document, the run and lib only: anything else is undefined, and no error.

    In lib, the rule that is meant has to be there too; OPA does not miss it.
    """
    packages = {("data", *each.package) for each in policies.modules if not each.is_test}
    rules = {
        ("data", *each.package, rule_name(rule))
        for each in policies.modules
        if not each.is_test
        for rule in each.rules
    }
    for module in policies.own:
        for reference, line in module.references:
            if reference[0] != "data" or module.package == MAIN:
                continue
            if reference[: len(_LIB)] == _LIB:
                within = any(reference[: len(rule)] == rule for rule in rules)
                around = any(package[: len(reference)] == reference for package in packages)
                there = within or around
            else:
                there = module.is_test or reference[:2] == _RUN or reference[:_DEPTH] in _POLICIES
            if not there:
                what = f"there is no {'.'.join(reference)} where it runs"
                yield Finding(
                    file=module.source,
                    line=line,
                    what=what,
                    remedy="Correct the name; a policy reads input, data.lakewarden_run and what "
                    "data.lakewarden.lib defines.",
                    cause=what,
                )


def router_is_the_only_entrypoint(policies: Policies) -> Iterator[Finding]:
    """Mark no entrypoint: engines ask for the router's decisions and for nothing else."""
    for module in policies.rules:
        if module.package == MAIN:
            continue
        for annotation in module.tree.get("annotations", []):
            if annotation.get("entrypoint"):
                yield breach(
                    module,
                    line_of(annotation),
                    "it is marked as an entrypoint, but engines ask for data.lakewarden.main only",
                    "Remove `entrypoint: true`.",
                )
