"""Which policies an edit can have flipped: the others need not be decided again.

A policy reaches other packages, the settings and the waivers only by references that begin with
`data` or with what it imports from there. So what it can depend on is in the text of its modules,
of the modules that these name, and so on. A reference that is computed, such as
`data.lakewarden.lib[name]`, counts for everything below the part that is written out: at times too
much is decided again, never too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from lakewarden.engines.bundle.references import (
    Reference,
    code_of,
    imports_of,
    without_imports,
)
from lakewarden.engines.interface import Module
from lakewarden.evaluation.policy_index import ROUTER
from lakewarden.model.policy import Policy
from lakewarden.policy_set import PolicySet
from lakewarden.settings.overrides import Override

_PARTS: Final = r"((?:\.\w+)*)"
_DATA: Final = re.compile(rf"\bdata\b{_PARTS}")
_PART: Final = re.compile(r"\w+")
_TABLES: Final = ("lakewarden", "tables")
_LIB: Final = ("lakewarden", "lib")
_RUN: Final = ("lakewarden_run",)


class Basis(Struct, frozen=True, kw_only=True):
    """All that decisions are a function of, but for the tables."""

    modules: Sequence[Module]
    rules: PolicySet


class Dependents(Struct, frozen=True, kw_only=True):
    """The ids of the policies whose decisions may differ, by why."""

    modules: frozenset[str]
    """Their own code, or code that they reach, is another."""
    settings: frozenset[str]
    """They reach a setting with another value, or their domain's facts do."""
    own_settings: frozenset[str]
    """Those of them that read such a setting by the policy index, or one of another domain."""
    waivers: frozenset[str]
    """They are waived otherwise, or read what is: only for the tables that these waivers cover."""
    enforcement: frozenset[str]
    """They are new, or of another enforcement or severity for some table."""

    @property
    def all(self) -> set[str]:
        """All of them."""
        return {*self.modules, *self.settings, *self.waivers, *self.enforcement}


def affected(before: Basis, now: Basis) -> set[str]:
    """Return the ids of the policies whose decisions may differ; all must be about one clock."""
    return dependents(before, now).all


def dependents(before: Basis, now: Basis) -> Dependents:
    """Return the policies whose decisions may differ, by why; all must be about one clock."""
    everything = {policy.policy_id: policy for policy in now.rules.policies}
    packages = _changed_packages(before.modules, now.modules)
    reading = _Reading(now.modules)
    routed = any(_routed(reading, package) for package in packages)
    settings = set(_changed_settings(before.rules, now.rules))
    waivers = set(before.rules.applied_waivers) ^ set(now.rules.applied_waivers)
    waived = [(*_RUN, "waived")] if waivers else []
    names = {waiver.policy for waiver in waivers}

    def reached(changed: Iterable[Reference]) -> frozenset[str]:
        changed = tuple(changed)
        return frozenset(each for each in everything if changed and reading.of(each, changed))

    by_settings = reached(settings)
    return Dependents(
        modules=frozenset(everything) if routed else reached(packages),
        settings=by_settings,
        own_settings=frozenset(
            each for each in by_settings if _reads(everything[each], reading, settings)
        ),
        waivers=frozenset(names & everything.keys()) | reached(waived),
        enforcement=frozenset(_changed_bites(before.rules, now.rules) & everything.keys()),
    )


def reached_modules(modules: Sequence[Module], policy_ids: Iterable[str]) -> list[Module]:
    """Return the modules of policies, and those that they reach."""
    reading = _Reading(modules)
    found: set[Reference] = set()
    for policy_id in policy_ids:
        package = (*_TABLES, *policy_id.split("."))
        found |= {package, *reading.closure(package)}
    return [
        module
        for module in modules
        if any(_touch(tuple(module.package.split(".")), each) for each in found if each)
    ]


def _reads(policy: Policy, reading: _Reading, settings: Iterable[Reference]) -> bool:
    """Whether a policy reads one of these settings: rule by rule those of its own domain."""
    domain = policy.policy_id.partition(".")[0]
    own = {name for *_, where, name in settings if where == domain}
    if own and (policy.settings is None or own.intersection(policy.settings)):
        return True
    others = [each for each in settings if each[-2] != domain]
    return bool(others) and reading.of(policy.policy_id, others)


def _changed_packages(before: Sequence[Module], now: Sequence[Module]) -> set[Reference]:
    old, new = ({(each.path, each.package, each.text) for each in one} for one in (before, now))
    return {tuple(package.split(".")) for _, package, _ in old ^ new}


def _routed(reading: _Reading, package: Reference) -> bool:
    """Tell whether a package is part of the router, or read by it for every policy.

    Of the policies, it reads the one that it decides, and of the libraries each domain's facts.
    """
    router = tuple(ROUTER.split("."))
    own = reading.closure(router, without=(_TABLES, _LIB))
    return package == router or any(_touch(reference, package) for reference in own)


def _changed_settings(before: PolicySet, now: PolicySet) -> Iterator[Reference]:
    """Yield each setting that has another value, for all tables or in an override."""
    for domain, name, _ in changed_values(before, now):
        yield (*_RUN, "settings", domain, name)
    for override in _changed_overrides(before, now):
        for name in override.settings:
            yield (*_RUN, "settings", override.domain, name)


def changed_values(before: PolicySet, now: PolicySet) -> Iterator[tuple[str, str, tuple[Any, Any]]]:
    """Yield domain and name of each setting with another value, and both; None where it lacks."""
    old, new = before.settings.values, now.settings.values
    for domain in sorted(old.keys() | new.keys()):
        one, other = old.get(domain, {}), new.get(domain, {})
        for name in sorted(one.keys() | other.keys()):
            values = one.get(name), other.get(name)
            if _json(values[0]) != _json(values[1]):
                yield domain, name, values


def _changed_bites(before: PolicySet, now: PolicySet) -> set[str]:
    """Return the policies that are new, or of another enforcement or severity for some table."""
    old, new = (
        {
            policy.policy_id: (policy.enforcement, policy.effective_on, policy.severity)
            for policy in rules.policies
        }
        for rules in (before, now)
    )
    changed = {policy_id for policy_id in new if old.get(policy_id) != new[policy_id]}
    for override in _changed_overrides(before, now):
        changed |= override.enforcement.keys() | override.severity.keys()
        changed |= override.effective_on.keys()
    return changed


def _changed_overrides(before: PolicySet, now: PolicySet) -> list[Override]:
    """Return all overrides of both, if they differ: their order counts as well."""
    both = [*before.settings.overrides, *now.settings.overrides]
    return both if overrides_differ(before, now) else []


def overrides_differ(before: PolicySet, now: PolicySet) -> bool:
    """Whether the overrides for some tables differ: their order counts, their place doesn't."""
    old, new = ([_effect(each) for each in rules.settings.overrides] for rules in (before, now))
    return _json(old) != _json(new)


def _json(value: object) -> bytes:
    """Return a value as Rego will see it: in Python, true would be the same as 1."""
    return msgspec.json.encode(value, order="sorted")


def _effect(override: Override) -> tuple[object, ...]:
    """Return an override but for its place in the file."""
    return (
        *(override.domain, override.tables),
        *(override.settings, override.enforcement, override.severity, override.effective_on),
    )


class _Reading:
    """What each package reads, directly and through others."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._direct: dict[Reference, set[Reference]] = {}
        for module in modules:
            package = tuple(module.package.split("."))
            self._direct.setdefault(package, set()).update(references(module.text))

    def of(self, policy_id: str, changed: Iterable[Reference]) -> bool:
        """Tell whether a policy reads any of what has changed, its domain's facts included."""
        package = (*_TABLES, *policy_id.split("."))
        facts = (*_LIB, package[len(_TABLES)])
        read = {package, facts, *self.closure(package), *self.closure(facts)}
        return any(_touch(one, other) for one in read for other in changed)

    def closure(self, package: Reference, without: Sequence[Reference] = ()) -> set[Reference]:
        """Return every reference from a package on, but for those in `without`."""
        found: set[Reference] = set()
        waiting = [package]
        while waiting:
            here = waiting.pop()
            for name, references_ in self._direct.items():
                if _touch(here, name):
                    new = references_ - found - set(without)
                    found |= new
                    waiting += new
        return found


def references(text: str) -> Iterator[Reference]:
    """Yield every reference to data in a module's text, as far as it is written out.

    What is imported is read only where its name is used.
    """
    code = code_of(text)
    body = without_imports(code)
    for match in _DATA.finditer(body):
        yield tuple(_PART.findall(match[1]))
    for name, imported in imports_of(code):
        for use in re.finditer(rf"\b{name}\b{_PARTS}", body):
            yield (*imported, *_PART.findall(use[1]))


def _touch(one: Reference, other: Reference) -> bool:
    """Tell whether one of two references is the other, or above it."""
    return all(a == b for a, b in zip(one, other, strict=False))
