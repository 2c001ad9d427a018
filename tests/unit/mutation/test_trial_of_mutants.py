"""A mutant's fate, in a small tree of policies with real OPA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.mutation import trial
from benchmarks.mutation.__main__ import tried
from benchmarks.mutation.mutants import Change, Mutant
from benchmarks.mutation.trial import Court, Fate, UnsoundError, fates
from tests.support import rego

pytestmark = pytest.mark.opa

_FILE = "lakewarden/lib/a/a.rego"
_MODULE = "package lakewarden.lib.a\n\nlow if input.x < 3\n"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """Return a root with a library that its own test and that of a policy test."""
    root = tmp_path / "policies"
    texts = {
        _FILE: _MODULE,
        "lakewarden/lib/a/a_test.rego": "package lakewarden.lib.a_test\n\n"
        "import data.lakewarden.lib.a\n\ntest_low if a.low with input.x as 2\n",
        "lakewarden/tables/d/p/p.rego": "package lakewarden.tables.d.p\n\n"
        "import data.lakewarden.lib.a\n\npass if not a.low\n",
        "lakewarden/tables/d/p/p_test.rego": "package lakewarden.tables.d.p_test\n\n"
        "import data.lakewarden.tables.d.p\n\ntest_pass if p.pass with input.x as 3\n",
        "lakewarden/testing/testing_test.rego": "package lakewarden.testing\n\nnothing := {}\n",
        "schemas/table.json": "{}",
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def fate(policies: Path, tmp_path: Path) -> Callable[[str], Fate]:
    """Return what tells the fate of the library with another text of its condition."""
    court = Court(rego.opa_binary(), policies, tmp_path / "copy")

    def tried(condition: str) -> Fate:
        text = _MODULE.replace("input.x < 3", condition)
        return court.fate(
            Mutant(Change(_FILE, "low", "", ""), 3, text), court.strict_queries(_FILE)
        )

    return tried


def test_fates(fate: Callable[[str], Fate]) -> None:
    """The second is noticed by the other module's test only; the copy is the same again."""
    assert fate("input.x > 3") is Fate.KILLED
    assert fate("input.x <= 3") is Fate.KILLED
    assert fate("input.x < 2.5") is Fate.SURVIVED
    assert fate("input.x < unknown") is Fate.DISCARDED
    assert fate("x := input.x") is Fate.DISCARDED


def test_failing_built_in_is_noticed(fate: Callable[[str], Fate]) -> None:
    """For `opa test` it is only undefined; an engine refuses every table of the batch."""
    assert fate("to_number(input.x) < 3") is Fate.SURVIVED
    assert fate("{ input.x < 3; not fails }\n\nfails if 1 / (input.x - 2) > 0") is Fate.KILLED


def test_what_fails_without_a_mutant_is_not_held_against_it(policies: Path, tmp_path: Path) -> None:
    """A test that hands over null, which no document holds, must not blind the others."""
    test = policies / "lakewarden/lib/a/a_test.rego"
    nulls = '\ntest_null if not fails\n\nfails if to_number("null") > 0\n'
    test.write_text(test.read_text(encoding="utf-8") + nulls, encoding="utf-8")
    court = Court(rego.opa_binary(), policies, tmp_path / "copy")
    queries = court.strict_queries(_FILE)
    assert queries == ["data.lakewarden.lib.a_test.test_low"]
    text = _MODULE.replace(
        "input.x < 3", "{ input.x < 3; not fails }\n\nfails if 1 / (input.x - 2) > 0"
    )
    assert court.fate(Mutant(Change(_FILE, "low", "", ""), 3, _MODULE), queries) is Fate.SURVIVED
    assert court.fate(Mutant(Change(_FILE, "low", "", ""), 3, text), queries) is Fate.KILLED


def test_endless_tests_notice_a_mutant(
    fate: Callable[[str], Fate], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fate("input.x < 2.5") is Fate.SURVIVED
    monkeypatch.setattr(trial, "_LIMIT_SECONDS", 0.2)
    assert fate("input.x < 3; count(numbers.range(1, 100000000)) > 0") is not Fate.SURVIVED


def test_policies_that_fail_unchanged_are_refused(policies: Path) -> None:
    """Else everything would be killed, and the score perfect."""
    test = policies / "lakewarden/lib/a/a_test.rego"
    test.write_text(test.read_text(encoding="utf-8").replace("as 2", "as 9"), encoding="utf-8")
    mutant = Mutant(Change(_FILE, "low", "", ""), 3, _MODULE)
    with pytest.raises(UnsoundError, match="test_low: FAIL"):
        list(fates(rego.opa_binary(), policies, [mutant], 1))


def test_score_of_a_folder(policies: Path) -> None:
    """Without its line the policy imports what it does not use: nobody could have written that."""
    score = tried(rego.opa_binary(), policies, ["lakewarden/tables"])
    assert score.counted() == {
        "lakewarden/tables/d/p/p.rego": {"killed": 1, "total": 1, "discarded": 2}
    }


def test_survivors_are_what_no_test_in_any_folder_notices(policies: Path) -> None:
    assert not tried(rego.opa_binary(), policies).survivors
    test = policies / "lakewarden/tables/d/p/p_test.rego"
    test.write_text(test.read_text(encoding="utf-8").replace("as 3", "as 9"), encoding="utf-8")
    survivors = tried(rego.opa_binary(), policies).survivors
    assert {mutant.change.after for mutant in survivors} == {
        "low if input.x <= 3",
        "low if input.x < 4",
    }


def test_unknown_folder_is_refused(policies: Path) -> None:
    with pytest.raises(FileNotFoundError, match="lakewarden/nowhere"):
        tried(rego.opa_binary(), policies, ["lakewarden/nowhere"])
