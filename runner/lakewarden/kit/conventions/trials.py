"""Documents of which a policy is tried with one part less: examples, and mixtures of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from lakewarden.kit.decided import Decision
from lakewarden.kit.examples import example
from lakewarden_collector.document import TableDocument

_FIELDS: Final = structs.fields(TableDocument)
_PARTS: Final = tuple(field.name for field in _FIELDS if isinstance(field.default, Struct))
"""Evidence with leaves of its own; it is always there, if only empty."""
MAY_LACK: Final = (
    *_PARTS,
    *(field.name for field in _FIELDS if field.default is msgspec.UNSET),
)
"""All that a document may be without, whoever wrote it."""


class Trial(Struct, frozen=True, kw_only=True):
    """A document with one part in it, and the outcome that it has with all of it.

    `side` is the example, `before` or `after`, or says which of its fields is the other one's.
    """

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


def tables_of(examples: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield both examples, and each with one field of the other one's, all under a name."""
    before, after = examples["before"], examples["after"]
    yield "before", example(before)
    yield "after", example(after)
    for one, other, name in ((before, after, "before"), (after, before, "after")):
        different = [field for field in other if other[field] != one.get(field)]
        for field in different if len(different) > 1 else ():
            yield f"{name} with the other's {field}", example({**one, field: other[field]})


def kinds_in(table: Mapping[str, Any]) -> list[str]:
    """Return the kinds of evidence that a table has and might lack."""
    return [kind for kind in MAY_LACK if (table.get(kind) if kind in _PARTS else kind in table)]


def outcome_of(decision: Decision | str) -> str:
    """Return the outcome of a decision; OPA's words instead of one are an error."""
    return "error" if isinstance(decision, str) else str(decision["outcome"])
