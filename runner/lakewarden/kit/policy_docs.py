"""A bundle root's policies and settings in words, as pages and lists need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from msgspec import Struct

from lakewarden.engines.bundle.annotations import annotated, related_pages
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.engines.interface import Module
from lakewarden.evaluation.policy_index import ROUTER, index_policies, index_waiver_policies
from lakewarden.model.policy import Policy
from lakewarden.resources import shipped_policies
from lakewarden.settings.settings import load_schemas


class Link(Struct, frozen=True):
    """Further reading: an address, and what it is where the annotation says so."""

    address: str
    text: str


class Described(Struct, frozen=True, kw_only=True):
    """A policy by its annotation alone, whatever the settings make of it."""

    policy: Policy
    links: tuple[Link, ...] = ()

    @property
    def domain(self) -> str:
        """The first half of the policy's id."""
        return self.policy.policy_id.partition(".")[0]

    @property
    def name(self) -> str:
        """The second half of the policy's id."""
        return self.policy.policy_id.partition(".")[2]


class Root(Struct, frozen=True, kw_only=True):
    """All that one bundle root holds to be written about."""

    policies: tuple[Described, ...]
    schemas: Mapping[str, dict[str, Any]]
    """Domain to its settings schema; without properties for a domain without settings."""

    @property
    def domains(self) -> dict[str, tuple[Described, ...]]:
        """Domain to its policies, both sorted by name; those about waivers are last."""
        names = {each.domain: each.policy.is_about_waivers for each in self.policies}
        return {
            name: tuple(each for each in self.policies if each.domain == name)
            for name in sorted(names, key=lambda name: (names[name], name))
        }


def describe(modules: Sequence[Module]) -> tuple[Described, ...]:
    """Return the policies among an engine's modules, sorted by id, those about waivers last.

    Raises `ConfigurationError` as `index_policies` does.
    """
    modules = list(modules)
    annotations = {module.path: module.annotations for module in modules}
    return tuple(
        Described(
            policy=policy, links=tuple(starmap(Link, related_pages(annotations[policy.path])))
        )
        for policy in (*index_policies(modules), *index_waiver_policies(modules))
    )


def read_root(root: Path) -> Root:
    """Read one bundle root without an engine; see `read_roots`."""
    return read_roots([root])


def read_roots(roots: Sequence[Path]) -> Root:
    """Read bundle roots without an engine; they may lack the router, as a user's own does.

    Raises `ConfigurationError` for roots without policies, or with one that cannot be described.
    """
    modules = read_policies(roots)
    if not any(module.package == ROUTER for module in modules):
        shipped = read_policies([shipped_policies()])
        modules += tuple(module for module in shipped if module.package == ROUTER)
    return Root(
        policies=describe([annotated(module) for module in modules]),
        schemas=load_schemas(roots),
    )
