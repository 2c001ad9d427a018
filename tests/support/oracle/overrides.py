"""What a settings file with `overrides` means for one table, read from the pages about it.

The last override that matches wins, for each key alone; a setting, and of one policy the
enforcement, the severity and the day from which it is mandatory are keys. An override has changed a
policy's decisions if it won a key that concerns the policy and gave it another value than all
tables have; a day concerns only what would be mandatory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.oracle.expected import Json
from tests.support.oracle.texts import glob

Key = tuple[str, ...]
"""`("setting", name)`, or `enforcement`, `severity` or `effective_on` with a policy."""


@dataclass(frozen=True)
class Resolved:
    """Every key of a domain with its value for one table, and which override gave it."""

    values: dict[Key, Any]
    given_by: dict[Key, int]
    """The number of the override; only keys whose value is another than for all tables."""

    def settings(self) -> Json:
        """Return the complete settings."""
        return {key[1]: value for key, value in self.values.items() if key[0] == "setting"}

    def changed_by(self, policy: str, reads: frozenset[str] | None) -> list[int]:
        """Return the overrides that changed a policy that reads these settings, None being all."""
        return sorted(
            {
                number
                for (what, name), number in self.given_by.items()
                if (what == "setting" and (reads is None or name in reads))
                or (what in ("enforcement", "severity") and name == policy)
                or (what == "effective_on" and name == policy and self._waits(name))
            }
        )

    def enforcement(self, policy: str, today: str) -> tuple[str, str | None]:
        """Return the enforcement on a day, and the day that has to do with it."""
        stated: str = self.values["enforcement", policy]
        day: str | None = self.values.get(("effective_on", policy))
        if not self._waits(policy) or day is None:
            return stated, None
        return ("advisory" if today < day else "mandatory"), day

    def _waits(self, policy: str) -> bool:
        return bool(self.values["enforcement", policy] == "mandatory")


def resolve(usual: Mapping[Key, Any], file: Json, full_name: str) -> Resolved:
    """Return the values for one table; `usual` are the defaults of every key of the domain."""
    base = dict(usual) | _keys(file)
    values, given_by = dict(base), {}
    for number, override in reversed(list(enumerate(file.get("overrides", [])))):
        tables = override["tables"]
        if any(glob(each, full_name) for each in ([tables] if isinstance(tables, str) else tables)):
            for key, value in _keys(override).items():
                if key not in given_by:
                    values[key], given_by[key] = value, number
    different = {key: number for key, number in given_by.items() if values[key] != base.get(key)}
    return Resolved(values, different)


def _keys(output: Json) -> dict[Key, Any]:
    """Return what a file, or one override of it, says, key by key."""
    found: dict[Key, Any] = {}
    for name, value in output.items():
        if name in ("enforcement", "severity", "effective_on"):
            found |= {(name, policy): choice for policy, choice in value.items()}
        elif name not in ("tables", "overrides"):
            found["setting", name] = value
    return found
