"""Counts a report's tables again and refuses the report where it says something else.

A report says most things twice: a decision stands with its table, and again in counts, in the gate
and in what the decisions mean. A report whose parts disagree was edited or damaged, and nobody
can tell which part is true.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.promises import Promises
from lakewarden.model.report import Completeness, Gate, Report, TableReport
from lakewarden.report.agreement import contradiction, require_equal, shown
from lakewarden.report.file import ReportFile, open_unchecked_report
from lakewarden.report.gate import judge, parse_permission
from lakewarden.report.promises import summed
from lakewarden.report.recount_baseline import BaselineRecount
from lakewarden.report.recount_history import HistoryRecount
from lakewarden.report.recount_insight import InsightRecount
from lakewarden.report.recount_judged import check_judged
from lakewarden.report.recount_table import check_table, day_fault, time_fault
from lakewarden.report.recount_waivers import WaiverRecount
from lakewarden.report.summary import Tally
from lakewarden.version import __version__
from lakewarden_collector.patterns import fold

_NAME_DIGEST: Final = 8  # bytes


def open_report(path: str | Path) -> Report:
    """Open a report and count its tables again; they are read once more as they are asked for.

    Raises `ConfigurationError` if the file can't be read, isn't a report or is one of another
    schema version, is broken, or contradicts itself.
    """
    report = open_unchecked_report(path)
    for _ in recounted(path, report):
        pass
    return report


def recounted(path: str | Path, report: ReportFile) -> Iterator[TableReport]:
    """Yield the report's tables in the file's order, and raise at the end what they contradict.

    Raises `ConfigurationError` as `open_report` does.
    """
    recount = _Recount(str(path), report)
    for where, table in report.located_tables():
        recount.add(where, table)
        yield table
    report.gate = recount.settle()


class _Recount:
    """One report that is counted again; memory grows with owners and schemas, as in the report."""

    def __init__(self, file: str, report: ReportFile) -> None:
        self._file = file
        self._report = report
        self._policies = _by_id(file, report.policies)
        self._tally = Tally(report.policies)
        self._waivers = WaiverRecount(report.waivers)
        self._insight = InsightRecount(file, report)
        self._history = HistoryRecount(file, report)
        self._baseline = BaselineRecount(file, report, self._policies)
        self._last = ""
        self._sorted = True

    def add(self, where: str, table: TableReport) -> None:
        """Check one table and count it."""
        check_table(where, table, self._policies)
        for policy_id, decision in table.decisions.items():
            if decision.effective_on and (fault := day_fault(decision, self._report.run.clock)):
                place = f"{where}: {shown(table.full_name)}: decisions.{policy_id}"
                raise contradiction(place, fault)
        name = fold(table.full_name)
        self._sorted = self._sorted and self._last < name
        self._last = name
        self._tally.add(table)
        self._waivers.add(where, table)
        self._insight.add(table)
        self._history.add(where, table)
        self._baseline.add(where, table)

    def settle(self) -> Gate:
        """Compare what was counted with what the report says; return the gate that it earned."""
        if not self._sorted:  # names in order can't repeat
            _refuse_repeated_names(self._report)
        report = self._report
        require_equal(self._file, "$.summary", report.summary, self._tally.summary)
        self._check_completeness(report.completeness)
        self._waivers.check(self._file, report.run.clock)
        for name in ("clock", "started_at", "finished_at"):
            if fault := time_fault(getattr(report.run, name)):
                raise contradiction(f"{self._file}: $.run.{name}", fault)
        for number, policy in enumerate(report.policies):
            if fault := day_fault(policy, report.run.clock):
                raise contradiction(f"{self._file}: $.policies[{number}]", fault)
        self._insight.check()
        self._history.check()
        self._baseline.check()
        self._check_promises(report.promises)
        check_judged(self._file, report)
        return self._gate()

    def _check_completeness(self, stated: Completeness) -> None:
        tally, failed = self._tally, sum(each.covers == "table" for each in stated.failures)
        if stated.undecided is not None:  # one failure stands for all of them
            failed += stated.undecided - 1
        known = tally.tables + stated.tables_failed + stated.tables_left_out
        counted = {
            "tables_evaluated": tally.tables,
            "tables_failed": failed,
            "tables_known": known,
            "decisions_expected": tally.tables * len(self._policies),
            "decisions_made": tally.decisions,
            "complete": not stated.failures and not stated.reasons,
        }
        for name, value in counted.items():
            require_equal(self._file, f"$.completeness.{name}", getattr(stated, name), value)
        place = f"{self._file}: $.completeness"
        if stated.tables_left_out < 0:
            raise contradiction(f"{place}.tables_left_out", "a number of tables can't be negative")
        if stated.min_coverage is not None and not 0 <= stated.min_coverage <= 1:
            raise contradiction(f"{place}.min_coverage", "a share lies between 0 and 1")

    def _check_promises(self, stated: Promises | None) -> None:
        if stated is None:
            return
        counted = structs.replace(
            summed(list(stated.unkept)),
            settled=stated.settled,
            promised=stated.settled + len(stated.unkept),
        )
        require_equal(self._file, "$.promises", stated, counted)
        if stated.settled < 0:
            raise contradiction(
                f"{self._file}: $.promises.settled", "a number of promises can't be negative"
            )

    def _gate(self) -> Gate:
        stated, completeness = self._report.gate, self._report.completeness
        path = "$.gate"
        try:
            permissions = tuple(map(parse_permission, stated.allowed))
        except ConfigurationError as error:
            raise contradiction(f"{self._file}: {path}.allowed", error.what) from error
        earned = judge(
            self._tally.gating,
            completeness,
            known=self._tally.known,
            engine_failed=completeness.undecided is not None,
            permissions=permissions,
            gate_disabled=stated.gate_disabled,
            fail_on=stated.fail_on,
            advisory=self._tally.advisory,
            waivers=self._report.waivers if stated.strict_waivers else None,
            clock=self._report.run.clock,
            ratchet=self._report.baseline.ratchet if self._report.baseline else None,
            judged=self._report.judged,
        )
        if self._report.run.tool_version == __version__:
            require_equal(self._file, path, stated, earned)
        else:  # another version says it in other words
            require_equal(self._file, f"{path}.exit_code", stated.exit_code, earned.exit_code)
            require_equal(
                self._file, f"{path}.softened", stated.gate_disabled, earned.gate_disabled
            )
        return earned


def _by_id(file: str, policies: Sequence[Policy]) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for number, policy in enumerate(policies):
        if policy.policy_id in found:
            raise contradiction(
                f"{file}: $.policies[{number}]", f"{shown(policy.policy_id)} is listed twice"
            )
        found[policy.policy_id] = policy
    return found


def _refuse_repeated_names(report: ReportFile) -> None:
    """Raise `ConfigurationError` for a table that appears twice; eight bytes for each table."""
    digests = array("Q", (_digest(table) for table in report.tables()))
    ordered = sorted(digests)
    twice = {one for one, other in pairwise(ordered) if one == other}
    if not twice:
        return
    places: dict[str, str] = {}
    for where, table in report.located_tables():
        if _digest(table) in twice:
            first = places.setdefault(fold(table.full_name), where)
            if first != where:
                raise contradiction(
                    f"{first}, {where}",
                    f"{shown(table.full_name)} is listed twice; case doesn't count",
                )


def _digest(table: TableReport) -> int:
    name = fold(table.full_name).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(name, digest_size=_NAME_DIGEST).digest())
