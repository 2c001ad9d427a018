"""A policy as its annotations describe it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from lakewarden.model.decision import Enforcement, Severity


class Examples(Struct, frozen=True, kw_only=True):
    """A table that fails the policy and one that passes it, as fields of a table document.

    `settings` are those of the policy's domain under which that holds, where the defaults do not.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    settings: dict[str, Any] = {}


class WhatIfAsked(Struct, frozen=True, kw_only=True):
    """What a report tries besides, to say what it would change: settings of other sizes.

    All of `settings` are multiplied by one of `factors` at a time. They only let tables off: the
    larger they are, the further a table moves from failing over unknown to exempt. Whatever their
    values are, it passes, or the policy is not about it, as before.
    """

    settings: tuple[str, ...]
    factors: tuple[float, ...]


class Policy(Struct, frozen=True, kw_only=True):
    """One entry of the catalogue.

    `policy_id` is `<domain>.<policy>`, derived from the package
    `lakewarden.tables.<domain>.<policy>`; the words come from the package's METADATA annotation.
    `enforcement` is the one in force: the annotation's, unless the settings say otherwise.
    """

    policy_id: str
    title: str
    description: str
    severity: Severity
    enforcement: Enforcement
    remediation: str
    path: str = ""
    """The module's file, relative to the bundle root."""
    why: str = ""
    """What is lost where the policy is broken."""
    settings: tuple[str, ...] | None = None
    """The settings of its domain that it reads, sorted; None where it reads them as a whole."""
    exemptions: tuple[str, ...] = ()
    """Whom the policy lets off, a sentence each."""
    examples: Examples | None = None
    what_if: WhatIfAsked | None = None
    """The settings of other sizes under which a report has it decided again."""
