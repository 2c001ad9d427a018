"""The modules that an OPA server holds, as the engine interface describes modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lakewarden.engines.bundle.annotations import package_annotations
from lakewarden.engines.bundle.purity import IMPURE, impure, line_of
from lakewarden.engines.bundle.stage import ROOT
from lakewarden.engines.interface import Module

if TYPE_CHECKING:
    from lakewarden.engines.opa.connection import ServerModule


def modules_of(policies: Iterable[ServerModule]) -> Sequence[Module]:
    """Return the modules under package `lakewarden`, sorted by path; others are not ours."""
    modules = [
        Module(
            path=_path_in_bundle(policy.id, package),
            package=".".join(package),
            text=policy.raw,
            annotations=_annotations(policy),
        )
        for policy in policies
        if (package := _package(policy.ast))[:1] == [ROOT]
    ]
    return sorted(modules, key=lambda module: module.path)


def _package(ast: Mapping[str, Any]) -> list[str]:
    """Return the package path without its first term, `data`."""
    return [str(term.get("value")) for term in ast.get("package", {}).get("path", [])[1:]]


def _annotations(policy: ServerModule) -> dict[str, Any]:
    """Return the package's annotations; before 1.17, servers have them in the text alone."""
    for annotation in policy.ast.get("annotations") or []:
        if annotation.get("scope") == "package":
            return {key: value for key, value in annotation.items() if key != "scope"}
    return package_annotations(policy.raw, policy.id)


def _path_in_bundle(policy_id: str, package: Sequence[str]) -> str:
    """Return the part of the id from the bundle root on.

    A bundle's ids are `<bundle>/<path as loaded>`, so the root's own directories come first. The
    folder of a module repeats its package, or the beginning of it.
    """
    parts = policy_id.split("/")
    for length in range(len(package), 0, -1):
        for start in range(len(parts) - length - 1, -1, -1):
            if parts[start : start + length] == list(package[:length]):
                return "/".join(parts[start:])
    return policy_id


def reject_impure_trees(policies: Iterable[ServerModule]) -> None:
    """Raise `ConfigurationError` if a module of ours calls an impure built-in.

    The server's syntax trees are searched, which no spelling deceives; the text gives the line.
    """
    for policy in policies:
        if _package(policy.ast)[:1] == [ROOT]:
            for name in _references(policy.ast):
                if name in IMPURE:
                    raise impure(name, f"{policy.id}:{line_of(name, policy.raw)}")


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401 -- JSON of any shape
    if isinstance(node, list):
        for child in node:
            yield from _references(child)
    elif isinstance(node, dict):
        if node.get("type") == "ref":
            yield ".".join(str(term.get("value")) for term in node["value"])
        for child in node.values():
            yield from _references(child)
