"""An evaluated estate, read as a stream: the report beside the inventory that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from lakewarden import open_report
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import InventoryReader
from tests.acceptance.steps.effective_settings import EffectiveSettings
from tests.acceptance.steps.evaluating import Written
from tests.acceptance.steps.table import Table


class Estate:
    """What one run found; its tables are read again each time, so that any number fits."""

    def __init__(self, written: Written, settings: EffectiveSettings) -> None:
        self.written = written
        self.settings = settings
        self.report = open_report(written.reports["json"])
        self.policies = tuple(policy.policy_id for policy in self.report.policies)

    def tables(self) -> Iterator[Table]:
        """Yield every table that was evaluated, in the order of the inventory."""
        with self.written.inventory.open("rb") as stream:
            items = iter(InventoryReader(stream, self.written.inventory.name))
            for reported in self.report.tables():
                for item in items:
                    if isinstance(item, TableDocument) and item.full_name == reported.full_name:
                        break
                else:
                    raise AssertionError(
                        f"the report has {reported.full_name}, which the inventory lacks there"
                    )
                yield Table(
                    reported=reported,
                    document=msgspec.to_builtins(item),
                    settings=self.settings.of(reported.full_name),
                    waivers=self.settings.waivers,
                    now=self.report.run.clock,
                    policies=self.policies,
                )


@dataclass(frozen=True)
class Tables:
    """The tables of an estate of which something holds."""

    estate: Estate
    words: str
    """What holds, behind "a table": `is exempt as small`."""
    holds: Callable[[Table], bool]

    def __iter__(self) -> Iterator[Table]:
        return filter(self.holds, self.estate.tables())

    def again_in(self, estate: Estate) -> Iterator[Table]:
        """Yield the same tables as another evaluation of the same inventory has them."""
        for before, after in zip(self.estate.tables(), estate.tables(), strict=True):
            if self.holds(before):
                yield after
