"""One table as the steps look at it: what was collected, what is demanded, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pytest

from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.report import TableReport
from tests.acceptance.steps.effective_settings import Json
from tests.support.oracle import strategies
from tests.support.oracle.expected import Case, Expected
from tests.support.oracle.opinion import POLICIES, expect
from tests.support.oracle.texts import any_glob, time
from tests.support.oracle.waivers import waived

STRATEGY: Final = "clustering.strategy_required"


def but_for_waivers(decision: Decision) -> Outcome:
    """Return the outcome that there would be without waivers."""
    waived = any(each.kind == "waiver" for each in decision.exemptions)
    return decision.would_be if waived and decision.would_be else decision.outcome


@dataclass(frozen=True)
class Table:
    """What the collection, the settings and the report say of one table.

    What the properties say is read from the collected document by the tests' own oracle, never
    from the facts that the policies export.
    """

    reported: TableReport
    document: Json
    settings: dict[str, Json]
    waivers: list[Json]
    now: str
    policies: tuple[str, ...]
    """The policies of the run, which the caller may have narrowed."""

    @property
    def name(self) -> str:
        return self.reported.full_name

    @property
    def bytes(self) -> int | None:
        """Its size; None where it is not known."""
        found: int | None = self.document["size"].get("bytes")
        return found

    @property
    def exactly_sized(self) -> bool:
        """Whether its size decides at every threshold."""
        return self.bytes is not None and self.document["size"].get("exact") is True

    @cached_property
    def case(self) -> Case:
        """The table as the oracle of the clustering domain takes it."""
        moment = time(self.now)
        waived_from = waived(self.name, self.waivers, moment)
        return Case(self.document, self.settings["clustering"], moment, waived_from)

    # --- what it is --------------------------------------------------------------------------

    @property
    def clusterable(self) -> bool:
        """Whether it is of a kind that can be clustered; not where nobody knows its kind."""
        return strategies.clusterable(self.case) is True

    @property
    def noted(self) -> bool:
        """Whether it can be clustered and its properties are known."""
        return self.clusterable and "properties" in self.document

    @property
    def clusterable_and_unread(self) -> bool:
        """Whether it can be clustered, and nobody knows its properties."""
        return self.clusterable and "properties" not in self.document

    @property
    def keyed(self) -> bool:
        """Whether it is clustered by keys."""
        return self.clusterable and bool(strategies.keys_of(self.case).parts)

    @property
    def liquid(self) -> bool:
        """Whether it is clustered by keys, or by such as Databricks may choose."""
        return self.clusterable and strategies.liquid(self.case)

    @property
    def declared_liquid(self) -> bool:
        """Whether liquid clustering was asked for, be it that nobody chooses its keys."""
        return self.clusterable and strategies.declared(self.case)

    @property
    def clustered(self) -> bool:
        """Whether it has any strategy that the settings accept."""
        return self.liquid or (self.clusterable and strategies.auto_optimized(self.case))

    @property
    def unclustered(self) -> bool:
        """Whether it is known to have no strategy that the settings accept."""
        return self.noted and not self.clustered and not strategies.strategy_lacking(self.case)

    @property
    def excluded(self) -> bool:
        """Whether its owner excluded it from clustering."""
        return self.noted and strategies.excluded(self.case)

    @property
    def exempt_by_owner(self) -> bool:
        """Whether its exclusion is honoured and there is something to exempt."""
        return (
            self.unclustered and self.excluded and bool(self.case.settings["honor_exclusion_flag"])
        )

    @property
    def for_tests(self) -> bool:
        """Whether it lies in a schema for tests."""
        return any_glob(self.case.settings["test_schemas"], self.document["schema_name"])

    @property
    def threshold(self) -> int:
        """The bytes from which on it is not small."""
        name = "test_size_threshold_bytes" if self.for_tests else "size_threshold_bytes"
        return int(self.case.settings[name])

    @property
    def small(self) -> bool | None:
        """Whether it is below its threshold; None where no size may decide that."""
        return strategies.below(self.case, self.threshold)

    # --- what was decided --------------------------------------------------------------------

    def decision(self, policy: str = STRATEGY) -> Decision:
        """Return one policy's decision; skip the scenario if the run does not ask this policy.

        Fails it where the policy ended in an error, from which nothing may be concluded.
        """
        if policy not in self.policies:
            pytest.skip(f"the run leaves out the policy {policy}")
        decision = self.reported.decisions[policy]
        if decision.outcome is Outcome.ERROR:
            pytest.fail(f"{self.name}: {self.summary(policy)}", pytrace=False)
        return decision

    def exemption_kinds(self, policy: str = STRATEGY) -> set[str]:
        """Return the kinds of its exemptions."""
        decision = self.decision(policy)
        return {each.kind for each in decision.exemptions} if decision.exemptions else set()

    @property
    def exempt_as_small(self) -> bool:
        """Whether it is exempt by the rule about small tables."""
        return self.decision().outcome is Outcome.EXEMPT and "rule" in self.exemption_kinds()

    def would_be(self, policy: str = STRATEGY) -> Outcome:
        """Return the outcome but for a waiver."""
        return but_for_waivers(self.decision(policy))

    def reported_by(self, policy: str) -> bool:
        """Whether the policy found it broken, waived or not."""
        return self.would_be(policy) is Outcome.FAIL

    def summary(self, policy: str = STRATEGY) -> str:
        """Say what was decided, with the proof, for a person."""
        decision = self.reported.decisions[policy]
        proofs = [
            *(each.message for each in decision.violations),
            *(f"{each.kind}: {each.reason}" for each in decision.exemptions),
            *(f"{each.kind} {each.status} {each.reason}".strip() for each in decision.missing),
            *decision.reasons,
        ]
        return f"{policy} says {decision.outcome.value}" + (f" ({proofs[0]})" if proofs else "")

    def opinion(self, policy: str) -> Expected | None:
        """Return the oracle's opinion; None of a policy that it does not know."""
        if policy not in POLICIES:
            return None
        return expect(policy, self.document, self.settings, self.waivers, self.now)
