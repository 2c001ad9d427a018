"""A previous report, packed so that a run can be compared with it: some bytes for each table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from lakewarden.model.decision import Decision, Enforcement, Outcome
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, Run, TableReport
from lakewarden.report.amounts import bytes_of
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.recount import recounted
from lakewarden.report.table_status import Status, enforcement_of, status_of
from lakewarden_collector.patterns import fold

_STATUSES: Final = tuple(Status)
_OUTCOMES: Final = tuple(Outcome)
_STATUS_CODES: Final = {status: code for code, status in enumerate(_STATUSES)}
_OUTCOME_CODES: Final = {outcome: code for code, outcome in enumerate(_OUTCOMES)}
_MANDATORY_FAIL: Final = len(_OUTCOMES)
_DECODED: Final = (*_OUTCOMES, Outcome.FAIL)


class PreviousReport(Struct, frozen=True, kw_only=True):
    """What a report said about each of its tables."""

    run: Run
    completeness: Completeness
    policies: tuple[str, ...]
    """Ids, in the order of its policy index."""
    tables: dict[str, bytes]
    """Full name to status, outcomes and size, for `PreviousTable`."""
    spelt: dict[str, str]
    """Full name without case to the full name, where these differ."""

    def add(self, full_name: str, packed: bytes) -> None:
        """Add a table, packed for `PreviousTable`."""
        self.tables[full_name] = packed
        if (folded := fold(full_name)) != full_name:
            self.spelt[folded] = full_name

    def has(self, full_name: str) -> bool:
        """Whether a table is there and wasn't removed yet, case aside."""
        folded = fold(full_name)
        return any(name in self.tables for name in (full_name, folded, self.spelt.get(folded, "")))

    def take(self, full_name: str) -> tuple[str, bytes] | None:
        """Remove a table, case aside; return its name here and what `PreviousTable` reads.

        None if it isn't there.
        """
        folded = fold(full_name)
        for name in (full_name, folded, self.spelt.get(folded, "")):
            if name in self.tables:
                self.spelt.pop(folded, None)
                return name, self.tables.pop(name)
        return None


class PreviousTable(Struct, frozen=True, kw_only=True):
    """A table's status and outcomes in the previous report."""

    status: Status
    outcomes: tuple[Outcome, ...]
    """In the order of its policies."""
    broke: tuple[int, ...]
    """The numbers of the policies that made it non-compliant: their mandatory fails."""
    size: int | None

    @classmethod
    def read(cls, packed: bytes, policies: int) -> PreviousTable:
        """Return what `packed` says about a table under so many policies."""
        codes, size = packed[1 : policies + 1], packed[policies + 1 :]
        return cls(
            status=_STATUSES[packed[0]],
            outcomes=tuple(_DECODED[code] for code in codes),
            broke=tuple(number for number, code in enumerate(codes) if code == _MANDATORY_FAIL),
            size=int.from_bytes(size) if size else None,
        )


def read_previous(path: Path, advance: Callable[[int], None] = lambda _: None) -> PreviousReport:
    """Read a JSON report whole and count it again; its statuses are by its own policies.

    `advance` is told the number of tables, one by one.

    Raises `ConfigurationError` as `recount.open_report` does.
    """
    report = open_unchecked_report(path)
    tables = recounted(path, report)
    return pack((report.run, report.completeness, report.policies), tables, advance)


def pack(
    about: tuple[Run, Completeness, Sequence[Policy]],
    tables: Iterable[TableReport],
    advance: Callable[[int], None] = lambda _: None,
) -> PreviousReport:
    """Return what is kept of a run and its `tables`, which agree with it."""
    run, completeness, policies = about
    policy_index = {policy.policy_id: policy for policy in policies}
    packed = {}
    for table in tables:
        packed[table.full_name] = packed_table(table, policy_index)
        advance(1)
    return previous_of(run, completeness, tuple(policy_index), packed)


def previous_of(
    run: Run, completeness: Completeness, policies: tuple[str, ...], packed: dict[str, bytes]
) -> PreviousReport:
    """Return a previous report of tables that are packed already, by full name."""
    folded = ((fold(name), name) for name in packed)
    return PreviousReport(
        run=run,
        completeness=completeness,
        policies=policies,
        tables=packed,
        spelt={fold_: name for fold_, name in folded if fold_ != name},
    )


def pack_table(status: Status, outcomes: bytes, size: int | None) -> bytes:
    """Return what `PreviousTable.read` reads; `outcomes` are codes in the order of the policies."""
    length = 0 if size is None else max(1, (size.bit_length() + 7) // 8)
    return bytes([_STATUS_CODES[status]]) + outcomes + (size or 0).to_bytes(length)


def outcome_code(outcome: Outcome, enforcement: Enforcement) -> int:
    """Return the byte that stands for an outcome; a fail that makes non-compliant has its own."""
    if outcome is Outcome.FAIL and enforcement is Enforcement.MANDATORY:
        return _MANDATORY_FAIL
    return _OUTCOME_CODES[outcome]


def packed_table(table: TableReport, policy_index: Mapping[str, Policy]) -> bytes:
    """Return what `PreviousTable.read` reads of a table."""
    codes = (
        _code(policy, table.decisions[policy_id]) for policy_id, policy in policy_index.items()
    )
    return pack_table(status_of(table, policy_index), bytes(codes), bytes_of(table))


def _code(policy: Policy, decision: Decision) -> int:
    return outcome_code(decision.outcome, enforcement_of(policy, decision))
