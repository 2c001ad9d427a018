"""Documents of which a policy is tried with one part less: examples, and mixtures of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from lakewarden.kit.example_decisions import Decision, example
from lakewarden.model.policy import ABOUT_TABLES
from lakewarden_collector.document import TableDocument

_FIELDS: Final = structs.fields(TableDocument)
_PARTS: Final = tuple(field.name for field in _FIELDS if isinstance(field.default, Struct))
"""Evidence with leaves of its own; it is always there, if only empty."""
MAY_LACK: Final = (
    *_PARTS,
    *(field.name for field in _FIELDS if field.default is msgspec.UNSET),
)
"""All that a document may be without, no matter who wrote it."""

_NONE_IF_ABSENT: Final = frozenset({"partition_index", "mask"})
"""What a listed column is known not to have where it is absent."""
_WHY: Final = {"status": "failed", "reason": "it could not be read"}
_TYPE_NAMES: Final = {bool: "boolean", int: "number", list: "array", dict: "object"}


class Trial(Struct, frozen=True, kw_only=True, eq=False):
    """A document with one part in it, and the outcome that it has with all of it.

    `kind` is a part, or a leaf such as `size.bytes`. `side` is the example, `before` or `after`, or
    says what is different in it.
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

    @property
    def type_of_value(self) -> str:
        """What Rego calls the type of the part or leaf."""
        part, _, leaf = self.kind.partition(".")
        value = self.table[part][leaf] if leaf and part in _PARTS else self.table[part]
        return _TYPE_NAMES.get(type(value), "string")

    def without(self) -> dict[str, Any]:
        """Return the table without the evidence; its parts are always there, if only empty.

        Of a property that is absent it says why: else it is known not to be set.
        """
        part, _, leaf = self.kind.partition(".")
        if part == "columns" and leaf:
            return {**self.table, part: [_less(each, leaf) for each in self.table[part]]}
        if leaf:
            table = {**self.table, part: _less(self.table[part], leaf)}
            return {**table, "evidence": {self.kind: _WHY}} if part == "properties" else table
        if part in _PARTS:
            return {**self.table, part: {}}
        return _less(self.table, part)

    def with_null(self) -> dict[str, Any]:
        """Return the table with null in place of the evidence, of each leaf of a part."""
        part, _, leaf = self.kind.partition(".")
        if part == "columns" and leaf:
            return {**self.table, part: [{**each, leaf: None} for each in self.table[part]]}
        if leaf:
            return {**self.table, part: {**self.table[part], leaf: None}}
        return {**self.table, part: dict.fromkeys(self.table[part]) if part in _PARTS else None}


def _less(known: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in known.items() if key != name}


def tables_of(
    examples: Mapping[str, Any], subject: str = ABOUT_TABLES
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield both examples, and each with one field of the other one's, all under a name."""
    before, after = examples["before"], examples["after"]
    yield "before", example(before, subject)
    yield "after", example(after, subject)
    for one, other, name in ((before, after, "before"), (after, before, "after")):
        different = [field for field in other if other[field] != one.get(field)]
        for field in different if len(different) > 1 else ():
            yield f"{name} with the other's {field}", example({**one, field: other[field]}, subject)


def kinds_in(table: Mapping[str, Any]) -> list[str]:
    """Return the kinds of evidence that a table has and might lack."""
    return [kind for kind in MAY_LACK if (table.get(kind) if kind in _PARTS else kind in table)]


def leaves_in(table: Mapping[str, Any], field: str = "") -> list[str]:
    """Return what the parts of a table, or one of them, have and might lack, as `size.bytes`."""
    leaves: dict[str, list[str]] = {
        part: [*table.get(part, {})] for part in (*_PARTS, "properties")
    }
    columns = {leaf for column in table.get("columns", []) for leaf in column}
    leaves["columns"] = sorted(columns - _NONE_IF_ABSENT - {"name"})
    parts = [field] if field else leaves
    return [f"{part}.{leaf}" for part in parts for leaf in leaves.get(part, [])]


def outcome_of(decision: Decision | str) -> str:
    """Return the outcome of a decision; OPA's words instead of one are an error."""
    return "error" if isinstance(decision, str) else str(decision["outcome"])
