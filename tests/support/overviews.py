"""A report whose page shows everything: fixes, thresholds, a history, a change, waivers."""

from __future__ import annotations

from msgspec import structs

from lakewarden.model.decision import Decision, Fix, Outcome
from lakewarden.model.policy import WhatIfAsked
from lakewarden.model.report import TableReport
from tests.support import histories, insights, reports


def full(tables: int = 60) -> reports.Sample:
    """Return the report; its hostile names are among the tables."""
    sample = insights.with_insight(reports.sample(tables, names=reports.HOSTILE_NAMES))
    asked = WhatIfAsked(settings=("size_threshold_bytes",), factors=(2.0,))
    tried = {each.policy_id for each in sample.insight.what_if} if sample.insight else set()
    sample.policies = tuple(
        structs.replace(policy, what_if=asked if policy.policy_id in tried else None)
        for policy in sample.policies
    )
    sample.rows = [_fixable(row) for row in sample.rows]
    return histories.with_history(sample)


def _fixable(table: TableReport) -> TableReport:
    fix = Fix(title="Let it choose the keys", sql=(f"ALTER TABLE {table.name} CLUSTER BY AUTO",))

    def fixed(decision: Decision) -> Decision:
        if decision.outcome is not Outcome.FAIL:
            return decision
        violations = tuple(structs.replace(each, fixes=(fix,)) for each in decision.violations)
        return structs.replace(decision, violations=violations)

    return structs.replace(
        table,
        decisions={name: fixed(each) for name, each in table.decisions.items()},
        definition=None,
    )
