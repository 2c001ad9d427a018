"""The configuration part of a plan: which resources are declared, and what they refer to.

Terraform lists the references of an expression, never the expression: `count = var.n` and
`count = var.n == 0 ? 1 : 0` look the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final

from msgspec import Struct

from lakewarden_collector.sources.terraform.attributes import marked

TABLE: Final = "databricks_sql_table"
_MODULE: Final = re.compile(r'(?:^|\.)module\.([^.\[]+)(?:\[("(?:[^"\\]|\\.)*"|[^\]]*)\])?')
_REFERENCE: Final = re.compile(
    r'(?P<head>[^.\[]+)\.(?P<name>[^.\[]+)(?:\[(?P<index>"(?:[^"\\]|\\.)*"|[^\]]*)\])?'
    r"(?:\.(?P<attribute>[^.\[]+))?"
)
DEEPEST: Final = 50
"""How many references are followed one after another; Terraform allows no circles."""


class Knowledge(Enum):
    """What a plan tells about the values that an expression refers to."""

    KNOWN = auto()
    UNKNOWN = auto()
    UNSURE = auto()


class Module(Struct, frozen=True, eq=False):
    """A module of the configuration, and the call that it comes from."""

    path: tuple[str, ...]
    content: Mapping[str, Any]
    call: Mapping[str, Any]
    parent: Module | None

    def resources(self) -> Iterator[Mapping[str, Any]]:
        """Yield the resources that it declares."""
        yield from (each for each in _list(self.content.get("resources")) if isinstance(each, dict))

    def calls(self) -> Iterator[Module]:
        """Yield the modules that it calls."""
        for name, call in _map(self.content.get("module_calls")).items():
            if isinstance(call, dict):
                yield Module((*self.path, name), _map(call.get("module")), call, self)

    def expressions(self, resource: Mapping[str, Any]) -> list[tuple[Module, object]]:
        """Return what decides how many instances there are, each with the module it stands in."""
        found: list[tuple[Module, object]] = []
        module: Module | None = self
        declared = resource
        while module is not None:
            keys = "count_expression", "for_each_expression"
            found += [(module, declared[key]) for key in keys if key in declared]
            declared, module = module.call, module.parent
        return found


class Configuration:
    """The configuration of a plan, beside what the plan knows of the resources in it."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        root = _map(_map(content.get("configuration")).get("root_module"))
        self._variables = _map(content.get("variables"))
        self.modules: dict[tuple[str, ...], Module] = {}
        left = [Module((), root, {}, None)]
        while left:
            module = left.pop()
            self.modules[module.path] = module
            left.extend(module.calls())
        self._changes: dict[tuple[tuple[str, ...], str, str], list[Mapping[str, Any]]] = {}
        for change in _list(content.get("resource_changes")):
            if isinstance(change, dict) and (key := key_of(change)):
                self._changes.setdefault(key, []).append(change)

    def tables(self) -> Iterator[tuple[Module, Mapping[str, Any]]]:
        """Yield every declared table with its module."""
        for module in self.modules.values():
            for resource in module.resources():
                if resource.get("type") == TABLE and resource.get("mode", "managed") == "managed":
                    yield module, resource

    def knowledge(self, module: Module, expression: object, depth: int = 0) -> Sequence[Knowledge]:
        """Return what is known of each reference of an expression."""
        return [self._known(module, each, depth) for each in references(expression)]

    def is_empty(self, module: Module, expression: object, depth: int = 0) -> bool:
        """Whether an expression is, as far as can be seen, a constant that makes no instance."""
        found, value = self._constant(module, expression, depth)
        return found and not value

    def declared(self, module: Module, kind: str, name: str) -> Mapping[str, Any]:
        """Return the declaration of a resource in a module; empty where there is none."""
        return next(
            (
                each
                for each in module.resources()
                if (each.get("type"), each.get("name")) == (kind, name)
            ),
            {},
        )

    def changes(self, path: tuple[str, ...], kind: str, name: str) -> Sequence[Mapping[str, Any]]:
        """Return the changes of a resource, of every instance of it and of its module."""
        return self._changes.get((path, kind, name), ())

    def _constant(self, module: Module, expression: object, depth: int) -> tuple[bool, object]:
        content = _map(expression)
        if "constant_value" in content:
            return True, content["constant_value"]
        listed = references(expression)
        found = _REFERENCE.fullmatch(listed[0]) if len(listed) == 1 else None
        if found is None or found["head"] != "var" or found["attribute"] or depth > DEEPEST:
            return False, None
        if module.parent is None:
            variable = self._variables.get(found["name"])
            return isinstance(variable, dict), _map(variable).get("value")
        arguments = _map(module.call.get("expressions"))
        if found["name"] in arguments:
            return self._constant(module.parent, arguments[found["name"]], depth + 1)
        default = _map(_map(module.content.get("variables")).get(found["name"]))
        return "default" in default, default.get("default")

    def _known(self, module: Module, reference: str, depth: int) -> Knowledge:  # noqa: PLR0911 -- a line for each kind of reference
        found = _REFERENCE.match(reference)
        if found is None or depth > DEEPEST:
            return Knowledge.UNSURE
        head, name, field = found["head"], found["name"], found["attribute"]
        if head in {"path", "terraform"}:
            return Knowledge.KNOWN
        if head == "var":
            argument = _map(module.call.get("expressions")).get(name)
            if module.parent is None or argument is None:
                return Knowledge.KNOWN
            return _all(self.knowledge(module.parent, argument, depth + 1))
        if head == "module" and field:
            child = self.modules.get((*module.path, name))
            output = _map(_map(child.content.get("outputs")).get(field)) if child else {}
            if child is None or "expression" not in output:
                return Knowledge.UNSURE
            return _all(self.knowledge(child, output["expression"], depth + 1))
        changes = self.changes(module.path, head, name)
        if not changes or not field:
            return Knowledge.UNSURE
        unknown = [_map(each.get("change")).get("after_unknown") for each in changes]
        if any(each is True or marked(_map(each).get(field)) for each in unknown):
            return Knowledge.UNKNOWN
        return Knowledge.KNOWN


def key_of(change: Mapping[str, Any]) -> tuple[tuple[str, ...], str, str] | None:
    """Return the modules by name, the type and the name of the resource that a change is of."""
    kind, name = change.get("type"), change.get("name")
    if not isinstance(kind, str) or not isinstance(name, str):
        return None
    return tuple(module for module, _ in instances_of(change)), kind, name


def instances_of(change: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Return the modules that a change is in, the outermost first, each with its key if any."""
    address = change.get("module_address")
    found = _MODULE.findall(address) if isinstance(address, str) else []
    return [(module, unquoted(key) if key else None) for module, key in found]


def unquoted(key: str) -> str:
    """Return a key as text: `"a"` and `0` are written in brackets behind an address."""
    try:
        return str(json.loads(key))
    except ValueError:
        return key.strip('"')


def references(expression: object) -> list[str]:
    """Return what an expression refers to, without the beginnings that Terraform lists too."""
    listed = _list(_map(expression).get("references"))
    texts = list(dict.fromkeys(each for each in listed if isinstance(each, str)))
    return [
        each
        for each in texts
        if not any(other.startswith((f"{each}.", f"{each}[")) for other in texts)
    ]


def _all(known: Sequence[Knowledge]) -> Knowledge:
    for worst in (Knowledge.UNKNOWN, Knowledge.UNSURE):
        if worst in known:
            return worst
    return Knowledge.KNOWN


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
