"""Runs of a small estate, kept in a history as `lakewarden evaluate --history` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from lakewarden.history.identity import About
from lakewarden.history.keeper import HistoryKeeper
from lakewarden.model.decision import Decision, Exemption, Outcome, Violation
from lakewarden.model.history import History
from lakewarden.model.report import Report, TableReport
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.gate import judge
from lakewarden.report.recount import open_report
from tests.support import reports

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
POLICIES: Final = tuple(policy.policy_id for policy in reports.policies())
KEYED, PLAIN = POLICIES[0], POLICIES[4]

PASS: Final = Decision(outcome=Outcome.PASS, reasons=("it does",))
ERROR: Final = Decision(outcome=Outcome.ERROR, reasons=("nobody knows",))
NOT_APPLICABLE: Final = Decision(outcome=Outcome.NOT_APPLICABLE, reasons=("it is a view",))
EXEMPT: Final = Decision(
    outcome=Outcome.EXEMPT,
    exemptions=(Exemption(kind="rule", reason="it is small"),),
    would_be=Outcome.FAIL,
)


def clock(day: float) -> str:
    return (START + timedelta(days=day)).isoformat()[:19] + "Z"


def times(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row with its times as reports write them."""
    return tuple(
        f"{each:%Y-%m-%dT%H:%M:%SZ}" if isinstance(each, datetime) else each for each in row
    )


def failing(*keys: str | None) -> Decision:
    """Return a fail with a violation for each key, one without a key if there is none."""
    found = tuple(Violation(message="it doesn't", key=key) for key in keys or (None,))
    return Decision(outcome=Outcome.FAIL, violations=found)


def table(name: str, decisions: Mapping[str, Decision], size: int | None = 2**30) -> TableReport:
    catalog, schema, own = f"main.sales.{name}".split(".")
    return TableReport(
        full_name=f"{catalog}.{schema}.{own}",
        catalog_name=catalog,
        schema_name=schema,
        name=own,
        owner="sales",
        size={} if size is None else {"bytes": size},
        decisions={policy_id: decisions.get(policy_id, PASS) for policy_id in POLICIES},
    )


def report(
    day: float,
    *tables: TableReport,
    settings: str = "a",
    scope: str = "",
    failures: int = 0,
) -> reports.Sample:
    """Return the report of one run; its parts agree. With `failures` it is incomplete."""
    sample = reports.sample(1, failures=failures)
    digests = structs.replace(sample.run.digests, settings=f"sha256:{settings}")
    sample.run = structs.replace(
        sample.run,
        clock=clock(day),
        started_at=clock(day),
        finished_at=clock(day),
        digests=digests,
        scope=scope or sample.run.scope,
    )
    tally = reports.count(sample, sorted(tables, key=lambda each: each.full_name))
    sample.waivers = ()
    sample.gate = judge(tally.gating, sample.completeness)
    return sample


def begun(location: str, sample: reports.Sample) -> HistoryKeeper:
    """Open a history for a run."""
    keeper = HistoryKeeper(location)
    keeper.begin(
        policies=sample.policies,
        about=About(
            source=sample.run.source,
            scope=sample.run.scope,
            narrowed=sample.run.narrowed,
            digests=sample.run.digests,
        ),
        clock=sample.run.clock,
    )
    return keeper


def finished(keeper: HistoryKeeper, sample: reports.Sample, path: Path) -> Report:
    """Give a report its history and write it, as a run does; what is read back agrees."""
    sample.rows = [keeper.with_past(row) for row in sample.rows]
    sample.history = keeper.history(sample.run, sample.completeness, sample.summary)
    sample.write(path)
    assert open_report(path).history == sample.history
    return open_unchecked_report(path)


def add(place: Path, sample: reports.Sample) -> History:
    """Add a run whose report nobody reads; return what it says of the runs before it."""
    keeper = begun(str(place), sample)
    sample.rows = [keeper.with_past(row) for row in sample.rows]
    history = sample.history = keeper.history(sample.run, sample.completeness, sample.summary)
    keeper.add(sample)
    return history


def kept(location: str, sample: reports.Sample, path: Path) -> Report:
    """Do all that a run does with its history."""
    keeper = begun(location, sample)
    report = finished(keeper, sample, path)
    keeper.add(report)
    return report
