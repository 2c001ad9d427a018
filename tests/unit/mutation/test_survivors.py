"""The score: what is counted, and which survivors and reasons make `make mutate` fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mutation.__main__ import shown
from benchmarks.mutation.mutants import Change, Mutant
from benchmarks.mutation.score import Score, read_reasons
from benchmarks.mutation.trial import Fate

_ONE = Change("a.rego", "p", "x > 1", "x >= 1")
_TWO = Change("a.rego", "p", "x > 1", "x > 2")
_THREE = Change("b.rego", "q", "not x", "x")


def _score(reasons: dict[Change, str]) -> Score:
    fates = [(_ONE, Fate.SURVIVED), (_TWO, Fate.KILLED), (_THREE, Fate.DISCARDED)]
    return Score(tuple((Mutant(change, 7, ""), fate) for change, fate in fates), reasons)


def test_what_does_not_compile_is_not_counted() -> None:
    counted = _score({}).counted()
    assert counted["a.rego"] == {"killed": 1, "total": 2, "discarded": 0}
    assert counted["b.rego"] == {"killed": 0, "total": 0, "discarded": 1}


def test_survivor_without_a_reason_is_told() -> None:
    score = _score({})
    assert [mutant.change for mutant in score.unexplained] == [_ONE]
    assert "a.rego:7: `x > 1` → `x >= 1`\n    NO REASON GIVEN" in shown(score)
    assert not _score({_ONE: "x is never 1"}).unexplained


@pytest.mark.parametrize("change", [_TWO, _THREE, Change("a.rego", "p", "gone", "")])
def test_reason_for_no_survivor_is_stale(change: Change) -> None:
    """A list that names what is killed by now would excuse it when the tests are weakened."""
    score = _score({_ONE: "x is never 1", change: "why"})
    assert score.stale == [change]
    assert change.before in shown(score)


def test_kept_file_names_survivors_with_their_reasons() -> None:
    kept = _score({_ONE: "x is never 1"}).as_json()
    assert (kept["killed"], kept["total"], kept["discarded"]) == (1, 2, 1)
    assert [(each["file"], each["after"], each["reason"]) for each in kept["survivors"]] == [
        ("a.rego", "x >= 1", "x is never 1")
    ]


def _written(folder: Path, text: str) -> Path:
    path = folder / "equivalent.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reasons_are_read_by_rule(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        "a.rego:\n- rule: p\n  reason: why\n  changes:\n"
        "  - {before: x > 1, after: x >= 1}\n  - {before: y, after: '', nth: 2}\n",
    )
    assert read_reasons(path) == {_ONE: "why", Change("a.rego", "p", "y", "", 2): "why"}
    assert read_reasons(path, ["b.rego"]) == {}


def test_empty_or_second_reason_is_refused(tmp_path: Path) -> None:
    one = "- {rule: p, reason: R, changes: [{before: x > 1, after: x >= 1}]}\n"
    with pytest.raises(ValueError, match="two reasons, or none"):
        read_reasons(_written(tmp_path, "a.rego:\n" + one.replace("R", "' '")))
    with pytest.raises(ValueError, match="two reasons, or none"):
        read_reasons(_written(tmp_path, "a.rego:\n" + one + one))
