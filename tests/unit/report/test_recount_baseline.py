"""What a report says of its baseline agrees with its tables and with itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from lakewarden.baseline.entries import Entry
from lakewarden.baseline.failing import failing
from lakewarden.baseline.ledger import BaselineLedger
from lakewarden.baseline.ratchet import compare
from lakewarden.model.errors import ConfigurationError
from lakewarden.report.gate import judge
from lakewarden.report.recount import open_report
from tests.support import reports
from tests.support.agreeing_reports import agreeing


def with_baseline(before: list[Entry] | None = None) -> reports.Sample:
    """Return a report whose baseline knows all of its failures, and has a ratchet."""
    sample = agreeing(20, compared=False)
    entries = list(failing(sample))
    ledger, index = BaselineLedger("b.txt", entries), {p.policy_id: p for p in sample.policies}
    sample.rows = [ledger.mark(row) for row in sample.rows]
    for row in sample.rows:
        ledger.add(row, index)
    tally = reports.count(sample, sample.rows)
    ratchet = compare("main (0123)", entries[1:] if before is None else before, entries)
    sample.baseline = ledger.baseline(sample.run.clock, ratchet)
    sample.gate = judge(
        tally.gating,
        sample.completeness,
        known=tally.known,
        advisory=tally.advisory,
        clock=sample.run.clock,
        ratchet=ratchet,
    )
    return sample


def test_a_report_with_a_ratchet_that_failed_is_read(tmp_path: Path) -> None:
    found = open_report(with_baseline().write(tmp_path / "r.json"))
    assert found.gate.exit_code == 1
    assert found.baseline is not None
    assert found.baseline.backlog


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"backlog": ()}, r"\$\.baseline\.backlog"),
        ({"oldest_days": 77}, r"oldest_days: contradicts itself: it is 0 by the clock"),
        ({"oldest_days": None, "oldest": None}, "oldest"),
        ({"oldest": "today"}, "isn't a day"),
        ({"median_days": 9}, "median_days"),
        ({"renames": ({"full_name": "a", "known_as": "b"},)}, "renames"),
    ],
)
def test_what_can_not_be_true_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    sample = with_baseline()
    assert sample.baseline is not None
    sample.baseline = structs.replace(sample.baseline, **changes)
    with pytest.raises(ConfigurationError, match=words):
        open_report(sample.write(tmp_path / "r.json"))


@pytest.mark.parametrize(
    "changes", [{"swapped": 1}, {"younger": -1}, {"is_there": False}, {"added": 0}]
)
def test_a_ratchet_that_contradicts_itself_is_refused(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    sample = with_baseline()
    assert sample.baseline is not None
    assert sample.baseline.ratchet is not None
    ratchet = structs.replace(sample.baseline.ratchet, **changes)
    sample.baseline = structs.replace(sample.baseline, ratchet=ratchet)
    with pytest.raises(ConfigurationError):
        open_report(sample.write(tmp_path / "r.json"))
