"""Decides again what a change of the rules can reach, and takes over the rest.

A policy is asked about every table where its code or a setting that it reads is another, and about
the tables that changed waivers cover where only these are. Enforcement and severity are noted
on the decisions that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import structs

from lakewarden.dependents import dependents
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.document_store import TableIntake
from lakewarden.evaluation.question import WaiverLookup
from lakewarden.evaluation.variants import Change
from lakewarden.model.decision import Decision, Enforcement, Outcome, TableDecisions
from lakewarden.model.report import TableReport
from lakewarden.policy_set import PolicySet
from lakewarden.proposal.version import Version
from lakewarden_collector.document import EncodedDocument

_UNCHANGED: Final = Change()

_Answers = Iterator[tuple[EncodedDocument, TableDecisions]]


class SecondDecision:
    """What is decided again by the changed rules, and by which policies."""

    def __init__(self, present: Version, changed: Version) -> None:
        self._changed = changed
        self.asked = 0
        """Decisions that the engine has made."""
        found = dependents(present.basis, changed.basis)
        policies = {each.policy_id for each in changed.rules.policies}
        new = policies - {each.policy_id for each in present.rules.policies}
        switched = found.enforcement & _ever_off(present.rules)
        everywhere = policies & {*found.modules, *found.own_settings, *new, *switched}
        self._everywhere = tuple(sorted(everywhere))
        self._where_waived = tuple(sorted((policies & found.waivers) - everywhere))
        waivers = set(present.rules.applied_waivers) ^ set(changed.rules.applied_waivers)
        self._waivers = WaiverLookup(tuple(waivers))
        self._has_overrides = bool(present.rules.variants) or bool(changed.rules.variants)
        self._policies = tuple(sorted(policies))

    @property
    def policies(self) -> frozenset[str]:
        """The policies that are asked again, about all tables or some."""
        return frozenset({*self._everywhere, *self._where_waived})

    def tables(
        self, store: TableIntake, before: Iterable[TableReport]
    ) -> Iterator[tuple[TableReport, TableReport]]:
        """Yield every table as it was decided, and as the changed rules decide it.

        `before` are the store's tables in their order. Raises `EngineError` where the engine is
        gone.
        """
        everywhere = self._answers(self._everywhere, store.documents())
        covered = (each for each in store.documents() if self._is_covered(each.full_name))
        where_waived = self._answers(self._where_waived, covered)
        waiting = next(where_waived, None)
        for table in before:
            again = dict[str, Decision]()
            facts = dict(table.facts)
            answers = [next(everywhere)] if self._everywhere else []
            if waiting is not None and waiting[0].full_name == table.full_name:
                answers.append(waiting)
                waiting = next(where_waived, None)
            for document, answer in answers:
                whole = self._whole(table, document, answer)
                again |= whole.decisions
                facts |= whole.facts
            decisions = {
                policy_id: again[policy_id] if policy_id in again else self._noted(table, policy_id)
                for policy_id in self._policies
            }
            yield table, structs.replace(table, decisions=decisions, facts=facts)

    def _answers(self, policies: tuple[str, ...], documents: Iterator[EncodedDocument]) -> _Answers:
        if not policies:
            return
        question = structs.replace(self._changed.question, policies=policies)
        for document, answer in decide(self._changed.engine, question, documents):
            self.asked += len(answer.decisions)
            yield document, answer

    def _whole(
        self, table: TableReport, document: EncodedDocument, answer: TableDecisions
    ) -> TableDecisions:
        """Return the answer, and for all policies if one is an error now that wasn't before.

        What they share, such as the facts of their domain, may have broken, and then each of them.
        """
        if not any(_newly_broken(table, *each) for each in answer.decisions.items()):
            return answer
        ((_, whole),) = decide(self._changed.engine, self._changed.question, [document])
        self.asked += len(whole.decisions)
        return whole

    def _is_covered(self, full_name: str) -> bool:
        return bool(self._where_waived) and bool(self._waivers.covering([full_name]))

    def _noted(self, table: TableReport, policy_id: str) -> Decision:
        """Return a decision that stands, with what overrides say of it now."""
        decision = table.decisions[policy_id]
        if not self._has_overrides:
            return decision
        variant = self._changed.rules.variants.of(table.full_name)
        change = variant.changes.get(policy_id, _UNCHANGED) if variant else _UNCHANGED
        return change.apply(decision)


def _newly_broken(table: TableReport, policy_id: str, decision: Decision) -> bool:
    before = table.decisions.get(policy_id)
    return decision.outcome is Outcome.ERROR and (
        before is None or before.outcome is not Outcome.ERROR
    )


def _ever_off(rules: PolicySet) -> set[str]:
    """Return the policies that the settings turn off for some table: nobody decides there."""
    return {
        *(each.policy_id for each in rules.policies if each.enforcement is Enforcement.OFF),
        *(
            policy_id
            for override in rules.settings.overrides
            for policy_id, enforcement in override.enforcement.items()
            if enforcement is Enforcement.OFF
        ),
    }
