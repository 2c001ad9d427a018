"""Overrides: other settings for some tables, as a domain's settings file lists them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from lakewarden.model.decision import Enforcement, Severity
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
    where: str
    """File and line."""

    def __str__(self) -> str:
        return ", ".join(self.tables)


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
        where=where,
    )
