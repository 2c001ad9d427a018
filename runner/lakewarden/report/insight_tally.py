"""Counts what a run's decisions mean to those who answer for the estate, table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lakewarden.model.decision import Decision, Enforcement, Outcome
from lakewarden.model.insight import Amount, Exempted, Governance, Lacking, LackingTable
from lakewarden.model.policy import Policy
from lakewarden.model.report import Completeness, TableReport
from lakewarden.report.amounts import Largest, bytes_of, count
from lakewarden.report.exemptions import exemption_kind, first_exemption
from lakewarden.report.table_status import enforcement_of

_LARGEST: Final = 10


class InsightTally:
    """Counts what policies govern, exempt and find lacking; memory doesn't grow with tables."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = {policy.policy_id: policy for policy in policies}
        self._governed, self._undecided, self._outside = Amount(), Amount(), Amount()
        self._exempted = {
            policy.policy_id: Exempted(policy_id=policy.policy_id, total=Amount(), kinds={})
            for policy in policies
        }
        self._lacking = {
            policy.policy_id: _Lack(policy.policy_id) for policy in policies if policy.what_if
        }

    def add(self, table: TableReport) -> None:
        """Count one table and its decisions."""
        size = bytes_of(table)
        count(self._group(table.decisions), size)
        for policy_id, decision in table.decisions.items():
            if decision.outcome is Outcome.EXEMPT:
                exempted = self._exempted[policy_id]
                count(exempted.total, size)
                count(exempted.kinds.setdefault(exemption_kind(decision), Amount()), size)
            if policy_id in self._lacking:
                self._lacking[policy_id].add(table, decision)

    def governance(self, completeness: Completeness) -> Governance:
        """Return how much of what the run knows of is governed."""
        groups = (self._governed, self._undecided, self._outside)
        asked = completeness.tables_known - completeness.tables_left_out
        known_bytes = sum(group.bytes for group in groups)
        return Governance(
            governed=self._governed,
            undecided=self._undecided,
            outside=self._outside,
            unread=completeness.tables_failed,
            share=None if completeness.unlisted or not asked else self._governed.tables / asked,
            share_of_bytes=self._governed.bytes / known_bytes if known_bytes else None,
        )

    @property
    def exempted(self) -> tuple[Exempted, ...]:
        """Each policy with exemptions."""
        return tuple(each for each in self._exempted.values() if each.total.tables)

    @property
    def lacking(self) -> tuple[Lacking, ...]:
        """Each policy that says what to try."""
        return tuple(each.result for each in self._lacking.values())

    def _group(self, decisions: Mapping[str, Decision]) -> Amount:
        about = False
        for policy_id, decision in decisions.items():
            outcome = decision.outcome
            if outcome is Outcome.ERROR or (
                outcome is Outcome.UNKNOWN
                and enforcement_of(self._policies[policy_id], decision) is Enforcement.MANDATORY
            ):
                return self._undecided
            about = about or outcome is not Outcome.NOT_APPLICABLE
        return self._governed if about else self._outside


class _Lack:
    """The tables that do not have what one policy asks for."""

    def __init__(self, policy_id: str) -> None:
        self._policy_id = policy_id
        self._failing, self._exempt = Amount(), Amount()
        self._largest: Largest[LackingTable] = Largest(_LARGEST)

    def add(self, table: TableReport, decision: Decision) -> None:
        if decision.outcome is Outcome.FAIL:
            group, excuse = self._failing, ""
        elif decision.outcome is Outcome.EXEMPT and decision.would_be is Outcome.FAIL:
            group, excuse = self._exempt, first_exemption(decision)[1]
        else:
            return
        size = bytes_of(table)
        count(group, size)
        lacks = LackingTable(
            full_name=table.full_name,
            outcome=decision.outcome,
            bytes=size,
            owner=table.owner,
            excuse=excuse,
        )
        self._largest.add(table.full_name, size, lacks)

    @property
    def result(self) -> Lacking:
        return Lacking(
            policy_id=self._policy_id,
            failing=self._failing,
            excused=self._exempt,
            largest=tuple(self._largest),
        )
