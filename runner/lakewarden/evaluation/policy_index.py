"""The policy index: which policies there are, read from the modules that the engine itself has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct

from lakewarden.engines.bundle.annotations import related_pages
from lakewarden.engines.bundle.references import settings_read
from lakewarden.engines.interface import Module
from lakewarden.evaluation.name_patterns import there_is
from lakewarden.model.decision import DECLARED, Enforcement, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import (
    ABOUT_TABLES,
    ABOUT_WAIVERS,
    Examples,
    Policy,
    WhatIfAsked,
)
from lakewarden.model.report import FactLabel
from lakewarden_collector.decoding import Converter
from lakewarden_collector.patterns import Pattern, any_matches

ROUTER: Final = "lakewarden.main"
_ROOT: Final = "lakewarden"
_LIB: Final = "lakewarden.lib"
_DEPTH: Final = 4


class _Custom(Struct, frozen=True):
    severity: Severity
    enforcement: Literal["mandatory", "advisory"]
    remediation: str
    why: str = ""
    exemptions: tuple[str, ...] = ()
    examples: Examples | None = None
    what_if: WhatIfAsked | None = None


class _Annotations(Struct, frozen=True):
    title: str
    description: str
    custom: _Custom


class _Domain(Struct, frozen=True):
    facts: dict[str, str | FactLabel] = {}


class _DomainAnnotations(Struct, frozen=True):
    custom: _Domain = _Domain()


_to_annotations: Final = Converter(_Annotations)
_to_domain: Final = Converter(_DomainAnnotations)


def index_policies(modules: Iterable[Module]) -> tuple[Policy, ...]:
    """Return the policies about tables among the modules, sorted by policy id.

    Raises `ConfigurationError` where there are none, where the router is missing, and for a
    policy whose annotation lacks something.
    """
    modules = list(modules)
    policies = _indexed(modules, ABOUT_TABLES)
    if not policies:
        raise ConfigurationError(
            "there are no policies: no module has a package lakewarden.tables.<domain>.<policy>",
            remedy="Name a folder that holds lakewarden/tables/<domain>/<policy>/<policy>.rego "
            "with --policy-source.",
        )
    if not any(module.package == ROUTER for module in modules):
        raise ConfigurationError(
            f"the policies have no router, package {ROUTER}",
            remedy="Load the policies that ship with Lakewarden alongside your own.",
        )
    return tuple(policies[policy_id] for policy_id in sorted(policies))


def index_waiver_policies(modules: Iterable[Module]) -> tuple[Policy, ...]:
    """Return the policies about waivers among the modules, sorted by policy id; there may be none.

    Raises `ConfigurationError` for a policy whose annotation lacks something, and for a domain that
    has policies about tables, too: the two would share their ids and settings.
    """
    modules = list(modules)
    policies = _indexed(modules, ABOUT_WAIVERS)
    taken = {policy_id.partition(".")[0] for policy_id in _ids(modules, ABOUT_TABLES)}
    for policy_id, policy in sorted(policies.items()):
        domain = policy_id.partition(".")[0]
        if domain in taken:
            raise ConfigurationError(
                f"the domain {domain} has policies about tables and about waivers",
                where=policy.path,
                remedy="Give those about waivers a domain of their own.",
            )
    return tuple(policies[policy_id] for policy_id in sorted(policies))


def select(
    policies: Sequence[Policy], patterns: Sequence[str], *, where: str = "--policy"
) -> tuple[Policy, ...]:
    """Return the policies whose id matches one of the patterns; all, where there are none.

    Raises `ConfigurationError` for a pattern that matches nothing.
    """
    wanted = [Pattern(pattern) for pattern in patterns]
    for pattern in wanted:
        if not any(pattern.matches(policy.policy_id) for policy in policies):
            raise ConfigurationError(
                f"no policy matches {pattern.text}",
                where=where,
                remedy=there_is(pattern.text, [each.policy_id for each in policies], "policy")
                + " See `lakewarden policies list`.",
            )
    return tuple(
        policy for policy in policies if not wanted or any_matches(wanted, policy.policy_id)
    )


def fact_labels(modules: Iterable[Module], policies: Iterable[Policy]) -> dict[str, FactLabel]:
    """Return how reports show the facts of the policies' domains, by `<domain>.<fact>`.

    They stand in the annotation of the package `lakewarden.lib.<domain>`, under `custom.facts`: by
    the fact's name its label, or `label` and `values`, the words for its values. Raises
    `ConfigurationError` where they can't be read.
    """
    domains = {policy.policy_id.partition(".")[0] for policy in policies}
    labels: dict[str, FactLabel] = {}
    for module in modules:
        parent, _, domain = module.package.rpartition(".")
        if parent != _LIB or domain not in domains:
            continue
        try:
            facts = _to_domain(module.annotations).custom.facts
        except msgspec.ValidationError as error:
            raise ConfigurationError(
                f"the METADATA annotation of package {module.package}: {error}",
                where=module.path,
                remedy="Under custom.facts, give each fact a label: `small: Small table`, or a "
                "mapping with `label` and `values`, the words for its values.",
            ) from error
        for name, label in facts.items():
            known = FactLabel(label=label) if isinstance(label, str) else label
            labels[f"{domain}.{name}"] = known
    return dict(sorted(labels.items()))


def _ids(modules: Iterable[Module], tree: str) -> dict[str, Module]:
    """Return the modules of policies by policy id."""
    named = ((module.package.split("."), module) for module in modules)
    return {
        ".".join(parts[2:]): module
        for parts, module in named
        if len(parts) == _DEPTH and parts[:2] == [_ROOT, tree]
    }


def _indexed(modules: Sequence[Module], tree: str) -> dict[str, Policy]:
    read = settings_read((module.package, module.text) for module in modules)
    return {
        policy_id: _policy(policy_id, module, read[policy_id])
        for policy_id, module in _ids(modules, tree).items()
    }


def _policy(policy_id: str, module: Module, read: tuple[str, ...] | None) -> Policy:
    try:
        words = _to_annotations(module.annotations)
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            f"the METADATA annotation of package {module.package}: {error}",
            where=module.path,
            remedy="Annotate the package with title, description, and under custom: severity "
            f"({', '.join(Severity)}), enforcement ({', '.join(DECLARED)}), remediation.",
        ) from error
    return Policy(
        policy_id=policy_id,
        title=words.title,
        description=words.description.strip(),
        severity=words.custom.severity,
        enforcement=Enforcement(words.custom.enforcement),
        remediation=words.custom.remediation.strip(),
        path=module.path,
        why=words.custom.why.strip(),
        settings=read,
        exemptions=words.custom.exemptions,
        examples=words.custom.examples,
        what_if=words.custom.what_if,
        pages=tuple(
            address
            for address, _ in related_pages(module.annotations)
            if address.startswith(("https://", "http://"))
        ),
    )
