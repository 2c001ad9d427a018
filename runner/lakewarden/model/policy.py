"""A policy as its annotations describe it."""

from __future__ import annotations

from msgspec import Struct

from lakewarden.model.decision import Enforcement, Severity


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
