"""Counts a run's decisions as they come, table by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from lakewarden.model.decision import Enforcement, Outcome, Severity
from lakewarden.model.policy import Policy
from lakewarden.model.report import Group, PolicyCounts, Summary, TableReport
from lakewarden.report.exemptions import KINDS, exemption_kind
from lakewarden.report.gate import AdvisoryKind
from lakewarden.report.table_status import (
    Status,
    effective_on_of,
    enforcement_of,
    severity_of,
    status_of,
)

NO_OWNER: Final = "(no owner)"
"""Counts the tables that nobody owns."""

UNKNOWN_OWNER: Final = "(owner not known)"
"""Counts the tables whose owner isn't known."""


def owner_group(owner: str | None) -> str:
    """Return the name under which tables of an owner, none or an unknown one are counted."""
    return UNKNOWN_OWNER if owner is None else owner or NO_OWNER


def no_outcomes() -> dict[str, int]:
    """Return zero for every outcome."""
    return {str(outcome): 0 for outcome in Outcome}


class Tally:
    """Adds up a summary; memory grows with owners, schemas and facts, not with tables."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = {policy.policy_id: policy for policy in policies}
        self.decisions = 0
        self.tables = 0
        self.defined = 0
        """The tables that have a definition: those of a plan."""
        self.gating: Counter[tuple[str, Outcome, Enforcement]] = Counter()
        """How often each policy came to each outcome under each enforcement."""
        self.advisory: Counter[AdvisoryKind] = Counter()
        """How often each came to which outcome, severity and day where it's advisory."""
        self.known: Counter[tuple[str, Enforcement]] = Counter()
        """Of its fails, those of which the baseline knows every violation."""
        self.summary = Summary(
            total=_group(),
            tables_by_status={str(status): 0 for status in Status},
            by_policy={
                policy_id: PolicyCounts(outcomes=no_outcomes()) for policy_id in self._policies
            },
            by_severity={str(severity): no_outcomes() for severity in Severity},
            by_owner={},
            by_catalog={},
            by_schema={},
            by_fact={},
        )

    def add(self, table: TableReport) -> None:
        """Count one table and its decisions."""
        size = table.size.get("bytes")
        groups = list(self._groups(table))
        seen: Counter[str] = Counter()
        exempt: Counter[str] = Counter()
        for policy_id, decision in table.decisions.items():
            policy = self._policies[policy_id]
            enforcement = enforcement_of(policy, decision)
            severity = severity_of(policy, decision)
            outcome = decision.outcome
            seen[outcome.value] += 1
            if outcome is Outcome.EXEMPT:
                exempt[exemption_kind(decision)] += 1
            self.gating[policy_id, outcome, enforcement] += 1
            if decision.baseline and decision.is_known:
                self.known[policy_id, enforcement] += 1
            elif enforcement is Enforcement.ADVISORY:
                day = effective_on_of(policy, decision)
                self.advisory[policy_id, outcome, severity, day] += 1
            self.summary.by_severity[severity.value][outcome.value] += 1
            counts = self.summary.by_policy[policy_id]
            counts.outcomes[outcome.value] += 1
            if outcome is Outcome.FAIL:
                counts.failing_bytes += size or 0
        status = status_of(table, self._policies)
        self.tables += 1
        self.defined += table.definition is not None
        self.decisions += len(table.decisions)
        self.summary.tables_by_status[status.value] += 1
        for group in groups:
            group.tables += 1
            group.bytes += size or 0
            group.unsized += size is None
            group.non_compliant += status is Status.NON_COMPLIANT
            for outcome_name, number in seen.items():
                group.outcomes[outcome_name] += number
            for kind, number in exempt.items():
                group.exempt[kind] = group.exempt.get(kind, 0) + number

    @property
    def switched_off(self) -> dict[str, int]:
        """Policies that the settings switch off for some tables, and for how many."""
        found: Counter[str] = Counter()
        for (policy_id, _, enforcement), number in self.gating.items():
            if enforcement is Enforcement.OFF:
                found[policy_id] += number
        return dict(found)

    def _groups(self, table: TableReport) -> Iterator[Group]:
        summary = self.summary
        yield summary.total
        yield _of(summary.by_owner, owner_group(table.owner))
        yield _of(summary.by_catalog, table.catalog_name)
        yield _of(summary.by_schema, f"{table.catalog_name}.{table.schema_name}")
        for domain, facts in table.facts.items():
            for fact, value in facts.items():
                if isinstance(value, bool):
                    text = "true" if value else "false"
                elif isinstance(value, str):
                    text = value
                else:
                    continue
                yield _of(summary.by_fact.setdefault(f"{domain}.{fact}", {}), text)


def _of(groups: dict[str, Group], key: str) -> Group:
    group = groups.get(key)
    if group is None:
        group = groups[key] = _group()
    return group


def _group() -> Group:
    return Group(outcomes=no_outcomes(), exempt=dict.fromkeys(KINDS, 0))
