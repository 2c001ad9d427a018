"""The tables of a run with what is decided about them; what tests of the scenarios ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NoReturn

import msgspec
import pytest

from lakewarden.model.decision import Decision, Outcome
from tests.factory.errors import FactoryError
from tests.factory.factory import Made
from tests.factory.specs import Spec
from tests.factory.tables import Tables
from tests.integration.databricks.workspace_commands import Inventory
from tests.integration.scenarios.collecting import Commands
from tests.unit.scenarios.judging import Judge

Json = dict[str, Any]

_UNDECIDED: Final = (Outcome.UNKNOWN, Outcome.ERROR)


class JudgedEstate:
    """What was made, collected and decided.

    Whatever cannot be had ends the test with the reason: it is skipped where the place does not
    offer what is needed (no warehouse, no grant, lineage that nobody may write), and fails for
    anything else. Nothing that is unknown passes.
    """

    def __init__(
        self,
        tables: Tables,
        commands: Commands,
        *,
        inventory: Inventory,
        report: Json,
        judge: Judge,
        unread: FactoryError | None,
    ) -> None:
        self._tables = tables
        self._commands = commands
        self._inventory = inventory
        self.report = report
        self._judge = judge
        self._unread = unread
        self._listing: Json | None = None

    def made(self, spec: Spec) -> Made:
        """Return the table of a specification."""
        try:
            return self._tables.of(spec)
        except FactoryError as error:
            give_up(error)

    def size(self, spec: Spec) -> int:
        """Return the bytes of a table, read back when it was made."""
        size = self.made(spec).size
        assert size is not None, f"{spec.name} is a view"
        return size

    def document(self, spec: Spec) -> Json:
        """Return what was collected of a table."""
        return self._only(self._inventory.documents, spec, self._inventory.failures)

    def decision(self, spec: Spec, policy: str, **settings: Any) -> Decision:  # noqa: ANN401 -- any value of a setting
        """Return what a policy decides about a table: as was reported, or under other settings."""
        decided = self._decision(spec, policy, settings)
        if decided.outcome in _UNDECIDED:
            lacking = "; ".join(f"{each.kind}: {each.reason}" for each in decided.missing)
            pytest.fail(
                f"{policy} could not judge {self.made(spec).full_name}, it is {decided.outcome}:"
                f" {lacking or decided.reasons}",
                pytrace=False,
            )
        return decided

    def facts(self, spec: Spec) -> Json:
        """Return what the report tells about a table's clustering."""
        facts: Json = self.reported(spec)["facts"]["clustering"]
        return facts

    def reported(self, spec: Spec) -> Json:
        """Return the report's entry for a table."""
        return self._only(self.report["tables"], spec, self.report["completeness"]["failures"])

    def listed(self, spec: Spec) -> Json:
        """Return the entry of a report that was made without a statement, so without a size."""
        if self._listing is None:
            self._listing = self._commands.evaluate_listing()
        failures = self._listing["completeness"]["failures"]
        return self._only(self._listing["tables"], spec, failures)

    def needs_reads(self) -> None:
        """End the test unless the tables' reads could be recorded."""
        if self._unread is not None:
            give_up(self._unread)

    def _decision(self, spec: Spec, policy: str, settings: Json) -> Decision:
        if not settings:
            return msgspec.convert(self.reported(spec)["decisions"][policy], Decision)
        (answer,) = self._judge.answers(
            [self.document(spec)],
            policies=[policy],
            settings={**self._commands.settings, **settings},
            now=self.report["run"]["clock"],
        )
        return answer.decisions[policy]

    def _only(self, tables: Sequence[Json], spec: Spec, failures: Sequence[Json]) -> Json:
        name = self.made(spec).full_name
        found = [each for each in tables if each["full_name"] == name]
        if len(found) != 1:
            pytest.fail(
                f"{name} was made, but is {len(found)} times in what was collected, so nothing can"
                f" be said of it; failures: {[*failures] or 'none, somebody may have dropped it'}",
                pytrace=False,
            )
        return found[0]


def give_up(error: FactoryError) -> NoReturn:
    """End the test: skipped where the place does not offer what is needed, else failed."""
    if error.lacking:
        pytest.skip(str(error))
    pytest.fail(str(error), pytrace=False)
