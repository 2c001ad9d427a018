"""The configuration part of a plan: which resources are declared, and what they refer to.

Terraform lists the references of an expression, never the expression: `count = var.n` and
`count = var.n == 0 ? 1 : 0` look the same. The files beside the plan have the expressions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from lakewarden_collector.sources.terraform.attributes import mapping, marked

if TYPE_CHECKING:
    from lakewarden_collector.sources.terraform.source_files import SourceFiles

TABLE: Final = "databricks_sql_table"

Keys: TypeAlias = tuple[str | None, ...]
_ResourceKey: TypeAlias = tuple[tuple[str, ...], str, str]
"""The modules by name, the type and the name of a resource."""

Place: TypeAlias = tuple[str, ...]
"""A block: its kind and labels, such as `("resource", "databricks_sql_table", "orders")`."""

_MODULE: Final = re.compile(r'(?:^|\.)module\.([^.\[]+)(?:\[("(?:[^"\\]|\\.)*"|[^\]]*)\])?')
_REFERENCE: Final = re.compile(
    r'(?P<head>[^.\[]+)\.(?P<name>[^.\[]+)(?:\[(?P<index>"(?:[^"\\]|\\.)*"|[^\]]*)\])?'
    r"(?:\.(?P<attribute>[^.\[]+))?"
)
_COUNT: Final = re.compile(
    r"toset\(\s*var\.(?P<set>[\w-]+)\s*\)"
    r"|(?P<not>!?)\s*var\.(?P<name>[\w-]+)(?:\s*\?\s*(?P<yes>\d+)\s*:\s*(?P<no>\d+))?"
)
_IN_TEXT: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[[^\]]*\])+")
"""Whatever looks like a reference in the text of an expression."""
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
        for name, call in mapping(self.content.get("module_calls")).items():
            if isinstance(call, dict):
                yield Module((*self.path, name), mapping(call.get("module")), call, self)

    def counts(self, resource: Mapping[str, Any]) -> list[Expression]:
        """Return what decides how many instances of a resource there are, its modules' included."""
        found: list[Expression] = []
        place: Place = ("resource", str(resource.get("type")), str(resource.get("name")))
        module: Module | None = self
        declared = resource
        while module is not None:
            found += [
                Expression(module, place, name, declared[f"{name}_expression"])
                for name in ("count", "for_each")
                if f"{name}_expression" in declared
            ]
            place = ("module", module.path[-1] if module.path else "")
            declared, module = module.call, module.parent
        return found


class Expression(Struct, frozen=True, eq=False):
    """An expression: the module and block that it stands in, its attribute, and what a plan has."""

    module: Module
    place: Place
    attribute: str
    content: object


class Configuration:
    """The configuration of a plan, beside what the plan knows of the resources in it."""

    def __init__(self, content: Mapping[str, Any], files: SourceFiles) -> None:
        self._files = files
        root = mapping(mapping(content.get("configuration")).get("root_module"))
        self._variables = mapping(content.get("variables"))
        self.modules: dict[tuple[str, ...], Module] = {}
        self._declared: dict[_ResourceKey, Mapping[str, Any]] = {}
        left = [Module((), root, {}, None)]
        while left:
            module = left.pop()
            self.modules[module.path] = module
            left.extend(module.calls())
            for each in module.resources():
                kind, name = str(each.get("type")), str(each.get("name"))
                self._declared.setdefault((module.path, kind, name), each)
        self._changes: dict[_ResourceKey, list[Mapping[str, Any]]] = {}
        self._instances: dict[tuple[object, ...], Mapping[str, Any]] = {}
        for change in _list(content.get("resource_changes")):
            if isinstance(change, dict) and (key := key_of(change)):
                self._changes.setdefault(key, []).append(change)
                if "deposed" not in change:
                    instance = (*key, keys_of(change), index_of(change))
                    self._instances.setdefault(instance, change)

    def tables(self) -> Iterator[tuple[Module, Mapping[str, Any]]]:
        """Yield every declared table with its module."""
        for module in self.modules.values():
            for resource in module.resources():
                if resource.get("type") == TABLE and resource.get("mode", "managed") == "managed":
                    yield module, resource

    def knowledge(self, expression: Expression) -> Sequence[Knowledge]:
        """Return what is known of each reference of an expression."""
        return self._all_known(expression.module, references(expression.content), 0)

    def is_empty(self, expression: Expression) -> bool | None:
        """Whether it makes no instance; None where that can't be told.

        It can of constants, and in the files beside the plan of a variable alone and of one that
        decides between two numbers.
        """
        found, value = self._constant(expression, 0)
        return not value if found else None

    def module_of(self, change: Mapping[str, Any]) -> Module | None:
        """Return the module that a change is in; None where the plan doesn't have it."""
        key = key_of(change)
        return self.modules.get(key[0]) if key else None

    def declared(self, module: Module, kind: str, name: str) -> Mapping[str, Any]:
        """Return the declaration of a resource in a module; empty where there is none."""
        return self._declared.get((module.path, kind, name), {})

    def instance(
        self, module: Module, keys: Keys, kind: str, name: str, key: str | None
    ) -> Mapping[str, Any] | None:
        """Return the change of one instance of a resource; `keys` are those of the modules."""
        return self._instances.get((module.path, kind, name, keys, key))

    def _constant(self, expression: Expression, depth: int) -> tuple[bool, object]:
        module, content = expression.module, mapping(expression.content)
        if "constant_value" in content:
            return True, content["constant_value"]
        text = self._files.expression(module, expression.place, expression.attribute)
        written = _COUNT.fullmatch((text or "").strip())
        if written is None or depth > DEEPEST:
            return False, None
        name = written["name"] or written["set"]
        if references(content) != [f"var.{name}"]:
            return False, None
        found, value = self._variable(module, name, depth)
        if isinstance(value, str):  # a variable of no type that the command line sets
            value = {"false": False, "true": True, "0": 0}.get(value, value)
        if written["yes"] is None:
            return found, value
        decided = bool(value) != bool(written["not"])
        return found and isinstance(value, bool), int(written["yes" if decided else "no"])

    def _variable(self, module: Module, name: str, depth: int) -> tuple[bool, object]:
        if module.parent is None:
            variable = self._variables.get(name)
            return isinstance(variable, dict), mapping(variable).get("value")
        arguments = mapping(module.call.get("expressions"))
        if name in arguments:
            place = "module", module.path[-1]
            outer = Expression(module.parent, place, name, arguments[name])
            return self._constant(outer, depth + 1)
        default = mapping(mapping(module.content.get("variables")).get(name))
        return "default" in default, default.get("default")

    def _all_known(self, module: Module, listed: Sequence[str], depth: int) -> list[Knowledge]:
        return [self._known(module, each, depth) for each in listed]

    def _known(self, module: Module, reference: str, depth: int) -> Knowledge:  # noqa: C901, PLR0911 -- a line for each kind of reference
        found = _REFERENCE.match(reference)
        if found is None or depth > DEEPEST:
            return Knowledge.UNSURE
        head, name, field = found["head"], found["name"], found["attribute"]
        if head in {"path", "terraform"}:
            return Knowledge.KNOWN
        if head == "var":
            argument = mapping(module.call.get("expressions")).get(name)
            if module.parent is None or argument is None:
                return Knowledge.KNOWN
            return _all(self._all_known(module.parent, references(argument), depth + 1))
        if head == "local":
            text = self._files.expression(module, ("locals",), name)
            if text is None:
                return Knowledge.UNSURE
            return _all(self._all_known(module, _IN_TEXT.findall(text), depth + 1))
        if head == "module" and field:
            child = self.modules.get((*module.path, name))
            output = mapping(mapping(child.content.get("outputs")).get(field)) if child else {}
            if child is None or "expression" not in output:
                return Knowledge.UNSURE
            return _all(self._all_known(child, references(output["expression"]), depth + 1))
        changes = self._changes.get((module.path, head, name), ())
        if not changes or not field:
            return Knowledge.UNSURE
        unknown = [mapping(each.get("change")).get("after_unknown") for each in changes]
        if any(each is True or marked(mapping(each).get(field)) for each in unknown):
            return Knowledge.UNKNOWN
        return Knowledge.KNOWN


def key_of(change: Mapping[str, Any]) -> _ResourceKey | None:
    """Return the modules by name, the type and the name of the resource that a change is of."""
    kind, name = change.get("type"), change.get("name")
    if not isinstance(kind, str) or not isinstance(name, str):
        return None
    return tuple(module for module, _ in _modules_of(change)), kind, name


def keys_of(change: Mapping[str, Any]) -> Keys:
    """Return the key of each module that a change is in, the outermost first; None without one."""
    return tuple(unquoted(key) if key else None for _, key in _modules_of(change))


def index_of(change: Mapping[str, Any]) -> str | None:
    """Return the key of the instance that a change is of."""
    index = change.get("index")
    return None if index is None else str(index)


def _modules_of(change: Mapping[str, Any]) -> list[tuple[str, str]]:
    address = change.get("module_address")
    return _MODULE.findall(address) if isinstance(address, str) else []


def unquoted(key: str) -> str:
    """Return a key as text: `"a"` and `0` are written in brackets behind an address."""
    try:
        return str(json.loads(key))
    except ValueError:
        return key.strip('"')


def references(expression: object) -> list[str]:
    """Return what an expression refers to, without the beginnings that Terraform lists too."""
    listed = _list(mapping(expression).get("references"))
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


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
