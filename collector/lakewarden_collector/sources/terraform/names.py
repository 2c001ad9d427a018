"""Names that a plan knows only after apply, though another resource of the plan has them.

`databricks_catalog.x.id` is the catalog's name. A plan lists what an expression refers to, never
the expression: `"${databricks_catalog.x.id}_raw"` looks the same. So an expression is read in the
`.tf` files beside the plan, and only a reference that stands alone is followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from lakewarden_collector.sources.terraform.attributes import mapping, marked
from lakewarden_collector.sources.terraform.configuration import (
    DEEPEST,
    TABLE,
    Configuration,
    Keys,
    Module,
    Place,
    index_of,
    key_of,
    keys_of,
    references,
    unquoted,
)
from lakewarden_collector.sources.terraform.source_files import SourceFiles, object_entry

_STEP: Final = re.compile(
    r'\s*(?:(?P<name>[\w-]+)|\.\s*(?P<field>[^\W\d][\w-]*)|\[\s*(?P<key>"(?:[^"\\]|\\.)*"|\d+'
    r"|each\.key|count\.index)\s*\])\s*"
)
_SAME: Final = {
    ("catalog_name", "databricks_catalog", "id"): "name",
    ("catalog_name", "databricks_catalog", "name"): "name",
    ("catalog_name", "databricks_schema", "catalog_name"): "catalog_name",
    ("catalog_name", TABLE, "catalog_name"): "catalog_name",
    ("schema_name", "databricks_schema", "name"): "name",
    ("schema_name", TABLE, "schema_name"): "schema_name",
}
"""Which attribute a name is, where it refers to an attribute of a kind of resource."""


class _Key(Struct, frozen=True):
    """The key in brackets that picks one instance of a resource or module."""

    text: str


_Steps = tuple[str | _Key, ...]


class _Scope(Struct, frozen=True):
    """Where an expression stands: an instance of a module, and the block that it belongs to.

    `keys` has the key of each module on the way, and `own` that of the block; None without one.
    """

    module: Module
    keys: Keys
    block: Place
    own: str | None


class Names:
    """Follows references through resources, variables, outputs and locals, as Terraform does."""

    def __init__(self, configuration: Configuration, files: SourceFiles) -> None:
        self._configuration = configuration
        self._files = files

    def find(self, change: Mapping[str, Any], attribute: str) -> str:
        """Return `catalog_name` or `schema_name` of a change; empty where that can't be told."""
        return _Search(self._configuration, self._files, attribute).resource(change)

    def is_written(self, change: Mapping[str, Any], attribute: str) -> bool:
        """Whether the files beside the plan have the expression, so that it can be judged."""
        scope = _scope(self._configuration, change)
        if scope is None:
            return False
        return self._files.expression(scope.module, scope.block, attribute) is not None


class _Search:
    """One search for what an attribute of that name is. Nothing found is an empty text."""

    def __init__(self, configuration: Configuration, files: SourceFiles, attribute: str) -> None:
        self._configuration = configuration
        self._files = files
        self._attribute = attribute
        self._left = DEEPEST

    def resource(self, change: Mapping[str, Any]) -> str:
        """Follow the attribute of a resource."""
        scope = _scope(self._configuration, change)
        if scope is None:
            return ""
        _, kind, name = scope.block
        declared = self._configuration.declared(scope.module, kind, name)
        listed = references(mapping(declared.get("expressions")).get(self._attribute))
        return self._expression(scope, self._attribute, listed)

    def _expression(
        self, scope: _Scope, name: str, listed: Sequence[str] | None, rest: _Steps = ()
    ) -> str:
        """Follow an expression of the scope's block, and `rest` from there, into objects too.

        `listed` is what the plan says that it refers to: a file that has changed since doesn't
        count. None where the plan doesn't say it.
        """
        self._left -= 1
        text = _bare(self._files.expression(scope.module, scope.block, name) or "")
        steps, whole = _steps(text, scope.own), True
        while text and rest and not steps:
            key, *left = rest
            text = _bare(object_entry(text, key.text if isinstance(key, _Key) else key) or "")
            steps, rest, whole = _steps(text, scope.own), tuple(left), False
        if self._left < 0 or not steps:
            return ""
        agrees = listed is None or (
            _agree(text, listed) if whole else any(_agree(text, [each]) for each in listed)
        )
        return self._follow(scope, (*steps, *rest)) if agrees else ""

    def _follow(self, scope: _Scope, steps: _Steps) -> str:
        module, found = scope.module, ""
        match steps:
            case ("var", str(name), *rest):
                if module.parent:
                    block = ("module", module.path[-1])
                    outer = _Scope(module.parent, scope.keys[:-1], block, scope.keys[-1])
                    listed = references(mapping(module.call.get("expressions")).get(name))
                    found = self._expression(outer, name, listed, tuple(rest))
            case ("local", str(name), *rest):
                inner = _Scope(module, scope.keys, ("locals",), None)
                found = self._expression(inner, name, None, tuple(rest))
            case ("each", "value", *rest):
                if scope.own is not None:
                    found = self._expression(scope, "for_each", None, (_Key(scope.own), *rest))
            case ("module", str(name), _Key(key), str(output), *rest):
                found = self._output(scope, (name, key), output, tuple(rest))
            case ("module", str(name), str(output), *rest):
                found = self._output(scope, (name, None), output, tuple(rest))
            case (str(kind), str(name), _Key(key), str(field)):
                found = self._instance(scope, (kind, name, key), field)
            case (str(kind), str(name), str(field)):
                found = self._instance(scope, (kind, name, None), field)
            case _:
                pass
        return found

    def _output(
        self, scope: _Scope, called: tuple[str, str | None], output: str, rest: _Steps
    ) -> str:
        name, key = called
        module = self._configuration.modules.get((*scope.module.path, name))
        if module is None:
            return ""
        declared = mapping(mapping(module.content.get("outputs")).get(output))
        inner = _Scope(module, (*scope.keys, key), ("output", output), None)
        return self._expression(inner, "value", references(declared.get("expression")), rest)

    def _instance(self, scope: _Scope, wanted: tuple[str, str, str | None], field: str) -> str:
        kind, name, key = wanted
        source = _SAME.get((self._attribute, kind, field))
        if source is None:
            return ""
        change = self._configuration.instance(scope.module, scope.keys, kind, name, key)
        return "" if change is None else self._planned(change, source)

    def _planned(self, change: Mapping[str, Any], attribute: str) -> str:
        planned = mapping(change.get("change"))
        unknown, sensitive = planned.get("after_unknown"), planned.get("after_sensitive")
        if sensitive is True or marked(mapping(sensitive).get(attribute)):
            return ""
        if unknown is True or marked(mapping(unknown).get(attribute)):
            return self.resource(change) if attribute == self._attribute else ""
        value = mapping(planned.get("after")).get(attribute)
        return value if isinstance(value, str) else ""


def _scope(configuration: Configuration, change: Mapping[str, Any]) -> _Scope | None:
    key, module = key_of(change), configuration.module_of(change)
    if key is None or module is None:
        return None
    return _Scope(module, keys_of(change), ("resource", *key[1:]), index_of(change))


def _steps(text: str, own: str | None) -> _Steps:
    """Return the steps of a reference that stands alone; none for any other expression."""
    steps: list[str | _Key] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or bool(steps) == (found["name"] is not None):
            return ()
        key = found["key"]
        if key in {"each.key", "count.index"}:
            if own is None:
                return ()
            steps.append(_Key(own))
        else:
            steps.append(found["name"] or found["field"] or _Key(unquoted(key)))
        at = found.end()
    return tuple(steps)


def _bare(text: str) -> str:
    """Return an expression without parentheses, and without `"${…}"` where nothing is beside it."""
    text = text.strip()
    while True:
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1].strip()
        elif text.startswith('"${') and text.endswith('}"'):
            text = text[3:-2].strip("~ ")
        else:
            return text


def _agree(text: str, listed: Sequence[str]) -> bool:
    """Whether a reference is the one that the plan lists, and all that it lists."""
    compact = re.sub(r"\s", "", text)
    return bool(listed) and all(
        re.search(rf"(?:^|\[){re.escape(each)}(?![\w-])", compact)
        for each in (re.sub(r"\s", "", reference) for reference in listed)
    )
