"""Changes since a previous report is what a reader of both would find."""

from __future__ import annotations

import random
import tempfile
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.decision import Enforcement, Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.insight import Amount, Change
from lakewarden.model.report import Completeness, TableReport
from lakewarden.report.comparison import Comparison
from lakewarden.report.file import open_unchecked_report
from lakewarden.report.previous import pack, read_previous
from lakewarden.report.table_status import Status, status_of
from lakewarden_collector.document import Definition
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold
from tests.support import reports
from tests.support.agreeing_reports import agreeing, settle

_KEY: Final = "clustering.key_limit"
_STRATEGY: Final = "clustering.strategy_required"
_PLANNED: Final = Definition(tool="terraform", address="databricks_sql_table.a")
_UNSHARED: Final = ", perhaps only for policies that one of them lacks"


def _change(before: reports.Sample, after: reports.Sample, folder: Path | str) -> Change:
    written = open_unchecked_report(before.write(Path(folder) / "earlier.json"))
    previous = pack((written.run, written.completeness, written.policies), written.tables())
    comparison = Comparison(previous, after.policies)
    for table in after.rows:
        comparison.add(table)
    return comparison.change(after.run, after.completeness)


@st.composite
def _pair(draw: st.DrawFn) -> tuple[reports.Sample, reports.Sample]:
    """Draw two reports, some of whose tables have the same names."""
    found = []
    for sample in (draw(reports.reports()), draw(reports.reports())):
        names = draw(
            st.lists(st.sampled_from("abcdefgABC"), unique_by=fold, max_size=len(sample.rows))
        )
        kinds: list[dict[str, Any]] = [{}, {"definition": None}, {"definition": _PLANNED}]
        changes = draw(st.sampled_from(kinds))
        sample.rows = [
            structs.replace(table, full_name=name, **changes)
            for table, name in zip(sample.rows, names, strict=False)
        ]
        found.append(sample)
    return found[0], found[1]


def _status(table: TableReport, sample: reports.Sample) -> Status:
    return status_of(table, {policy.policy_id: policy for policy in sample.policies})


def _broken_by(table: TableReport, sample: reports.Sample) -> set[str]:
    """Return the policies that make the table non-compliant."""
    return {
        policy.policy_id
        for policy in sample.policies
        for decision in [table.decisions[policy.policy_id]]
        if decision.outcome is Outcome.FAIL
        and (decision.enforcement or policy.enforcement) is Enforcement.MANDATORY
    }


def _amount(tables: Iterable[TableReport]) -> Amount:
    sizes = [table.size.get("bytes") for table in tables]
    known = [size for size in sizes if size is not None]
    return Amount(tables=len(sizes), bytes=sum(known), unsized=len(sizes) - len(known))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_pair())
def test_a_change_is_what_both_reports_say(pair: tuple[reports.Sample, reports.Sample]) -> None:
    """Recounted from the two lists of tables, without the run's way of holding one of them."""
    before, after = pair
    with tempfile.TemporaryDirectory() as folder:
        change = _change(before, after, folder)
    old = {fold(table.full_name): table for table in before.rows}
    new = {fold(table.full_name): table for table in after.rows}
    planned = bool(new) and all(table.definition for table in new.values())
    assert change.planned is planned
    if planned:  # a plan says nothing of the tables that it doesn't declare
        old = {name: table for name, table in old.items() if name in new}
    assert change.before == {
        status: _amount(table for table in old.values() if _status(table, before) is status)
        for status in Status
    }
    assert change.after == {
        status: _amount(table for table in new.values() if _status(table, after) is status)
        for status in Status
    }
    assert change.added == _amount(new[name] for name in new.keys() - old.keys())
    assert change.removed == _amount(old[name] for name in old.keys() - new.keys())
    both = new.keys() & old.keys()
    were = {name for name in both if _status(old[name], before) is Status.NON_COMPLIANT}
    bad = {name for name in both if _status(new[name], after) is Status.NON_COMPLIANT}
    unclear = {name for name in both if _status(new[name], after) is Status.UNDECIDED}
    kept = {policy.policy_id for policy in after.policies}
    unasked = {name for name in were if not _broken_by(old[name], before) <= kept}
    assert change.fixed == _amount(new[name] for name in were - bad - unclear - unasked)
    broken = bad - were
    if planned:
        lost = {fold(each.what) for each in before.completeness.failures if each.covers == "table"}
        broken |= {
            name
            for name in new.keys() - both - lost
            if _status(new[name], after) is Status.NON_COMPLIANT
        }
    assert change.broken == _amount(new[name] for name in broken)
    moves = {(each.policy_id, each.before, each.after): each.amount for each in change.moved}
    assert len(moves) == len(change.moved)
    shared = [
        policy.policy_id
        for policy in after.policies
        if policy.policy_id in {each.policy_id for each in before.policies}
    ]
    expected: dict[tuple[str, Outcome, Outcome], list[TableReport]] = {}
    for name in both:
        for policy_id in shared:
            key = (
                policy_id,
                old[name].decisions[policy_id].outcome,
                new[name].decisions[policy_id].outcome,
            )
            if key[1] is not key[2]:
                expected.setdefault(key, []).append(new[name])
    assert moves == {key: _amount(tables) for key, tables in expected.items()}


def _with_outcomes(sample: reports.Sample, **outcomes: str) -> reports.Sample:
    """Return the sample with one table for each argument; all its other decisions pass."""
    plain, random_ = sample.rows[0], random.Random(0)  # noqa: S311 -- sample data, no secret
    sample.rows = [
        structs.replace(
            plain,
            full_name=name,
            size={"bytes": 10},
            decisions={
                policy.policy_id: reports.decision(
                    outcome if policy.policy_id == _STRATEGY else "not_applicable", "", random_
                )
                for policy in sample.policies
            },
        )
        for name, outcome in outcomes.items()
    ]
    return sample


def test_a_table_that_nobody_can_judge_any_more_is_not_fixed(tmp_path: Path) -> None:
    """A grant that is taken away must not look like work that was done."""
    before = _with_outcomes(
        reports.sample(1), lost="fail", done="fail", excused="fail", gone="fail"
    )
    after = _with_outcomes(
        reports.sample(1), lost="unknown", done="pass", excused="exempt", new="fail"
    )
    change = _change(before, after, tmp_path)
    assert (change.fixed_examples, change.broken_examples) == (("done", "excused"), ())
    assert (change.added_examples, change.removed_examples) == (("new",), ("gone",))
    assert [(each.before, each.after, each.examples) for each in change.moved] == [
        (Outcome.FAIL, Outcome.PASS, ("done",)),
        (Outcome.FAIL, Outcome.EXEMPT, ("excused",)),
        (Outcome.FAIL, Outcome.UNKNOWN, ("lost",)),
    ]


def test_a_policy_that_this_run_lacks_has_fixed_nothing(tmp_path: Path) -> None:
    """Who asks for other policies must not be told that tables are no longer non-compliant."""
    before = _with_outcomes(reports.sample(1), bad="fail", good="pass")
    after = _with_outcomes(reports.sample(1), bad="fail", good="pass")
    after.policies = tuple(each for each in after.policies if each.policy_id != _STRATEGY)
    kept = [policy.policy_id for policy in after.policies]
    after.rows = [
        structs.replace(each, decisions={name: each.decisions[name] for name in kept})
        for each in after.rows
    ]
    change = _change(before, after, tmp_path)
    assert change.before[Status.NON_COMPLIANT].tables == 1
    assert change.after[Status.NON_COMPLIANT].tables == 0
    assert change.fixed_examples == ()


def test_a_table_that_was_unclear_and_fails_is_broken(tmp_path: Path) -> None:
    before = _with_outcomes(reports.sample(1), t="unknown", u="fail")
    after = _with_outcomes(reports.sample(1), t="fail", u="fail")
    assert _change(before, after, tmp_path).broken_examples == ("t",)


def test_the_same_report_twice_has_nothing_to_tell(tmp_path: Path) -> None:
    sample = reports.sample(30, failures=0)
    change = _change(sample, sample, tmp_path)
    assert change.before == change.after
    nothing = Amount()
    assert (change.added, change.removed, change.fixed, change.broken) == (nothing,) * 4
    assert (change.moved, change.differences) == ((), ())
    assert (change.clock, change.source) == (sample.run.clock, sample.run.source)


@pytest.mark.parametrize("size", [None, 0, 1, 255, 256, 2**63, 2**80])
def test_the_previous_size_is_kept(size: int | None, tmp_path: Path) -> None:
    """What is gone can only be counted by what the previous report said about it."""
    before = reports.sample(1)
    sized = {} if size is None else {"bytes": size}
    before.rows = [structs.replace(before.rows[0], size=sized)]
    after = reports.sample(0)
    removed = _change(before, after, tmp_path).removed
    assert removed == Amount(tables=1, bytes=size or 0, unsized=size is None)


def _digests(sample: reports.Sample, **changes: str) -> reports.Sample:
    sample.run = structs.replace(sample.run, digests=structs.replace(sample.run.digests, **changes))
    return sample


@pytest.mark.parametrize(
    ("digest", "words"),
    [("policies", "policies have been edited"), ("settings", "settings of the two runs differ"),
     ("waivers", "waivers have been edited"), ("inventory", "")],
)  # fmt: skip
def test_other_rules_are_told(digest: str, words: str, tmp_path: Path) -> None:
    """Else a lowered threshold looks like tables that grew."""
    before, after = reports.sample(2, failures=0), reports.sample(2, failures=0)
    change = _change(before, _digests(after, **{digest: "sha256:other"}), tmp_path)
    assert [words in each for each in change.differences] == ([True] if words else [])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "delta", "scope": "lake"}, "lakehouse), this one from delta (lake)."),
        ({"scope": "a schema"}, "this one from demo (a schema)."),
        ({"narrowed": ("--table x.*",)}, "was not limited, this one was limited by --table x.*."),
        ({"clock": "2025-01-01T00:00:00Z"}, "2026-11-23T05:10:00Z, is later than this run's."),
    ],
)  # fmt: skip
def test_another_question_is_told(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    before, after = reports.sample(2, failures=0), reports.sample(2, failures=0)
    after.run = structs.replace(after.run, **changes)
    (reported,) = _change(before, after, tmp_path).differences
    assert words in reported


def test_policies_that_only_one_run_has_are_named(tmp_path: Path) -> None:
    before, after = reports.sample(2, failures=0), reports.sample(2, failures=0)
    after.policies = after.policies[2:]
    before.policies = before.policies[:4]
    for sample in (before, after):
        ids = [policy.policy_id for policy in sample.policies]
        sample.rows = [
            structs.replace(each, decisions={name: each.decisions[name] for name in ids})
            for each in sample.rows
        ]
    reported = _change(before, _digests(after, settings="sha256:other"), tmp_path).differences
    assert reported == (
        f"The settings of the two runs differ{_UNSHARED}.",
        f"Only the previous run had the 2 policies {_KEY}, clustering.keys_exist.",
        f"Only this run has the 1 policy {_STRATEGY}.",
    )


def _unread(completeness: Completeness, *names: str) -> Completeness:
    failures = [Failure(what=name, where="", reason="", remedy="") for name in names]
    schema = Failure(what="a", where="", reason="", remedy="", covers="schema")
    return structs.replace(completeness, complete=False, failures=(*failures, schema))


def test_what_was_not_read_is_told_apart_from_what_is_gone(tmp_path: Path) -> None:
    before = _with_outcomes(reports.sample(1, failures=0), a="pass", b="pass", c="pass")
    after = _with_outcomes(reports.sample(1, failures=0), c="pass", d="pass", e="pass", f="pass")
    before.completeness = _unread(before.completeness, "d", "e", "never")
    after.completeness = _unread(after.completeness, "b", "other")
    change = _change(before, after, tmp_path)
    assert change.removed_examples == ("a", "b")
    assert change.differences == (
        "The previous run was incomplete, so it may have missed tables.",
        "The previous run couldn't evaluate 2 of the added tables.",
        "This run is incomplete, so a table it lacks may still exist.",
        "This run couldn't evaluate 1 of the removed tables.",
    )


def test_a_plan_does_not_break_a_table_that_could_not_be_read_before(tmp_path: Path) -> None:
    """It may have been broken already."""
    before = _with_outcomes(reports.sample(1, failures=0), a="pass")
    after = _with_outcomes(reports.sample(1, failures=0), a="pass", lost="fail", new="fail")
    after.rows = [structs.replace(each, definition=_PLANNED) for each in after.rows]
    before.completeness = _unread(before.completeness, "LOST")
    after.completeness = _unread(after.completeness)
    change = _change(before, after, tmp_path)
    assert change.added_examples == ("lost", "new")
    assert change.broken_examples == ("new",)
    assert change.differences == (
        "The previous run was incomplete, so it may have missed tables.",
        "Of the new tables, 1 may exist already, where nobody could see them.",
        "This run is incomplete, so the plan may change more.",
    )


def test_a_plan_neither_breaks_nor_fixes_what_it_leaves_alone(tmp_path: Path) -> None:
    before = _with_outcomes(reports.sample(1, failures=0), a="pass", b="fail", c="pass")
    after = _with_outcomes(reports.sample(1, failures=0), a="fail", b="pass", c="fail")
    same = structs.replace(_PLANNED, action="no-op")
    after.rows = [
        structs.replace(each, definition=_PLANNED if each.full_name == "c" else same)
        for each in after.rows
    ]
    change = _change(before, after, tmp_path)
    assert (change.broken_examples, change.fixed_examples) == (("c",), ())
    assert change.differences == (
        "The plan leaves 2 tables unchanged, but the status differs from before.",
    )


def test_an_edited_previous_report_is_refused(tmp_path: Path) -> None:
    """It would be compared with what no run has found."""
    path = agreeing(compared=False).write(tmp_path / "earlier.json")
    read_previous(path)
    path.write_bytes(path.read_bytes().replace(b'"tables_evaluated":14', b'"tables_evaluated":13'))
    with pytest.raises(ConfigurationError, match="contradicts itself") as caught:
        read_previous(path)
    assert caught.value.where == f"{path}: $.completeness.tables_evaluated"


def test_a_previous_report_is_held_in_some_bytes_for_each_table(tmp_path: Path) -> None:
    """Last month's 100,000 tables of twenty policies, decoded, would be half a gigabyte."""
    sample = agreeing(50, compared=False)
    sample.rows = [
        structs.replace(
            table, full_name=f"{table.full_name}_{number:02}", name=f"{table.name}_{number:02}"
        )
        for table in sample.rows
        for number in range(100)
    ]
    path = settle(sample).write(tmp_path / "earlier.json")
    tracemalloc.start()
    previous = read_previous(path)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(previous.tables) == len(sample.rows) == 5000
    assert kept / len(sample.rows) < 300
