"""Two traps of Rego that make a policy decide wrongly without anybody noticing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from lakewarden.kit.conventions.interface import Policies, breach
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import Node, line_of, nodes, static_parts

_COMPARISONS: Final = {"equal", "eq", "neq", "lt", "lte", "gt", "gte"}
_PLAIN: Final = {"var", "string", "number", "boolean"}
"""Parts of a reference that OPA leaves where they are when it negates."""


def only_plain_references_are_negated(policies: Policies) -> Iterator[Finding]:
    """Negate no call: `not f(input.x)` is undefined in OPA without input.x, and true in Regorus.

    OPA takes arguments out of the negation. A helper rule that states the condition positively
    can be negated safely: `not _known` with `_known if f(input.x)`.
    """
    for module in policies.rules:
        for node in nodes(module.rules):
            if node.get("negated") and not _is_plain(node["terms"]):
                yield breach(
                    module,
                    line_of(node),
                    "it negates a call or a comparison, which is undefined where an argument is",
                    "Write `_good if …` and negate that: `not _good`.",
                )


def nothing_is_compared_with_null(policies: Policies) -> Iterator[Finding]:
    """Compare nothing with null: what is not known is absent, so `!= null` says nothing."""
    for module in policies.rules:
        for node in nodes(module.rules):
            parts = node.get("terms") if "terms" in node else node.get("value")
            if _is_comparison(parts) and any(part.get("type") == "null" for part in parts[1:]):
                yield breach(
                    module,
                    line_of(parts[0]),
                    "it compares with null, but unknown values are absent from a document",
                    "Check the type (is_number, is_string, is_array), or just for the field.",
                )


def _is_comparison(parts: Any) -> TypeGuard[list[Node]]:  # noqa: ANN401 -- a piece of JSON
    if not isinstance(parts, list) or not parts or not isinstance(parts[0], dict):
        return False
    return parts[0].get("type") == "ref" and ".".join(static_parts(parts[0])) in _COMPARISONS


def _is_plain(terms: Node | list[Node]) -> bool:
    if isinstance(terms, list):
        return False
    parts = terms["value"] if terms["type"] == "ref" else [terms]
    return all(part["type"] in _PLAIN for part in parts)
