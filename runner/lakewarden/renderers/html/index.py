"""What the page has of every table at once, to list, filter and sort it: a column for each."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from lakewarden.model.decision import Outcome
from lakewarden.model.report import Summary, TableReport
from lakewarden.renderers.html.packing import Packer
from lakewarden.renderers.html.phrases import EXACT, shown
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.table_scan import facts
from lakewarden.report.summary import owner_group
from lakewarden.report.table_status import (
    SEVERITY_RANK,
    PolicyIndex,
    severity_of,
    worst_first,
)
from lakewarden_collector.names import join_name

LETTERS: Final = {
    Outcome.PASS: "p",
    Outcome.FAIL: "f",
    Outcome.EXEMPT: "x",
    Outcome.NOT_APPLICABLE: "n",
    Outcome.UNKNOWN: "u",
    Outcome.ERROR: "e",
}
"""An outcome in a column: a letter for each table."""

NONE: Final = "-"
"""The letter of a policy without a decision about a table."""

FACT_VALUES: Final = 30
"""A fact with more values than this doesn't help to find tables."""

LACKS: Final = 500
"""How many kinds of missing evidence can be told apart; those beyond count as `other`."""

_CHUNK: Final = 10_000  # numbers that are written as text at a time

_FIRST: Final = ord("0")
"""A small number in a column is a letter from here on."""


_Value = TypeVar("_Value")


class Numbering(Generic[_Value]):
    """Gives each value that comes along a number, from 0."""

    def __init__(self) -> None:
        self._numbers: dict[_Value, int] = {}

    def of(self, value: _Value) -> int:
        """Return the value's number."""
        return self._numbers.setdefault(value, len(self._numbers))

    def values(self) -> list[_Value]:
        """Return the values by their number."""
        return list(self._numbers)


class Index:
    """Columns over all tables, in the report's order; some fifty bytes for a table."""

    def __init__(self, policy_index: PolicyIndex, summary: Summary) -> None:
        self._policy_index = policy_index
        self._names, self._places = Packer(), Packer()
        self._catalogs: Numbering[str] = Numbering()
        self._schemas: Numbering[tuple[int, str]] = Numbering()
        self._owners: Numbering[str] = Numbering()
        self._kinds: Numbering[tuple[str, ...]] = Numbering()
        self._lacks: Numbering[tuple[tuple[str, str], ...]] = Numbering()
        self._known_lacks: set[tuple[str, str]] = set()
        self._schema, self._owner = array("I"), array("I")
        self._kind, self._lack = array("I"), array("I")
        self._size = array("q")
        self._ranks, self._severity = bytearray(), bytearray()
        self._outcomes = {policy_id: bytearray() for policy_id in policy_index}
        self._facts = {
            fact: (sorted(values), bytearray())
            for fact, values in facts(summary)
            if len(values) <= FACT_VALUES
        }
        self._odd: dict[int, str] = {}
        self._placed = False

    def add(self, table: TableReport) -> None:
        """Put the next table into all columns."""
        parts = [shown(each) for each in (table.catalog_name, table.schema_name, table.name)]
        full_name = shown(table.full_name)
        if full_name != join_name(parts):
            self._odd[len(self._size)] = full_name
        self._names.write(_item(parts[2], first=not self._size))
        place = shown(table.definition.place) if table.definition else ""
        self._placed = self._placed or bool(place)
        self._places.write(_item(place, first=not self._size))
        self._schema.append(self._schemas.of((self._catalogs.of(parts[0]), parts[1])))
        self._owner.append(self._owners.of(shown(owner_group(table.owner))))
        size = table.size.get("bytes")
        self._size.append(size if isinstance(size, int) else -1)
        self._rank(table)
        self._decide(table)
        for fact, (values, column) in self._facts.items():
            domain, _, name = fact.partition(".")
            column.append(_FIRST + 1 + _place(table.facts.get(domain, {}).get(name), values))

    def _rank(self, table: TableReport) -> None:
        status, severity, advisory, *_ = worst_first(table, self._policy_index)
        several = len(SEVERITY_RANK) + 1
        self._ranks.append(_FIRST + (status * several + severity) * 2 + advisory)

    def _decide(self, table: TableReport) -> None:
        worst = len(SEVERITY_RANK)
        kinds, lacks = set(), set()
        for policy_id, column in self._outcomes.items():
            decision = table.decisions.get(policy_id)
            if decision is None:
                column.append(ord(NONE))
                continue
            column.append(ord(LETTERS[decision.outcome]))
            if decision.outcome is Outcome.FAIL:
                rank = SEVERITY_RANK[severity_of(self._policy_index[policy_id], decision)]
                worst = min(worst, rank)
            kinds |= {each.kind for each in decision.exemptions}
            lacks |= {(each.kind.partition(".")[0], each.status) for each in decision.missing}
        self._severity.append(_FIRST + worst)
        self._kind.append(self._kinds.of(tuple(sorted(kinds))))
        bounded = {self._bounded(each) for each in sorted(lacks)}
        self._lack.append(self._lacks.of(tuple(sorted(bounded))))

    def _bounded(self, lack: tuple[str, str]) -> tuple[str, str]:
        if lack not in self._known_lacks:
            if len(self._known_lacks) >= LACKS:
                return "other", ""
            self._known_lacks.add(lack)
        return lack

    def packed(self, blocks: Sequence[int]) -> Iterator[tuple[str, str]]:
        """Yield the parts of the index, each with its name: `names`, `places`, `columns`.

        `blocks` are the numbers of tables in each block of details.
        """
        yield "names", self._names.end("]" if self._size else "[]")
        if self._placed:
            yield "places", self._places.end("]")
        packer = Packer()
        packer.write("{")
        for name, column in self._columns(blocks).items():
            packer.write(f"{_json(name)}:{_json(column)},")
        for name, numbers in (
            ("schema", self._schema),
            ("owner", self._owner),
            ("kind", self._kind),
            ("lack", self._lack),
            ("size", self._size),
        ):
            packer.write(f"{_json(name)}:[")
            for start in range(0, len(numbers), _CHUNK):
                packer.write("," if start else "")
                packer.write(",".join(map(_exact, numbers[start : start + _CHUNK])))
            packer.write("]," if name != "size" else "]")
        yield "columns", packer.end("}")

    def _columns(self, blocks: Sequence[int]) -> Mapping[str, Any]:
        """Return the small parts, and the columns of letters."""
        letters = {policy_id: each.decode() for policy_id, each in self._outcomes.items()}
        return {
            "blocks": blocks,
            "count": len(self._size),
            "catalogs": self._catalogs.values(),
            "schemas": self._schemas.values(),
            "owners": self._owners.values(),
            "kinds": [[shown(kind) for kind in kinds] for kinds in self._kinds.values()],
            "lacks": [
                [[shown(f"{kind}:{status}"), _lacking(kind, status)] for kind, status in lacks]
                for lacks in self._lacks.values()
            ],
            "odd": {str(row): name for row, name in self._odd.items()},
            "rank": self._ranks.decode(),
            "severity": self._severity.decode(),
            "outcomes": letters,
            "facts": [
                [fact, [shown(value) for value in values], column.decode()]
                for fact, (values, column) in self._facts.items()
            ],
        }


def _lacking(kind: str, status: str) -> str:
    return shown(wording.lack(kind, status)) if status else "other evidence"


def _place(value: object, values: Sequence[str]) -> int:
    """Return the place of a fact's value among the known ones; -1 where the table has none."""
    if not isinstance(value, str | bool):
        return -1
    text = str(value).lower() if isinstance(value, bool) else value
    return values.index(text) if text in values else -1


def _exact(number: int) -> str:
    return str(number) if number < EXACT else f'"{number}"'


def _item(text: str, *, first: bool) -> str:
    return ("[" if first else ",") + _json(text)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
