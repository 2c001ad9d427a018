"""A policy as its annotations describe it."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from lakewarden.model.decision import Enforcement, Severity

ABOUT_TABLES: Final = "tables"
ABOUT_WAIVERS: Final = "waivers"
TREES: Final = (ABOUT_TABLES, ABOUT_WAIVERS)
"""The packages under `lakewarden` that hold policies, by what these are about."""


class Examples(Struct, frozen=True, kw_only=True):
    """A table that fails the policy and one that passes it, as fields of a table document.

    Of a policy about waivers, a waiver and its document.

    `settings` are those of the policy's domain under which that holds, where the defaults do not.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    settings: dict[str, Any] = {}


class WhatIfAsked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Other settings that a report also evaluates, to say what they would change.

    All of `settings` are multiplied by one of `factors` at a time. They only ever exempt tables:
    the larger they are, the further a table moves from fail over unknown to exempt. Tables that
    pass, or to which the policy doesn't apply, stay as they are, whatever the values.
    """

    settings: tuple[str, ...]
    factors: tuple[float, ...]
    lacking: str = ""
    """Words for the tables that fail or are exempt: `tables without a clustering strategy`."""


class Policy(Struct, frozen=True, kw_only=True):
    """One entry of the policy index.

    `policy_id` is `<domain>.<policy>`, derived from the package
    `lakewarden.tables.<domain>.<policy>`, or `lakewarden.waivers…` for one about waivers; the words
    come from the package's METADATA annotation.
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
    """What it costs to break the policy."""
    settings: tuple[str, ...] | None = None
    """The settings of its domain that it reads, sorted; None where it reads them as a whole."""
    exemptions: tuple[str, ...] = ()
    """Which tables the policy exempts, a sentence each."""
    examples: Examples | None = None
    what_if: WhatIfAsked | None = None
    """The other settings under which a report evaluates it again."""
    effective_on: str | None = None
    """The day (UTC) from whose start the settings make it mandatory, such as `2027-01-31`: until
    then it's advisory. Absent where it's mandatory without a date, advisory or off."""
    pages: tuple[str, ...] = ()
    """Addresses of pages that tell more, from `related_resources`; only of the web."""

    @property
    def is_about_waivers(self) -> bool:
        """Whether it judges waivers, not tables."""
        return self.path.startswith(f"lakewarden/{ABOUT_WAIVERS}/")
