"""Counts again what a report's decisions mean, as far as its tables tell.

What other settings would change, and what a previous report contained, can't be counted again:
of these, the figures have to agree with each other and with the tables that they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import Amount, Change, WhatIf
from lakewarden.model.report import TableReport
from lakewarden.report.agreement import contradiction, require_equal, shown
from lakewarden.report.amounts import EXAMPLES, bytes_of, count
from lakewarden.report.file import ReportFile
from lakewarden.report.insight_tally import InsightTally
from lakewarden.report.table_status import Status, status_of

_SETTLED: Final = (Status.COMPLIANT, Status.NOT_APPLICABLE)


class _Example(Struct, frozen=True):
    """What a table that the insight names by name is like."""

    size: int | None
    status: Status
    outcomes: dict[str, Outcome]


class InsightRecount:
    """Follows a report's tables; memory grows with policies and statuses."""

    def __init__(self, file: str, report: ReportFile) -> None:
        self._file = file
        self._report = report
        self._stated = report.insight
        self._policies = {policy.policy_id: policy for policy in report.policies}
        self._tally = InsightTally(report.policies)
        self._by_status = {status.value: Amount() for status in Status}
        self._named: dict[str, _Example | None] = dict.fromkeys(self._names())

    def add(self, table: TableReport) -> None:
        """Count one table."""
        if self._stated is None:
            return
        self._tally.add(table)
        status = status_of(table, self._policies)
        count(self._by_status[status.value], bytes_of(table))
        if table.full_name in self._named:
            self._named[table.full_name] = _Example(
                size=bytes_of(table),
                status=status,
                outcomes={name: each.outcome for name, each in table.decisions.items()},
            )

    def check(self) -> None:
        """Raise `ConfigurationError` where the insight isn't what was counted."""
        stated, tally = self._stated, self._tally
        if stated is None:
            return
        counted = {
            "governance": tally.governance(self._report.completeness),
            "exempted": tally.exempted,
            "lacking": tally.lacking,
        }
        for name, value in counted.items():
            require_equal(self._file, f"$.insight.{name}", getattr(stated, name), value)
        self._check_what_if(stated.what_if)
        if stated.not_tried and stated.what_if:
            raise self._wrong("not_tried", "but other thresholds were evaluated")
        if stated.change is not None:
            self._check_change(stated.change)

    def _check_what_if(self, all_stated: Sequence[WhatIf]) -> None:
        failing = {each.policy_id: each.failing for each in self._tally.lacking}
        seen: dict[str, list[float]] = {}
        now: dict[str, dict[str, Any]] = {}
        for number, stated in enumerate(all_stated):
            path = f"what_if[{number}]"
            policy = self._policies.get(stated.policy_id)
            asked = policy.what_if if policy else None
            if asked is None or stated.factor not in asked.factors:
                raise self._wrong(path, "no policy of the report asks for this")
            if stated.factor in seen.setdefault(stated.policy_id, []):
                raise self._wrong(path, "this factor appears twice")
            seen[stated.policy_id].append(stated.factor)
            for name in ("settings", "now"):
                names = dict.fromkeys(sorted(getattr(stated, name)), "")
                asked_names = dict.fromkeys(sorted(asked.settings), "")
                require_equal(self._file, f"$.insight.{path}.{name}", names, asked_names)
            before = now.setdefault(stated.policy_id, stated.now)
            require_equal(self._file, f"$.insight.{path}.now", stated.now, before)
            expected = _sum(
                failing[stated.policy_id], stated.newly_failing, less=stated.no_longer_failing
            )
            require_equal(self._file, f"$.insight.{path}.failing", stated.failing, expected)
            for name in ("failing", "exempt", "unknown", "newly_failing", "no_longer_failing"):
                self._check_amount(f"{path}.{name}", getattr(stated, name))
            self._check_examples(path, stated.newly_failing, stated.examples)
            for name in stated.examples:
                if self._example(path, name).outcomes[stated.policy_id] is Outcome.FAIL:
                    raise self._wrong(path, f"{shown(name)} fails already")

    def _check_change(self, stated: Change) -> None:
        require_equal(self._file, "$.insight.change.after", stated.after, self._by_status)
        statuses = dict.fromkeys(self._by_status, "")
        require_equal(
            self._file, "$.insight.change.before", dict.fromkeys(stated.before, ""), statuses
        )
        for status, amount in stated.before.items():
            self._check_amount(f"change.before.{status}", amount)
        both = sum(each.tables for each in stated.after.values()) - stated.added.tables
        require_equal(
            self._file,
            "$.insight.change.removed.tables",
            stated.removed.tables,
            sum(each.tables for each in stated.before.values()) - both,
        )
        for name in ("added", "removed", "fixed", "broken"):
            amount, examples = getattr(stated, name), getattr(stated, f"{name}_examples")
            self._check_amount(f"change.{name}", amount)
            self._check_examples(f"change.{name}", amount, examples, here=name != "removed")
        if stated.fixed.tables > stated.before[Status.NON_COMPLIANT.value].tables:
            raise self._wrong("change.fixed", "fewer tables than these were non-compliant before")
        if stated.broken.tables > stated.after[Status.NON_COMPLIANT.value].tables:
            raise self._wrong("change.broken", "fewer tables than these are non-compliant")
        for name, possible in (("fixed", _SETTLED), ("broken", (Status.NON_COMPLIANT,))):
            for example in getattr(stated, f"{name}_examples"):
                status = self._example(f"change.{name}", example).status
                if status not in possible:
                    raise self._wrong(f"change.{name}", f"{shown(example)} is {status.value}")
        self._check_moves(stated, both)

    def _check_moves(self, stated: Change, both: int) -> None:
        seen: set[tuple[str, Outcome, Outcome]] = set()
        moved: dict[str, int] = {}
        for number, move in enumerate(stated.moved):
            path = f"change.moved[{number}]"
            key = (move.policy_id, move.before, move.after)
            if move.policy_id not in self._policies:
                raise self._wrong(path, f"{shown(move.policy_id)} isn't a policy of the report")
            if key in seen or move.before is move.after or not move.amount.tables:
                raise self._wrong(path, "nothing moved, or it appears twice")
            seen.add(key)
            self._check_amount(f"{path}.amount", move.amount)
            self._check_examples(path, move.amount, move.examples)
            for name in move.examples:
                outcome = self._example(path, name).outcomes[move.policy_id]
                if outcome is not move.after:
                    raise self._wrong(path, f"the outcome of {shown(name)} is {outcome.value}")
            moved[move.policy_id] = moved.get(move.policy_id, 0) + move.amount.tables
            if moved[move.policy_id] > both:
                raise self._wrong(path, f"only {both:,} tables are in both reports")

    def _check_examples(
        self, path: str, amount: Amount, examples: Sequence[str], *, here: bool = True
    ) -> None:
        """Check the names that stand for an amount: the largest first, and whole where few."""
        if len(examples) != min(amount.tables, EXAMPLES) or len(set(examples)) < len(examples):
            raise self._wrong(path, f"{len(examples)} examples stand for {amount.tables:,} tables")
        if not here:
            for name in examples:
                if self._named[name] is not None:
                    raise self._wrong(path, f"{shown(name)} is a table of this report")
            return
        sizes = [(self._example(path, name).size, name) for name in examples]
        if sizes != sorted(sizes, key=lambda each: (each[0] is None, -(each[0] or 0), each[1])):
            raise self._wrong(path, "its examples aren't in the order of their sizes")
        listed = Amount()
        for size, _ in sizes:
            count(listed, size)
        if amount.tables == listed.tables:
            require_equal(self._file, f"$.insight.{path}", amount, listed)
        elif amount.bytes < listed.bytes:
            raise self._wrong(path, f"its examples alone hold {listed.bytes:,} bytes")

    def _check_amount(self, path: str, amount: Amount) -> None:
        sized = amount.tables - amount.unsized
        if min(amount.tables, amount.bytes, amount.unsized, sized) < 0:
            raise self._wrong(path, f"{shown(_figures(amount))} can't be an amount of tables")
        if amount.bytes and not sized:
            raise self._wrong(path, f"it has {amount.bytes:,} bytes but no table")
        if amount.tables > sum(each.tables for each in self._by_status.values()) and not (
            path.startswith(("change.before", "change.removed", "change.fixed"))
        ):
            raise self._wrong(path, f"{amount.tables:,} tables are more than the report has")

    def _example(self, path: str, name: str) -> _Example:
        found = self._named[name]
        if found is None:
            raise self._wrong(path, f"{shown(name)} isn't a table of the report")
        return found

    def _names(self) -> Iterator[str]:
        if self._stated is None:
            return
        for tried in self._stated.what_if:
            yield from tried.examples
        if change := self._stated.change:
            yield from change.added_examples
            yield from change.removed_examples
            yield from change.fixed_examples
            yield from change.broken_examples
            for move in change.moved:
                yield from move.examples

    def _wrong(self, path: str, what: str) -> Exception:
        return contradiction(f"{self._file}: $.insight.{path}", what)


def _sum(first: Amount, more: Amount, *, less: Amount) -> Amount:
    return Amount(
        tables=first.tables + more.tables - less.tables,
        bytes=first.bytes + more.bytes - less.bytes,
        unsized=first.unsized + more.unsized - less.unsized,
    )


def _figures(amount: Amount) -> list[int]:
    return [amount.tables, amount.bytes, amount.unsized]
