"""Two versions of a policy are told apart by the smallest table about which they disagree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from lakewarden.dependents import Basis
from lakewarden.engines.embedded import EmbeddedEngine
from lakewarden.kit.policies_diff import PoliciesDiff, PolicyVersion, policies_diff
from lakewarden.model.decision import Outcome
from lakewarden.policy_set import load_rules
from tests.support import scratch_policies
from tests.support.scratch_policies import LIB, POLICY, SETTINGS

_CLOCK: Final = "2026-11-29T08:00:00Z"
_ID: Final = "naming.short_columns"

Compare = Callable[..., PoliciesDiff]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Return what compares the scratch policies with themselves after some replacements."""

    def compare(file: str, old: str, new: str, documents: int = 500) -> PoliciesDiff:
        roots = [scratch_policies.write(tmp_path / each) for each in ("old", "new")]
        text = (roots[1] / file).read_text("utf-8")
        assert old in text
        (roots[1] / file).write_text(text.replace(old, new), "utf-8")
        (tmp_path / "config").mkdir()
        with ExitStack() as stack:
            versions = []
            for root in roots:
                engine = stack.enter_context(EmbeddedEngine([root]))
                modules = engine.modules()
                rules = load_rules(modules, policy_dirs=[root], config_dir=tmp_path / "config")
                versions.append(
                    PolicyVersion(engine=engine, basis=Basis(modules=modules, rules=rules))
                )
            return policies_diff(versions[0], versions[1], _CLOCK, documents)

    return compare


def test_one_beside_a_threshold_is_found_and_made_small(compare: Compare) -> None:
    found = compare(POLICY, "count(name) > limit", "count(name) >= limit")
    (policy,) = found.policies
    assert policy.code
    assert policy.metadata == {}
    disagreement = policy.disagreement
    assert disagreement is not None
    assert (disagreement.before.outcome, disagreement.after.outcome) == (
        Outcome.PASS,
        Outcome.FAIL,
    )
    (column,) = disagreement.document["columns"]
    assert len(column["name"]) == 20
    known = {"full_name", "catalog_name", "schema_name", "name", "table_type", "columns"}
    assert {name for name, part in disagreement.document.items() if part != {}} == known


@pytest.mark.parametrize(
    ("file", "old", "new", "pair"),
    [
        (LIB, "if is_array(input.columns)", "if count(input.columns) > 0", ("pass", "unknown")),
        (POLICY, '== "VIEW"', '== "view"', ("pass", "not_applicable")),
        (POLICY, 'needs contains "table_type" if not _typed\n', "", ("unknown", "pass")),
        (SETTINGS, '"default": []', '"default": ["sales"]', ("fail", "exempt")),
    ],
)
def test_edits_of_all_kinds_are_found(
    file: str, old: str, new: str, pair: tuple[str, str], compare: Compare
) -> None:
    found = compare(file, old, new)
    (policy,) = found.policies
    assert pair in {(each.before.value, each.after.value) for each in policy.pairs}
    assert found.libraries == ((LIB,) if file == LIB else ())
    assert bool(found.settings) is (file == SETTINGS)
    assert policy.code is (file == POLICY)


def test_what_decides_the_same_has_no_disagreement(compare: Compare) -> None:
    found = compare(POLICY, "count(name) > limit", "not count(name) <= limit", 40)
    (policy,) = found.policies
    assert policy.code
    assert policy.disagreement is None
    assert policy.pairs == ()
    assert policy.reworded == 0
    assert policy.documents == 40


def test_other_words_are_no_disagreement_but_counted(compare: Compare) -> None:
    (policy,) = compare(POLICY, "No name has more", "None has more", 40).policies
    assert policy.disagreement is None
    assert policy.reworded


def test_the_annotation_alone_needs_no_document(compare: Compare) -> None:
    """A new severity is named; its rule is decided all the same, since its file differs."""
    (policy,) = compare(POLICY, "severity: low", "severity: high", 40).policies
    assert policy.metadata == {"severity": ("low", "high")}
    assert not policy.code
    assert policy.disagreement is None


def test_nothing_differs(compare: Compare) -> None:
    found = compare(POLICY, "severity: low", "severity: low")
    assert found == PoliciesDiff(added=(), removed=(), libraries=(), settings={}, policies=())
