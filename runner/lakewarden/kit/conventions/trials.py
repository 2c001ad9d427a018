"""The annotated examples with one kind of evidence less: what conventions try policies on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from lakewarden.kit.decided import Decision

_PARTS: Final = ("size", "detail", "access", "predictive_optimization")
"""Evidence with leaves of its own; columns are the other evidence that may be lacking."""


class Trial(Struct, frozen=True, kw_only=True):
    """An example with one kind of evidence in it, and the outcome that it has with all of it."""

    policy_id: str
    side: str
    kind: str
    table: Mapping[str, Any]
    whole: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from every other one."""
        return self.policy_id, self.side, self.kind

    def without(self) -> dict[str, Any]:
        """Return the table without the evidence; its parts are always there, if only empty."""
        if self.kind in _PARTS:
            return {**self.table, self.kind: {}}
        return {name: value for name, value in self.table.items() if name != self.kind}

    def with_null(self) -> dict[str, Any]:
        """Return the table with null in place of the evidence, of each leaf of a part."""
        leaves = dict.fromkeys(self.table[self.kind]) if self.kind in _PARTS else None
        return {**self.table, self.kind: leaves}


def kinds_in(table: Mapping[str, Any]) -> list[str]:
    """Return the kinds of evidence that a table has and might lack."""
    return [kind for kind in (*_PARTS, "columns") if table.get(kind)]


def outcome_of(decision: Decision | str) -> str:
    """Return the outcome of a decision; OPA's words instead of one are an error."""
    return "error" if isinstance(decision, str) else str(decision["outcome"])
