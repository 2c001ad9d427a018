"""Measures one estate: the first collection, the second one with `--reuse`, the naive one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.estate.run import Run, collect, signed_in
from benchmarks.estate.shape import Estate
from benchmarks.estate.truth import Least, least, shipped_limits
from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import InventoryReader
from tests.support.commandline import REPOSITORY
from tests.workspace.process import WorkspaceProcess
from tests.workspace.timing import Timing

_FIRST: Final = "first.ndjson"
_SECOND: Final = "second.ndjson"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One estate's collections, and what they needed at least."""

    least: Least
    first: Run
    second: Run
    wrong: int
    """Tables that the first inventory lacks, or that had to be described and whose size in it is
    not the true one."""

    @property
    def described_unnecessarily(self) -> int:
        """How many DESCRIBE DETAILs were not needed, repeated ones included."""
        wanted = Counter(self.least.described)
        return (Counter(self.first.asked.described) - wanted).total()

    @property
    def not_described(self) -> int:
        """How many tables needed describing and were not described."""
        return len(self.least.described.difference(self.first.asked.described))


def measure(estate: Estate, timing: Timing, folder: Path) -> Measured:
    """Collect twice from a double that begins with the first one."""
    needed = least(estate, shipped_limits())
    with WorkspaceProcess(estate, timing=timing) as workspace:
        first = collect(workspace, folder, _FIRST)
        second = collect(workspace, folder, _SECOND, "--reuse", _FIRST)
    return Measured(
        least=needed, first=first, second=second, wrong=_wrong(folder / _FIRST, estate, needed)
    )


def naive_seconds(estate: Estate, timing: Timing, folder: Path, sample: int) -> float:
    """Return the seconds that the naive collector takes for so many of the tables."""
    with WorkspaceProcess(estate, timing=timing) as workspace:
        variables = signed_in(workspace, folder) | {"PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "benchmarks.estate.naive"]
        ended = subprocess.run(
            [*command, workspace.warehouse_id, str(sample)],
            cwd=folder,
            env=variables,
            stdout=subprocess.PIPE,
            check=True,
        )
    return float(json.loads(ended.stdout))


def _wrong(inventory: Path, estate: Estate, needed: Least) -> int:
    """Count the tables that an inventory lacks or tells a wrong size of."""
    wrong = len(estate)
    with inventory.open("rb") as stream:
        for item in InventoryReader(stream, str(inventory)):
            if isinstance(item, TableDocument):
                exact = item.size.exact is True
                true = item.size.bytes == estate.size_of(item.full_name)
                wrong -= (exact and true) or item.full_name not in needed.described
    return wrong
