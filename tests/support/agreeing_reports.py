"""A sample report whose parts agree, as those of a run do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import structs

from lakewarden.model.decision import Decision, Missing, Outcome, Violation
from lakewarden.model.insight import Change, Insight, WhatIf
from lakewarden.model.policy import Policy, WhatIfAsked
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverCondition, WaiverState
from lakewarden.report.comparison import Comparison
from lakewarden.report.gate import judge, parse_permission
from lakewarden.report.insight_tally import InsightTally
from lakewarden.report.previous import pack
from lakewarden.version import __version__
from tests.support import reports

STRATEGY: Final = "clustering.strategy_required"
_FACTORS: Final = (0.5, 2.0)
_WAIVER: Final = {
    "reason": "the vendor's loader rewrites it every night until the migration is done",
    "owner": "data-platform",
    "approved_by": "maria.lindt",
    "ticket": "DATA-4711",
    "expires": "2027-03-31",
}


def agreeing(
    tables: int = 14,
    *,
    compared: bool = True,
    edit: Callable[[TableReport], TableReport] = lambda table: table,
) -> reports.Sample:
    """Return a report of one unknown and several failing tables; `edit` changes each first."""
    sample = reports.sample(tables)
    sample.policies = tuple(_asking(policy) for policy in sample.policies)
    sample.rows = sorted(
        (edit(_proven(table)) for table in sample.rows), key=lambda table: table.full_name
    )
    return settle(sample, _change(sample, tables) if compared else None)


def settle(sample: reports.Sample, change: Change | None = None) -> reports.Sample:
    """Count the sample's tables, so that all its parts agree with them."""
    tally, insight = reports.count(sample, sample.rows), InsightTally(sample.policies)
    excuses = 0
    for table in sample.rows:
        insight.add(table)
        exemptions = table.decisions[STRATEGY].exemptions
        excuses += any(each.kind == "waiver" for each in exemptions)
    sample.run = structs.replace(sample.run, tool_version=__version__)
    sample.promises = reports.promises()
    orders = sum(table.full_name == "main.sales.orders" for table in sample.rows)
    sample.waivers = (
        reports.waiver_status(
            WaiverState.ACTIVE,
            excuses,
            policy=STRATEGY,
            table=None,
            pattern="*",
            tables=len(sample.rows),
            **_WAIVER,
        ),
        reports.waiver_status(
            WaiverState.EXPIRED,
            tables=orders,
            conditions={} if orders else {WaiverCondition.UNUSED: "No table has its name."},
        ),
        reports.waiver_status(
            WaiverState.ACTIVE,
            table="main.sales.gone",
            expires="2027-01-31",
            conditions={WaiverCondition.UNUSED: "No table has its name."},
        ),
    )
    permissions = (parse_permission("error"),)
    sample.gate = judge(tally.gating, sample.completeness, permissions=permissions)
    sample.insight = Insight(
        governance=insight.governance(sample.completeness),
        exempted=insight.exempted,
        lacking=insight.lacking,
        what_if=tuple(_tried(insight, factor) for factor in _FACTORS),
        change=change,
    )
    return sample


def _asking(policy: Policy) -> Policy:
    asked = WhatIfAsked(settings=("size_threshold_bytes",), factors=_FACTORS)
    return structs.replace(policy, what_if=asked if policy.policy_id == STRATEGY else None)


def _proven(table: TableReport) -> TableReport:
    """Give an exempt decision what a run gives it."""

    def prove(decision: Decision) -> Decision:
        if decision.outcome is not Outcome.EXEMPT:
            return decision
        if all(each.kind != "waiver" for each in decision.exemptions):
            return structs.replace(decision, would_be=Outcome.FAIL)
        if decision.would_be is Outcome.FAIL:
            return structs.replace(decision, violations=(Violation(message="no strategy"),))
        return structs.replace(decision, missing=(Missing(kind="size", status="denied"),))

    decisions = {name: prove(each) for name, each in table.decisions.items()}
    return structs.replace(table, decisions=decisions)


def _tried(insight: InsightTally, factor: float) -> WhatIf:
    lacking = next(each for each in insight.lacking if each.policy_id == STRATEGY)
    total = next(each for each in insight.exempted if each.policy_id == STRATEGY).total
    none = structs.replace(total, tables=0, bytes=0, unsized=0)
    return WhatIf(
        policy_id=STRATEGY,
        factor=factor,
        settings={"size_threshold_bytes": int(1024**3 * factor)},
        now={"size_threshold_bytes": 1024**3},
        failing=lacking.failing,
        exempt=total,
        unknown=structs.replace(none, tables=1, unsized=1),
        newly_failing=none,
        no_longer_failing=structs.replace(none),
        examples=(),
    )


def _change(sample: reports.Sample, tables: int) -> Change:
    """Compare with a report of two tables more, of which some stood otherwise."""
    before = reports.sample(tables + 2)
    before.policies = sample.policies
    before.rows = sorted((_proven(each) for each in before.rows), key=lambda each: each.full_name)
    comparison = Comparison(
        pack((before.run, before.completeness, before.policies), before.rows[2:]), sample.policies
    )
    for table in sample.rows:
        comparison.add(table)
    return comparison.change(sample.run, sample.completeness)
