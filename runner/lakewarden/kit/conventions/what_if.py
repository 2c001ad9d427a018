"""What the annotation asks a report to try can be tried, and does what it may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from lakewarden.kit.conventions.interface import Policies, breach, policy_id
from lakewarden.kit.example_decisions import Case, decide, example
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import RegoModule, line_of
from lakewarden.model.policy import WhatIfAsked
from lakewarden.settings.scaling import faults, multiplied
from lakewarden_collector.decoding import Converter

_to_what_if: Final = Converter(WhatIfAsked)


def what_if_can_be_tried(policies: Policies) -> Iterator[Finding]:
    """Name under `what_if` numbers among the settings that are read, and factors for them."""
    for module, asked in _asked(policies):
        if isinstance(asked, str):
            yield _wrong(module, asked)
            continue
        read = module.annotation["custom"].get("settings")
        for fault in faults(asked, _known(policies, module), read):
            yield _wrong(module, f"custom.{fault}")


def what_if_only_exempts(policies: Policies) -> Iterator[Finding]:
    """Name under `what_if` settings that exempt tables, and the more the larger they are.

    A report asks again about no table that passes, and about none that fails with smaller
    settings; it would count wrongly. Tried with the tables of `examples`.
    """
    tried: list[tuple[RegoModule, float, str, Case]] = []
    for module, asked in _asked(policies):
        name, known = policy_id(module.package), _known(policies, module)
        stated = policies.examples.get(name)
        if stated is None or isinstance(asked, str) or [*faults(asked, known, None)]:
            continue
        usual = {key: each["default"] for key, each in known.items()} | stated.get("settings", {})
        for factor in asked.factors:
            settings = multiplied(usual, asked.settings, factor, known)
            for side in ("after", "before") if factor < 1 else ("after",):
                case = Case(policy_id=name, table=example(stated[side]), settings=settings)
                tried.append((module, factor, side, case))
    decisions = decide(policies.workspace, [case for *_, case in tried])
    for (module, factor, side, _), decision in zip(tried, decisions, strict=True):
        outcome = decision if isinstance(decision, str) else decision["outcome"]
        expected = "pass" if side == "after" else "fail"
        if outcome != expected:
            yield _wrong(
                module,
                f"with the settings of custom.what_if times {factor:g}, the table of "
                f"custom.examples.{side} does not {expected} any more: {outcome}",
            )


def _asked(policies: Policies) -> Iterator[tuple[RegoModule, WhatIfAsked | str]]:
    """Yield each policy's `what_if`, or what is wrong with its shape."""
    for module in policies.policies:
        stated = module.annotation.get("custom", {}).get("what_if")
        if stated is None:
            continue
        try:
            yield module, _to_what_if(stated)
        except msgspec.ValidationError as error:
            yield module, f"custom.what_if: {error}"


def _known(policies: Policies, module: RegoModule) -> dict[str, dict[str, object]]:
    known: dict[str, dict[str, object]] = policies.workspace.domains.get(
        module.package[2], {"properties": {}}
    )["properties"]
    return known


def _wrong(module: RegoModule, what: str) -> Finding:
    return breach(
        module,
        line_of(module.annotation),
        what,
        "Correct custom.what_if, which docs/policy-contract.md explains, or remove it.",
    )
