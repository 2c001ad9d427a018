"""What is defined is used, and nothing is called like something that is already there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lakewarden.kit.conventions.interface import Policies, breach
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import (
    Node,
    RegoModule,
    alias_of,
    line_of,
    names_in,
    nodes,
    rule_name,
)

_ROOTS: Final = frozenset({"input", "data"})


def no_dead_rule(policies: Policies) -> Iterator[Finding]:
    """Remove a helper that nothing leads to: everybody reads it, and it decides nothing.

    Looked at over all files of a package: from the rules that do not begin with `_`, through
    those that they refer to.
    """
    for package in {module.package for module in policies.own}:
        modules = [module for module in policies.own if module.package == package]
        alive = _alive(modules)
        for module in modules:
            for rule in module.rules:
                if rule_name(rule) not in alive:
                    yield breach(
                        module,
                        line_of(rule),
                        f"nothing refers to {rule_name(rule)}",
                        "Remove it, or use it.",
                    )


def no_unused_import(policies: Policies) -> Iterator[Finding]:
    """Import what is used: an import says what a module builds upon."""
    for module in policies.own:
        used = set(names_in(module.rules))
        for entry in module.imports:
            if alias_of(entry) not in used:
                yield breach(
                    module,
                    line_of(entry),
                    f"the import {alias_of(entry)} is not used",
                    "Remove the line.",
                )


def no_unused_argument(policies: Policies) -> Iterator[Finding]:
    """Take no argument that does not matter: a reader looks for why it is there."""
    for module in policies.own:
        for rule in module.rules:
            for argument in rule["head"].get("args", []):
                if argument["type"] == "var" and _is_unused(argument["value"], rule):
                    yield breach(
                        module,
                        line_of(argument),
                        f"{rule_name(rule)} does not use its argument {argument['value']}",
                        "Remove the argument, or call it `_`.",
                    )


def nothing_is_shadowed(policies: Policies) -> Iterator[Finding]:
    """Call nothing like a built-in: with a variable `count`, nobody can count.

    Rules, arguments, local variables and imports are called neither like a built-in, nor like the
    first word of one (`time`, `json`), nor `input` or `data`.
    """
    taken = _ROOTS | {name.partition(".")[0] for name in policies.workspace.builtins}
    for module in policies.own:
        for name, line in _defined(module):
            if name in taken:
                yield breach(
                    module,
                    line,
                    f"{name} is the name of a built-in",
                    "Choose another name; a longer one is clearer anyway.",
                )


def _alive(modules: list[RegoModule]) -> set[str]:
    rules = [rule for module in modules for rule in module.rules]
    defined = {rule_name(rule) for rule in rules}
    alive = {name for name in defined if not name.startswith("_")}
    fresh = alive
    while fresh:
        used = {name for rule in rules if rule_name(rule) in fresh for name in _uses(rule)}
        used |= _full_paths(modules, fresh)
        fresh = (used & defined) - alive
        alive |= fresh
    return alive


def _uses(rule: Node) -> Iterator[str]:
    """Yield the names in a rule, but not the name that its own head gives it."""
    yield from names_in({key: value for key, value in rule.items() if key not in ("head", "else")})
    yield from names_in({key: value for key, value in rule["head"].items() if key != "ref"})
    yield from names_in(rule["head"]["ref"][1:])
    if "else" in rule:
        yield from _uses(rule["else"])


def _full_paths(modules: list[RegoModule], fresh: set[str]) -> set[str]:
    """Return the rules to which the modules refer by their package (`data.a.b._rule`)."""
    if not fresh:
        return set()
    found = set()
    for module in modules:
        prefix = ("data", *module.package)
        for reference, _ in module.references:
            if reference[: len(prefix)] == prefix and len(reference) > len(prefix):
                found.add(reference[len(prefix)])
    return found


def _is_unused(argument: str, rule: Node) -> bool:
    if argument.startswith(("$", "_")):  # wildcards are $0, $1, … in the tree
        return False
    inside = {key: value for key, value in rule.items() if key != "head"}
    head = {key: value for key, value in rule["head"].items() if key not in ("args", "ref")}
    used = [*names_in(inside), *names_in(head), *names_in(rule["head"]["ref"][1:])]
    others = [name for name in names_in(rule["head"]["args"]) if name == argument]
    return argument not in used and len(others) == 1


def _defined(module: RegoModule) -> Iterator[tuple[str, int]]:
    for entry in module.imports:
        yield alias_of(entry), line_of(entry)
    for rule in module.rules:
        yield rule_name(rule), line_of(rule)
    for node in nodes(module.rules):
        for argument in node.get("args", []):
            if argument["type"] == "var":
                yield argument["value"], line_of(argument)
        yield from _locals(node)


def _locals(node: Node) -> Iterator[tuple[str, int]]:
    """Yield what `:=`, `some` and `every` bring into being."""
    terms = node.get("terms")
    if isinstance(terms, list) and _operator(terms) == "assign":
        yield from _variables(terms[1])
    if isinstance(terms, dict) and "symbols" in terms:
        for symbol in terms["symbols"]:
            declared = symbol["value"][1:-1] if symbol["type"] == "call" else [symbol]
            for term in declared:
                yield from _variables(term)
    if isinstance(terms, dict) and "domain" in terms:
        for term in (terms.get("key"), terms["value"]):
            if term:
                yield from _variables(term)


def _operator(terms: list[Node]) -> str:
    return ".".join(str(part["value"]) for part in terms[0]["value"])


def _variables(term: Node) -> Iterator[tuple[str, int]]:
    """Yield the variables that a pattern binds: itself, or those in an array or object."""
    for node in nodes(term):
        if node.get("type") == "var":
            yield str(node["value"]), line_of(node)
