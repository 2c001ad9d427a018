"""Diffs of reports in memory."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from msgspec import Struct, structs

from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Missing,
    Outcome,
    Severity,
    Violation,
)
from lakewarden.model.diff import ChangedViolation, Diff, HeaviestViolations
from lakewarden.model.report import TableReport
from lakewarden.report.diff import Differ
from lakewarden.report.old_report import OldReport
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold
from tests.support import reports
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY, report, table


class Compared(Struct):
    """A diff with all its violations."""

    diff: Diff
    violations: list[ChangedViolation]
    heaviest: HeaviestViolations


def compared(old: reports.Sample, new: reports.Sample) -> Compared:
    """Compare two reports."""
    differ = Differ(OldReport(old, old.tables()), new)
    violations = list(differ.changes(new.tables(), new.tables))
    return Compared(differ.result(), violations, differ.heaviest)


def broken(*keys: str | None) -> Decision:
    """Return a failed decision of a violation for each key."""
    violations = tuple(Violation(message=f"{key or 'It'} is\nbroken.", key=key) for key in keys)
    return Decision(outcome=Outcome.FAIL, violations=violations)


def waived(decision: Decision, expires: str) -> Decision:
    """Return a failed decision that a waiver exempts."""
    exemption = Exemption(
        kind="waiver", reason="agreed", owner="team", approved_by="lead", expires=expires
    )
    return structs.replace(
        decision, outcome=Outcome.EXEMPT, would_be=Outcome.FAIL, exemptions=(exemption,)
    )


def exempt(would_be: Outcome) -> Decision:
    """Return a decision that a rule exempts."""
    rule = Exemption(kind="rule", reason="It is small.")
    return Decision(outcome=Outcome.EXEMPT, would_be=would_be, exemptions=(rule,))


UNKNOWN = Decision(outcome=Outcome.UNKNOWN, missing=(Missing(kind="size", status="denied"),))
ERROR = Decision(outcome=Outcome.ERROR, reasons=("It proves both.",))
NOT_APPLICABLE = Decision(outcome=Outcome.NOT_APPLICABLE, reasons=("It is a view.",))


def of_run(sample: reports.Sample, **changes: str | tuple[str, ...]) -> reports.Sample:
    """Change a report's run in place: its digests by their names, else its fields."""
    digests = {
        name: value
        for name, value in changes.items()
        if name in {"policies", "settings", "waivers", "inventory"}
    }
    fields = {name: value for name, value in changes.items() if name not in digests}
    sample.run = structs.replace(
        sample.run, digests=structs.replace(sample.run.digests, **digests), **fields
    )
    return sample


PASSES = Decision(outcome=Outcome.PASS, reasons=("Fine.",))


def lost(what: str, covers: str = "table") -> Failure:
    """Return what couldn't be read."""
    return Failure(what=what, where="", reason="x", remedy="y", covers=covers)  # type: ignore[arg-type]  # one of the literals


_DECISIONS: Final = st.sampled_from(
    [
        PASSES,
        broken(None),
        broken("a"),
        broken("a", "b"),
        NOT_APPLICABLE,
        UNKNOWN,
        ERROR,
        exempt(Outcome.FAIL),
        exempt(Outcome.PASS),
        waived(broken("a"), "2026-11-24"),
        waived(broken("b"), "2027-01-01"),
        structs.replace(broken(None), enforcement=Enforcement.ADVISORY, override="x"),
        structs.replace(broken(None), severity=Severity.CRITICAL, override="x"),
    ]
)


@st.composite
def drawn_reports(draw: st.DrawFn) -> reports.Sample:
    """Draw a report of up to four tables, some of whose decisions fail."""
    names = draw(st.lists(st.sampled_from("abcABC"), unique_by=fold, max_size=4))
    rows = [
        table(
            f"main.sales.{name}",
            {policy: draw(_DECISIONS) for policy in (KEY_LIMIT, SINGLE, STRATEGY)},
            size=draw(st.integers(0, 9)),
            owner=draw(st.sampled_from(["x", "y", "", None])),
        )
        for name in names
    ]
    sample = report(rows)
    clock = draw(st.sampled_from(["2026-11-23T05:10:00Z", "2026-11-26T05:10:00Z"]))
    for part in ("policies", "settings", "waivers", "inventory"):
        of_run(sample, **{part: draw(st.sampled_from("12"))})
    limits = draw(st.sampled_from([(), (), ("--table main.*a",), ("--policy *.key_limit",)]))
    failed = draw(st.lists(st.sampled_from(["main.sales.a", "main.sales.d"]), unique=True))
    sample.completeness = structs.replace(
        sample.completeness, failures=tuple(map(lost, failed)), complete=not failed
    )
    if draw(st.booleans()):
        sample.policies = tuple(p for p in sample.policies if p.policy_id != KEY_LIMIT)
        sample.rows = [_without(row, KEY_LIMIT) for row in sample.rows]
    return of_run(sample, clock=clock, narrowed=limits)


def _without(row: TableReport, policy_id: str) -> TableReport:
    kept = {name: each for name, each in row.decisions.items() if name != policy_id}
    return structs.replace(row, decisions=kept)
