"""What a run knew of against what it decided."""

from __future__ import annotations

from collections.abc import Sequence

from lakewarden.evaluation.document_store import TableIntake
from lakewarden.model.errors import EngineError
from lakewarden.model.report import UNDECIDED, Completeness
from lakewarden.report.summary import Tally
from lakewarden_collector.counted import counted
from lakewarden_collector.inventory import Failure, LeftOut


def completeness_of(
    store: TableIntake,
    tally: Tally,
    policies: int,
    *,
    shortcomings: Sequence[str],
    left_out: Sequence[LeftOut],
    min_coverage: float | None,
    lost: tuple[EngineError, str] | None = None,
    unchecked: str = "",
) -> Completeness:
    """Return what is complete about a run of so many policies, whose decisions were counted.

    `lost` is the error over which the engine went, with its name; `unchecked` says why nobody can
    tell whether the policies of the beginning decided all.
    """
    failures = list(store.failures)
    undecided = len(store) - tally.tables
    failed = sum(failure.covers == "table" for failure in failures) + undecided
    if lost is not None:
        stopped, engine = lost
        failures.append(
            Failure(
                what=f"{counted(undecided, 'table')}, {UNDECIDED}",
                where=stopped.where or engine,
                reason=stopped.what,
                remedy=stopped.remedy,
            )
        )
    reasons = tuple(shortcomings)
    if unchecked and lost is None:
        reasons = (*reasons, unchecked)
    if not policies:
        reasons = (*reasons, "every policy is turned off, so nothing was evaluated")
    return Completeness(
        complete=not failures and not reasons,
        tables_known=tally.tables + failed + store.left_out,
        tables_evaluated=tally.tables,
        tables_failed=failed,
        tables_left_out=store.left_out,
        decisions_expected=tally.tables * policies,
        decisions_made=tally.decisions,
        failures=tuple(failures),
        reasons=reasons,
        left_out=tuple(left_out),
        min_coverage=min_coverage,
    )
