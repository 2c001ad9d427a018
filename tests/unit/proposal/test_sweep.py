"""A sweep takes the steps that a person would, the present value among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.options import ClockOptions
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Silent
from lakewarden.proposal.present import PresentDecisions
from lakewarden.proposal.sweep import parse_sweep, sweep, swept
from lakewarden.proposal.version import TrialOptions
from lakewarden.settings.changes import NOTHING
from tests.support import documents, rule_trials

_KI: Final = 1024
_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "colour": {
        "properties": {
            "large_bytes": {"type": "integer", "minimum": 0},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
            "longest": {"type": "integer"},
            "word": {"type": "string"},
        }
    }
}


@pytest.mark.parametrize(
    ("text", "steps", "now", "expected"),
    [
        ("large_bytes=1KiB..8KiB", None, None, [_KI, 2 * _KI, 4 * _KI, 8 * _KI]),
        ("large_bytes=1KiB..7KiB", None, 3000, [_KI, 2 * _KI, 3000, 4 * _KI, 7 * _KI]),
        ("large_bytes=1KiB..8KiB", None, 9 * _KI, [_KI, 2 * _KI, 4 * _KI, 8 * _KI]),
        ("longest=2..6", None, 4, [2, 3, 4, 5, 6]),
        ("longest=0..80", None, None, [0, 10, 20, 30, 40, 50, 60, 70, 80]),
        ("longest=-10..30", 3, None, [-10, 10, 30]),
        ("longest=1..100", 3, None, [1, 10, 100]),
        ("longest=1..3", 9, None, [1, 2, 3]),
        ("share=0..1", 5, 0.8, [0, 0.25, 0.5, 0.75, 0.8, 1]),
        ("share=0.7..1", 4, None, [0.7, 0.8, 0.9, 1]),
        ("longest=5..6", 2, None, [5, 6]),
    ],
)
def test_steps(text: str, steps: int | None, now: float | None, expected: list[float]) -> None:
    asked = structs.replace(parse_sweep(f"colour.{text}"), steps=steps)
    assert list(swept(asked, _SCHEMAS, now)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("colour.longest=5", "isn't a setting with two values"),
        ("colour.longest=..5", "isn't a setting with two values"),
        ("longest=1..5", "isn't a setting with its value"),
        ("colour.word=a..b", "`word` isn't a number"),
        ("colour.longest=5..5", "5 isn't less than 5"),
        ("colour.share=0..2", "2 is greater than the maximum of 1"),
        ("colour.large_bytes=1KB..2KB", "KB isn't a unit"),
        ("colour.longer=1..2", "there is no setting"),
    ],
)
def test_what_cannot_be_swept_is_refused(text: str, what: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        swept(parse_sweep(text), _SCHEMAS, None)
    assert what in error.value.what


@pytest.fixture
def _engine() -> Iterator[None]:
    with rule_trials.shared_engine():
        yield


@pytest.mark.usefixtures("_engine")
def test_each_step_is_the_what_if_of_its_value(tmp_path: Path) -> None:
    rule_trials.write_tables(tmp_path / "tables.ndjson", 20, 9)
    config = rule_trials.write_config(tmp_path / "config", {"clustering": {}})
    policy = "clustering.key_limit"
    policies = PolicyOptions(config=config, policies=(policy, "clustering.keys_exist"))
    options = TrialOptions(
        tables=TableOptions(inventory=str(tmp_path / "tables.ndjson")),
        policies=policies,
        clock=ClockOptions(now=documents.NOW),
    )
    asked = parse_sweep("clustering.max_clustering_columns=1..5")
    with PresentDecisions(options, Silent()) as present:
        found = sweep(present, policies, NOTHING, asked, Silent())
        failing = {
            table.full_name: table.size.get("bytes")
            for table in present.tables()
            if table.decisions[policy].outcome == "fail"
        }
    assert [step.value for step in found.steps] == [1, 2, 3, 4, 5]
    (now,) = [step for step in found.steps if step.present]
    assert now.value == 4
    assert now.failing.tables == len(failing)
    assert now.failing.bytes == sum(filter(None, failing.values()))
    counts = [step.failing.tables for step in found.steps]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    assert all(step.by_policy == {policy: step.failing} for step in found.steps)
