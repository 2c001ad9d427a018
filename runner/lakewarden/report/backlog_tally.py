"""Counts the failures that a baseline knows by what their fixes cost."""

from __future__ import annotations

from lakewarden.model.baseline import BacklogPart, FixCost
from lakewarden.model.report import TableReport
from lakewarden.report.amounts import bytes_of, count
from lakewarden.report.fix_cost import COST_RANK, cheapest


class BacklogTally:
    """Follows a run's tables; a report's can be counted again in the same way."""

    def __init__(self) -> None:
        self._parts: dict[tuple[FixCost, str], BacklogPart] = {}

    def add(self, table: TableReport) -> None:
        """Count the violations of a table that its decisions call known."""
        seen = set()
        for policy_id, decision in table.decisions.items():
            if not decision.baseline:
                continue
            known = {each.key for each in decision.baseline}
            costs = {
                key: min(
                    (cheapest(each.fixes) for each in decision.violations if each.key == key),
                    key=COST_RANK.__getitem__,
                    default=FixCost.UNKNOWN,
                )
                for key in known
            }
            for cost in costs.values():
                place = cost, policy_id
                part = self._parts.setdefault(place, BacklogPart(cost=cost, policy_id=policy_id))
                part.violations += 1
                if place not in seen:
                    seen.add(place)
                    count(part, bytes_of(table))

    @property
    def parts(self) -> tuple[BacklogPart, ...]:
        """The cheapest first."""
        return tuple(sorted(self._parts.values(), key=_order))


def _order(part: BacklogPart) -> tuple[int, int, str]:
    return COST_RANK[part.cost], part.bytes, part.policy_id
