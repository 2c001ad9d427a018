"""Settings of other sizes, which a policy's `what_if` asks to be tried."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from math import inf
from typing import Any, Final

import msgspec
from jsonschema import Draft202012Validator

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.settings.settings import Settings

_NUMBERS: Final = ("integer", "number")


def check_what_ifs(policies: Sequence[Policy], schemas: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise `ConfigurationError` for the first policy whose `what_if` cannot be tried."""
    for policy in policies:
        if policy.what_if is None:
            continue
        known = schemas.get(_domain(policy), {}).get("properties", {})
        for fault in faults(policy.what_if, known, policy.settings):
            raise ConfigurationError(
                f"the METADATA annotation of {policy.policy_id}: {fault}",
                where=policy.path,
                remedy="Name under custom.what_if settings that are numbers and that the policy "
                "reads, and the factors to try: docs/policy-contract.md says what they are.",
            )


def faults(
    asked: WhatIfAsked, known: Mapping[str, Mapping[str, Any]], read: Collection[str] | None
) -> Iterator[str]:
    """Yield what is wrong with a `what_if`, a sentence each.

    `known` are the settings of the domain with their schemas; `read` those that the policy reads,
    None for all.
    """
    yield from _about_settings(asked.settings, known, read)
    if not asked.factors:
        yield "what_if.factors names no factor"
    for factor in asked.factors:
        if not 0 <= factor < inf:
            yield f"what_if.factors has {factor:g}, which isn't a number from 0 up"
        elif factor == 1:
            yield "what_if.factors has 1, which changes nothing"
    for kind, stated in (("settings", asked.settings), ("factors", asked.factors)):
        if len(set(stated)) != len(stated):
            yield f"what_if.{kind} names something twice"


def _about_settings(
    names: Sequence[str], known: Mapping[str, Mapping[str, Any]], read: Collection[str] | None
) -> Iterator[str]:
    if not names:
        yield "what_if.settings names no setting"
    for name in names:
        if name not in known:
            yield f"what_if names {name}, which isn't a setting of the domain"
        elif known[name].get("type") not in _NUMBERS:
            yield f"what_if names {name}, which isn't a number"
        elif read is not None and name not in read:
            yield f"what_if names {name}, which the policy doesn't read"
        elif _least(known[name]) < 0:
            yield f"what_if names {name}, which may be negative: it needs a minimum from 0 up"


def _least(schema: Mapping[str, Any]) -> float:
    """Return what no value is below; a larger factor makes a negative value smaller."""
    least: float = max(schema.get("minimum", -inf), schema.get("exclusiveMinimum", -inf))
    return least


def scaled(
    settings: Settings, schemas: Mapping[str, Mapping[str, Any]], policy: Policy, factor: float
) -> Settings | None:
    """Return the settings with those of the policy's `what_if` multiplied, in overrides too.

    An integer stays one, and no value leaves the bounds of its schema. None where nothing becomes
    another value, or something one that its schema does not allow: there is nothing to try.
    """
    domain, names = _domain(policy), policy.what_if.settings if policy.what_if else ()
    known = schemas[domain]["properties"]

    def changed(values: Mapping[str, Any]) -> dict[str, Any]:
        return multiplied(values, names, factor, known)

    values = settings.values | {domain: changed(settings.values[domain])}
    overrides = tuple(
        msgspec.structs.replace(each, settings=changed(each.settings))
        if each.domain == domain
        else each
        for each in settings.overrides
    )
    if values == settings.values and overrides == settings.overrides:
        return None
    made = [values[domain], *(each.settings for each in overrides if each.domain == domain)]
    for name in names:
        allowed = Draft202012Validator(known[name]).is_valid
        if not all(allowed(each[name]) for each in made if name in each):
            return None
    return msgspec.structs.replace(settings, values=values, overrides=overrides)


def multiplied(
    values: Mapping[str, Any],
    names: Collection[str],
    factor: float,
    known: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return a domain's settings, all or some, with the named ones multiplied."""
    return {
        name: _times(value, factor, known[name]) if name in names else value
        for name, value in values.items()
    }


def _times(value: float, factor: float, schema: Mapping[str, Any]) -> int | float:
    """Multiply as people do on paper: a tenth of 30 is 3, which floats would miss."""
    exact = Fraction(str(value)) * Fraction(str(factor))
    exact = max(exact, Fraction(str(schema.get("minimum", exact))))
    exact = min(exact, Fraction(str(schema.get("maximum", exact))))
    if schema.get("type") == "integer":
        return round(exact)
    return int(exact) if exact.denominator == 1 else float(exact)


def _domain(policy: Policy) -> str:
    return policy.policy_id.partition(".")[0]
