"""Overrides: other settings for some tables, as a domain's settings file lists them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from lakewarden.model.clock import has_begun
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.policy import Policy
from lakewarden.settings.file_schema import COMMON
from lakewarden.settings.yaml_file import YamlFile


class Override(Struct, frozen=True, kw_only=True):
    """One entry of a settings file's `overrides`."""

    domain: str
    tables: tuple[str, ...]
    """Patterns over full names; one that matches is enough."""
    settings: dict[str, Any]
    """Only the settings that it names."""
    enforcement: dict[str, Enforcement]
    """Policy id to enforcement."""
    severity: dict[str, Severity]
    """Policy id to severity."""
    effective_on: dict[str, str] = {}
    """Policy id to the day from which it is mandatory."""
    where: str
    """File and line."""

    def __str__(self) -> str:
        return ", ".join(self.tables)


def timed_enforcement(
    enforcement: Enforcement, effective_on: str | None, clock: str
) -> tuple[Enforcement, str | None]:
    """Return the enforcement at a clock (RFC 3339), and the day, if it has to do with it.

    Only what would be mandatory waits for a day.
    """
    if effective_on is None or enforcement is not Enforcement.MANDATORY:
        return enforcement, None
    begun = has_begun(effective_on, clock)
    return (Enforcement.MANDATORY if begun else Enforcement.ADVISORY), effective_on


def stated_enforcement(policy: Policy) -> Enforcement:
    """Return the enforcement in force for a policy as it is without its day."""
    return Enforcement.MANDATORY if policy.effective_on else policy.enforcement


def read_overrides(domain: str, file: YamlFile) -> tuple[Override, ...]:
    """Return the overrides of a settings file that is valid, in its order."""
    return tuple(
        _override(domain, entry, file.where(("overrides", index)))
        for index, entry in enumerate(file.value.get("overrides", []))
    )


def _override(domain: str, entry: dict[str, Any], where: str) -> Override:
    tables = entry["tables"]
    return Override(
        domain=domain,
        tables=(tables,) if isinstance(tables, str) else tuple(tables),
        settings={key: value for key, value in entry.items() if key not in (*COMMON, "tables")},
        enforcement={
            f"{domain}.{name}": Enforcement(value)
            for name, value in entry.get("enforcement", {}).items()
        },
        severity={
            f"{domain}.{name}": Severity(value) for name, value in entry.get("severity", {}).items()
        },
        effective_on={
            f"{domain}.{name}": day for name, day in entry.get("effective_on", {}).items()
        },
        where=where,
    )
