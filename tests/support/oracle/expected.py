"""What the oracle says about one decision, and what it looks at to say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Json = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What a decision must say: its outcome and the kinds of proof, without their wording."""

    outcome: str
    would_be: str | None = None
    missing: frozenset[str] = frozenset()
    exemptions: frozenset[str] = frozenset()
    violations: int = 0
    """How many expectations are broken, of a failure and of a failure that a waiver covers."""
    actual: tuple[Any, ...] | None = None
    """The `actual` of each violation; None where the text leaves it to the policy."""


@dataclass(frozen=True)
class Case:
    """One table under the settings of one domain at one moment."""

    document: Json
    settings: Json
    now: datetime
    waived: frozenset[str]
    """The ids of the policies that an active waiver excuses for this table."""

    @property
    def properties(self) -> Json:
        """The table's properties, empty where it has none or nobody read them."""
        found: Json = self.document.get("properties", {})
        return found

    def unread(self, *names: str) -> set[str]:
        """Return what is lacking to know these properties: all, those not listed, or one by one."""
        if "properties" not in self.document:
            return {"properties"} if names else set()
        evidence = self.document["evidence"]
        found = set()
        for name in set(names) - self.properties.keys():
            found |= {f"properties.{name}"} & evidence.keys() or {"properties.*"} & evidence.keys()
        return found

    def on(self, name: str) -> bool:
        """Whether the property is `true`, whatever its case."""
        return str(self.properties.get(name, "")).casefold() == "true"


NOT_APPLICABLE: Final = Expected("not_applicable")
PASS: Final = Expected("pass")
FAIL: Final = Expected("fail", violations=1)


def fails(count: int) -> Expected:
    """Return a failure by so many violations, a pass by none."""
    return Expected("fail", violations=count) if count else PASS


def unknown(kinds: Iterable[str]) -> Expected:
    """Return what cannot be decided without these kinds of evidence."""
    return Expected("unknown", missing=frozenset(kinds))
