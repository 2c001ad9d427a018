"""What the hooks of a node may change after its table is made, by the words of their statements.

A hook may call macros, whose code the manifest has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lakewarden_collector.document import CLUSTER_BY_AUTO, CLUSTERING_KEYS
from lakewarden_collector.planned import OTHER_PROPERTIES
from lakewarden_collector.sources.dbt.artifacts import Project
from lakewarden_collector.sources.dbt.values import mapping

_CLUSTERING: Final = (f"properties.{CLUSTERING_KEYS}", f"properties.{CLUSTER_BY_AUTO}")
_HOOKS: Final = (
    (re.compile(r"\bcluster\s+by\b", re.IGNORECASE), _CLUSTERING),
    (re.compile(r"\b(un)?set\s+tblproperties\b", re.IGNORECASE), (OTHER_PROPERTIES,)),
    (re.compile(r"\bowner\s+to\b", re.IGNORECASE), ("owner",)),
    (re.compile(r"\bcomment\s+on\s+table\b", re.IGNORECASE), ("comment",)),
    (re.compile(r"\b(un)?set\s+tags?\b", re.IGNORECASE), ("tags",)),
    (re.compile(r"\b(add|drop|rename|alter|change)\s+columns?\b", re.IGNORECASE), ("columns",)),
)
"""What a hook after the run may change, by words of its statement."""

_CALLED: Final = re.compile(r"\b([A-Za-z_]\w*)\s*\(")


def changed_by_hooks(node: Mapping[str, Any], project: Project) -> Iterator[str]:
    """Yield the parts of a document that the node's hooks may change."""
    config = mapping(node.get("config"))
    hooks = config.get("post-hook") or config.get("post_hook") or []
    for hook in hooks if isinstance(hooks, list) else [hooks]:
        text = mapping(hook).get("sql", hook)
        for statement in _statements(text, node, project) if isinstance(text, str) else ():
            for words, parts in _HOOKS:
                if words.search(statement):
                    yield from parts


def _statements(text: str, node: Mapping[str, Any], project: Project) -> Iterator[str]:
    """Yield a hook's text, and that of each macro that it calls, itself or by another."""
    yield text
    names = set(_CALLED.findall(text))
    left = [each for each in _macros_of(node) if each.rpartition(".")[2] in names]
    seen: set[str] = set()
    while left:
        key = left.pop()
        if key not in seen:
            seen.add(key)
            macro = mapping(project.macros().get(key))
            if isinstance(code := macro.get("macro_sql"), str):
                yield code
            left += _macros_of(macro)


def _macros_of(values: Mapping[str, Any]) -> list[str]:
    """Return the ids of the macros that a node or macro depends on."""
    found = mapping(values.get("depends_on")).get("macros")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
