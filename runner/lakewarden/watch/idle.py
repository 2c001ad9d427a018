"""Waivers and overrides that do nothing: expired, or about no table that is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from lakewarden.evaluation.variants import Variants
from lakewarden.evaluation.waiver_ledger import WaiverLedger
from lakewarden.model.report import TableReport
from lakewarden.model.waiver import WaiverCondition, WaiverState
from lakewarden.policy_set import PolicySet

Idle = dict[bytes, str]
"""A sentence for each, under what it says: in another line of its file it is the same still."""


class IdleWatch:
    """Finds what does nothing; looks through the tables only where something is not as before."""

    def __init__(self, clock: str) -> None:
        self._clock = clock
        self._about: object = None
        self._idle: Idle = {}

    def of(self, rules: PolicySet, tables: Sequence[str], *, whole: bool) -> Idle:
        """Return what does nothing for the tables of these full names.

        Only where they are the `whole` estate can anybody tell that a table is not there.
        """
        policies = [policy.policy_id for policy in rules.policies]
        waivers = (rules.waivers, rules.waiver_limits)
        about = (waivers, rules.settings.overrides, policies, tables, whole)
        if about != self._about:
            self._about = about
            self._idle = dict(self._find(rules, tables, whole=whole))
        return self._idle

    def _find(
        self, rules: PolicySet, tables: Iterable[str], *, whole: bool
    ) -> Iterator[tuple[bytes, str]]:
        ledger = WaiverLedger(rules.waivers, rules.policies, self._clock, rules.waiver_limits)
        variants = Variants(rules.settings, rules.policies)
        for name in tables:
            # The names alone say what is met; which decision is exempt is not asked here.
            ledger.add(
                TableReport(full_name=name, catalog_name="", schema_name="", name="", decisions={})
            )
            variants.of(name)
        for each in ledger.statuses(sees_all=lambda _: whole):
            about = f"The waiver of {each.policy} for {each.table or each.pattern}"
            if each.state is WaiverState.EXPIRED:
                yield _key(each), f"{about} expired on {each.expires}."
            elif WaiverCondition.UNUSED in each.conditions:
                yield _key(each), f"{about} matches no table."
            elif too_long := each.conditions.get(WaiverCondition.TOO_LONG):
                yield _key(each), f"{about} isn't applied. {too_long}"
        for override in variants.unused() if whole else ():
            about = f"The override for {override} ({override.where})"
            moved = msgspec.structs.replace(override, where="")
            yield _key(moved), f"{about} matches no table."


def _key(stated: object) -> bytes:
    return msgspec.json.encode(stated, order="sorted")
