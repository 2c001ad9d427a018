"""A diff says of every violation what became of it, and counts each once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from msgspec import structs

from lakewarden.history.failures import TrackedFailure, followed, with_past
from lakewarden.model.decision import Decision, Enforcement, Outcome, PastFailure
from lakewarden.model.diff import (
    WORSE,
    Cause,
    ChangeCount,
    ChangedViolation,
    ReportedOutcome,
    ViolationChange,
)
from lakewarden.model.report import TableReport
from lakewarden.report.diff import Differ
from lakewarden.report.old_report import OldReport
from lakewarden_collector.inventory import Failure
from lakewarden_collector.patterns import fold
from tests.support import reports
from tests.support.agreeing_reports import agreeing
from tests.support.diffs import (
    ERROR,
    NOT_APPLICABLE,
    PASSES,
    UNKNOWN,
    broken,
    compared,
    drawn_reports,
    exempt,
    lost,
    of_run,
    waived,
)
from tests.support.fixable import KEY_LIMIT, SINGLE, STRATEGY, report, table

_NAME: Final = "main.sales.a"
_FAIL: Final = broken(None)


def _one(decision: Decision, policy_id: str = STRATEGY, name: str = _NAME) -> reports.Sample:
    return report([table(name, {policy_id: decision})])


def _change(old: Decision, new: Decision) -> list[tuple[ViolationChange, str | None]]:
    found = compared(_one(old), of_run(_one(new), inventory="other"))
    return [(each.change, each.key) for each in found.violations]


_C: Final = ViolationChange


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (PASSES, _FAIL, [(_C.NEW, None)]),
        (UNKNOWN, _FAIL, [(_C.NEW, None)]),
        (_FAIL, _FAIL, []),
        (_FAIL, PASSES, [(_C.FIXED, None)]),
        (_FAIL, NOT_APPLICABLE, [(_C.NOT_APPLICABLE, None)]),
        (_FAIL, UNKNOWN, [(_C.UNDECIDED, None)]),
        (_FAIL, ERROR, [(_C.UNDECIDED, None)]),
        (_FAIL, exempt(Outcome.FAIL), [(_C.EXEMPT, None)]),
        (_FAIL, exempt(Outcome.PASS), [(_C.FIXED, None)]),
        (broken("a", "b"), broken("b", "c"), [(_C.NEW, "c"), (_C.FIXED, "a")]),
        (broken("a", "b"), waived(broken("b"), "2027-01-01"), [(_C.FIXED, "a"), (_C.EXEMPT, "b")]),
        (waived(broken("b"), "2027-01-01"), broken("a", "b"), [(_C.NEW, "a"), (_C.NEW, "b")]),
    ],
)
def test_what_becomes_of_a_violation(
    old: Decision, new: Decision, changes: list[tuple[ViolationChange, str | None]]
) -> None:
    assert _change(old, new) == changes


@pytest.mark.parametrize("part", ["policies", "settings"])
def test_a_pass_by_other_rules_is_no_fix(part: str) -> None:
    """A threshold that is raised would look as if somebody had worked on the tables."""
    for decision in (PASSES, NOT_APPLICABLE):
        (each,) = compared(_one(_FAIL), of_run(_one(decision), **{part: "other"})).violations
        assert (each.change, each.causes) == (_C.OTHER_RULES, (Cause(part),))


def test_a_violation_is_the_same_whatever_its_message_and_the_case_of_its_table() -> None:
    new = _one(
        structs.replace(_FAIL, violations=(structs.replace(_FAIL.violations[0], message="x"),))
    )
    new.rows = [
        structs.replace(row, full_name="MAIN.Sales.A", catalog_name="MAIN") for row in new.rows
    ]
    found = compared(_one(_FAIL), new)
    assert found.violations == []
    assert found.diff.total[_C.STILL_FAILING].violations == 1


def test_it_is_described_as_in_the_report_in_which_it_fails() -> None:
    """The size of a table that was emptied since would hide how much was at stake."""
    old = report([table(_NAME, {STRATEGY: _FAIL}, size=7, owner="before")])
    new = report([table(_NAME, {STRATEGY: PASSES, KEY_LIMIT: _FAIL}, size=3, owner=None)])
    found = compared(old, of_run(new, inventory="other"))
    new_one, fixed = found.violations
    assert (new_one.bytes, new_one.owner, new_one.message) == (3, None, "It is broken.")
    assert (fixed.bytes, fixed.owner, fixed.message) == (7, "before", "Fine.")
    assert found.diff.by_owner == {
        "(owner not known)": {_C.NEW: ChangeCount(violations=1, mandatory=1, tables=1, bytes=3)},
        "before": {_C.FIXED: ChangeCount(violations=1, mandatory=1, tables=1, bytes=7)},
    }
    assert list(found.diff.by_policy) == [KEY_LIMIT, STRATEGY]


def test_a_table_counts_once_for_each_change_and_every_violation_counts() -> None:
    decisions = {STRATEGY: broken("a", "b"), SINGLE: _FAIL}
    found = compared(report([]), report([table(_NAME, decisions, size=5)]))
    assert found.diff.total[_C.NEW] == ChangeCount(violations=3, mandatory=2, tables=1, bytes=5)
    assert [each.policy_id for each in found.heaviest[_C.NEW]] == [STRATEGY, STRATEGY, SINGLE]
    rows = [table(f"main.sales.{name}", {STRATEGY: _FAIL}, size=5) for name in "ab"]
    two = ChangeCount(violations=2, mandatory=2, tables=2, bytes=10)
    assert compared(report([]), report(rows)).diff.by_policy == {STRATEGY: {_C.NEW: two}}
    assert compared(report(rows), report([])).diff.by_policy == {STRATEGY: {_C.GONE: two}}


def _failing_since(since: str, *, reopened: int = 1, contradicted: bool = True) -> reports.Sample:
    past = PastFailure(
        first_failed_at="2026-01-01T00:00:00Z",
        failing_since=since,
        reopened=reopened,
        contradicted=contradicted,
    )
    new = _one(structs.replace(_FAIL, history=(past,)))
    return of_run(new, clock="2026-11-25T00:00:00Z", inventory="other")


def test_what_failed_before_the_old_report_is_reopened() -> None:
    (each,) = compared(_one(PASSES), _failing_since("2026-11-24T00:00:00Z")).violations
    assert (each.change, each.contradicted) == (_C.REOPENED, True)
    assert each.history is not None
    for was, contradicted in ((NOT_APPLICABLE, True), (PASSES, False)):
        new = _failing_since("2026-11-24T00:00:00Z", contradicted=contradicted)
        (each,) = compared(_one(was), new).violations
        assert (each.change, each.contradicted) == (_C.REOPENED, False)


@pytest.mark.parametrize(
    ("between", "change", "contradicted"),
    [
        (PASSES, _C.REOPENED, True),
        (broken("y"), _C.REOPENED, True),
        (NOT_APPLICABLE, _C.REOPENED, False),
        (UNKNOWN, _C.NEW, False),
        (exempt(Outcome.FAIL), _C.NEW, False),
    ],
)
def test_a_diff_and_the_history_agree_on_what_came_back(
    between: Decision, change: ViolationChange, *, contradicted: bool
) -> None:
    """Three runs by the same rules, a day each: it fails, it doesn't, it fails again."""
    failures: list[TrackedFailure] = []
    days: list[reports.Sample] = []
    for day, decision in enumerate((broken("x"), between, broken("x")), 23):
        clock = f"2026-11-{day}T00:00:00Z"
        sample = of_run(_one(decision), clock=clock, inventory=clock)
        (row,) = sample.rows
        failures = followed(failures, row.decisions, clock=clock, rules_id="same")
        sample.rows = [with_past(row, failures)]
        days.append(sample)
    (each,) = [one for one in compared(*days[1:]).violations if one.key == "x"]
    assert (each.change, each.contradicted) == (change, contradicted)


@pytest.mark.parametrize(
    ("since", "reopened"),
    [("2026-11-20T00:00:00Z", 1), ("2026-11-23T05:10:00Z", 1), ("2026-11-24T00:00:00Z", 0)],
)
def test_what_was_not_over_when_the_old_report_was_made_is_not_reopened(
    since: str, reopened: int
) -> None:
    """The old report, of 2026-11-23T05:10:00Z, only couldn't decide it."""
    (each,) = compared(_one(UNKNOWN), _failing_since(since, reopened=reopened)).violations
    assert (each.change, each.contradicted) == (_C.NEW, False)


@pytest.mark.parametrize(
    ("failures", "narrowed", "after", "change"),
    [
        ((), (), ReportedOutcome.NO_TABLE, _C.GONE),
        ((lost("main.sales.other"),), (), ReportedOutcome.NO_TABLE, _C.GONE),
        ((lost("MAIN.sales.A"),), (), ReportedOutcome.UNREAD, _C.UNDECIDED),
        ((lost("main.sales.A, main.sales.a"),), (), ReportedOutcome.UNREAD, _C.UNDECIDED),
        ((lost("schema main.sales", "schema"),), (), ReportedOutcome.UNREAD, _C.UNDECIDED),
        ((lost("schema main.sale", "schema"),), (), ReportedOutcome.NO_TABLE, _C.GONE),
        ((lost("catalog main", "catalog"),), (), ReportedOutcome.UNREAD, _C.UNDECIDED),
        ((lost("m.sql", "file"),), (), ReportedOutcome.UNREAD, _C.UNDECIDED),
        ((lost("3 tables, read but not decided"),), (), ReportedOutcome.UNREAD, _C.UNDECIDED),
        ((), ("--table prod.*",), ReportedOutcome.OUT_OF_SCOPE, _C.UNDECIDED),
        ((), ("--table main.*", "--policy x"), ReportedOutcome.NO_TABLE, _C.GONE),
    ],
)
def test_a_table_is_gone_only_where_the_new_run_would_have_seen_it(
    failures: tuple[Failure, ...],
    narrowed: tuple[str, ...],
    after: ReportedOutcome,
    change: ViolationChange,
) -> None:
    """A schema that nobody could list must not look as if its failures were over."""
    new = of_run(report([]), narrowed=narrowed)
    new.completeness = structs.replace(
        new.completeness, failures=failures, complete=not failures, tables_failed=len(failures)
    )
    found = compared(_one(_FAIL), new)
    (each,) = found.violations
    assert (each.after, each.change) == (after, change)
    groups = structs.asdict(found.diff.tables)
    assert sum(group.amount.tables for group in groups.values()) == 1
    assert found.diff.tables.vanished.amount.tables == (change is _C.GONE)
    assert found.diff.newly_undecided.lost == tuple(failure.what for failure in failures)


def test_a_run_that_was_cut_short_makes_no_table_vanish() -> None:
    new = report([])
    new.completeness = structs.replace(new.completeness, complete=False, reasons=("cut short",))
    found = compared(_one(_FAIL), new)
    assert [each.after for each in found.violations] == [ReportedOutcome.UNREAD]
    assert found.diff.newly_undecided.lost == ("cut short",)


def test_a_policy_that_is_gone_hides_no_failure() -> None:
    new = _one(PASSES)
    new.policies = tuple(each for each in new.policies if each.policy_id != STRATEGY)
    new.rows = [
        structs.replace(row, decisions={k: v for k, v in row.decisions.items() if k != STRATEGY})
        for row in new.rows
    ]
    for changes, after, cause in (
        ({}, ReportedOutcome.NO_POLICY, Cause.POLICIES),
        ({"policies_off": (STRATEGY,)}, ReportedOutcome.NO_POLICY, Cause.SETTINGS),
        ({"narrowed": ("--policy x.*",)}, ReportedOutcome.OUT_OF_SCOPE, Cause.SCOPE),
    ):
        run = new.run
        (each,) = compared(_one(_FAIL), of_run(new, **changes)).violations
        assert (each.change, each.after, each.causes) == (_C.UNDECIDED, after, (cause,))
        (mirrored,) = compared(new, _one(_FAIL)).violations
        assert (mirrored.change, mirrored.before, mirrored.causes) == (_C.NEW, after, (cause,))
        new.run = run


def test_a_plan_says_nothing_of_tables_that_it_does_not_declare() -> None:
    planned = table("main.sales.b", {})
    new = report([structs.replace(planned, definition=reports.definition(1, "b"))])
    found = compared(_one(_FAIL), new)
    assert [each.after for each in found.violations] == [ReportedOutcome.OUT_OF_SCOPE]
    assert found.diff.tables.no_longer_in_scope.examples == (_NAME,)
    assert compared(new, _one(_FAIL)).violations[0].before is ReportedOutcome.OUT_OF_SCOPE


def test_what_gates_now_and_did_not_is_counted() -> None:
    """A failure that was there already isn't new, but a run fails over it for the first time."""
    advisory = _one(structs.replace(_FAIL, enforcement=Enforcement.ADVISORY, override="main.*"))
    one = ChangeCount(violations=1, mandatory=1, tables=1, bytes=2**30)
    found = compared(advisory, _one(_FAIL)).diff
    assert (found.total[_C.MANDATORY], found.total[_C.STILL_FAILING]) == (one, ChangeCount())
    found = compared(_one(_FAIL), advisory).diff
    assert found.total[_C.MANDATORY] == ChangeCount()
    assert found.total[_C.ADVISORY] == structs.replace(one, mandatory=0)


@pytest.mark.parametrize(
    ("old", "new", "policy_id", "number"),
    [
        (PASSES, UNKNOWN, STRATEGY, 1),
        (_FAIL, UNKNOWN, STRATEGY, 1),
        (PASSES, UNKNOWN, SINGLE, 0),
        (PASSES, ERROR, SINGLE, 1),
        (UNKNOWN, UNKNOWN, STRATEGY, 0),
        (UNKNOWN, ERROR, STRATEGY, 0),
    ],
)
def test_what_is_newly_undecided_is_counted(
    old: Decision, new: Decision, policy_id: str, number: int
) -> None:
    found = compared(_one(old, policy_id), _one(new, policy_id)).diff.newly_undecided
    assert (found.decisions, found.tables.tables) == (number, number)


def test_tables_that_only_one_report_has_are_counted_and_named() -> None:
    rows = [table(f"main.sales.{name}", {}, size=size) for name, size in (("a", 1), ("b", 2))]
    tables = compared(report(rows[:1]), report(rows[1:])).diff.tables
    assert (tables.added.examples, tables.added.amount.bytes) == (("main.sales.b",), 2)
    assert (tables.vanished.examples, tables.vanished.amount.bytes) == (("main.sales.a",), 1)


# Any two reports


@settings(max_examples=60, deadline=None)
@given(drawn_reports())
def test_a_report_does_not_differ_from_itself(sample: reports.Sample) -> None:
    found = compared(sample, sample)
    assert found.violations == []
    assert found.diff.causes == ()
    assert found.diff.newly_undecided.decisions == 0
    assert found.diff.newly_undecided.lost == ()
    assert all(not each.amount.tables for each in structs.asdict(found.diff.tables).values())
    changed = {change for change, number in found.diff.total.items() if number.violations}
    assert changed <= {_C.STILL_FAILING}


def _seen(each: ChangedViolation, *, mirrored: bool) -> tuple[object, ...]:
    was = (each.after, each.before) if mirrored else (each.before, each.after)
    about = (fold(each.full_name), each.policy_id, each.key, *was)
    return (*about, each.severity, each.enforcement, each.bytes, each.owner, each.causes)


def _in_one(each: ChangedViolation) -> bool:
    return each.before is not each.after


def _sums(
    counts: dict[ViolationChange, ChangeCount], changes: Sequence[ViolationChange]
) -> tuple[int, int]:
    some = [counts[change] for change in changes if change in counts]
    return sum(each.violations for each in some), sum(each.mandatory for each in some)


@settings(max_examples=150, deadline=None)
@given(drawn_reports(), drawn_reports())
def test_a_diff_mirrors_the_diff_the_other_way_round(a: reports.Sample, b: reports.Sample) -> None:
    there, back = compared(a, b), compared(b, a)
    forward = [_seen(each, mirrored=False) for each in there.violations if _in_one(each)]
    backward = [_seen(each, mirrored=True) for each in back.violations if _in_one(each)]
    assert sorted(map(repr, forward)) == sorted(map(repr, backward))
    both = (_C.MANDATORY, _C.ADVISORY, _C.STILL_FAILING)
    over = [change for change in ViolationChange if change not in {*WORSE, *both}]
    for one, other in ((there.diff, back.diff), (back.diff, there.diff)):
        assert _sums(one.total, WORSE) == _sums(other.total, over)
        for mine, yours in ((one.by_policy, other.by_policy), (one.by_owner, other.by_owner)):
            for name in mine.keys() | yours.keys():
                assert _sums(mine.get(name, {}), WORSE) == _sums(yours.get(name, {}), over)
        assert one.tables.added == other.tables.vanished
        assert one.tables.newly_read == other.tables.no_longer_read
        assert one.tables.newly_in_scope == other.tables.no_longer_in_scope
    assert there.diff.causes == back.diff.causes
    still = [each.diff.total[_C.STILL_FAILING] for each in (there, back)]
    assert still[0].violations == still[1].violations
    for one, other in ((there.diff, back.diff), (back.diff, there.diff)):
        stricter, softer = one.total[_C.MANDATORY], other.total[_C.ADVISORY]
        assert stricter.violations == softer.violations
    # Nothing is lost: what fails in a report is new, or fails still.
    failing = sum(
        len(decision.violations)
        for row in b.rows
        for decision in row.decisions.values()
        if decision.outcome is Outcome.FAIL
    )
    assert _sums(there.diff.total, [*WORSE, *both])[0] == failing


def test_a_plausible_estate_is_counted_as_its_reports_count_it() -> None:
    old, new = agreeing(60, compared=False), agreeing(80, compared=False)
    found = compared(old, new)
    counts = found.diff.total
    failing = new.summary.total.outcomes["fail"]
    assert counts[_C.NEW].violations + counts[_C.STILL_FAILING].violations == failing
    assert len(found.heaviest[_C.NEW]) == 10


def _many(number: int, decision: Decision) -> Iterator[TableReport]:
    for each in range(number):
        yield table(f"main.sales.t{each:05d}", {STRATEGY: decision if each % 10 == 0 else PASSES})


def test_memory_is_some_bytes_for_each_table_of_the_old_report() -> None:
    """Two estates of 100,000 tables are compared on a runner of a CI system."""
    tables, sample = 1_000, report([])
    tracemalloc.start()
    try:
        old = OldReport(sample, _many(tables, _FAIL))
        packed, _ = tracemalloc.get_traced_memory()
        assert packed < 400 * tables
        differ = Differ(old, sample)
        tracemalloc.reset_peak()
        assert sum(1 for _ in differ.changes(_many(tables, broken("x")))) == tables // 5
        _, peak = tracemalloc.get_traced_memory()
        assert peak < packed + 200 * tables
    finally:
        tracemalloc.stop()


def _named(name: str, table_id: str | None, decision: Decision) -> TableReport:
    return structs.replace(table(name, {STRATEGY: decision}, size=3), table_id=table_id)


def test_a_renamed_table_is_compared_with_itself() -> None:
    old = report([_named("main.sales.old", "1", broken("a")), _named("main.sales.x", "2", PASSES)])
    new = report([_named("main.sales.new", "1", broken("a", "b"))])
    found = compared(old, new)
    (each,) = found.violations
    assert (each.change, each.key, each.full_name) == (_C.NEW, "b", "main.sales.new")
    assert (each.known_as, each.before) == ("main.sales.old", ReportedOutcome.PASS)
    tables = found.diff.tables
    assert (tables.renamed.amount.tables, tables.renamed.amount.bytes) == (1, 3)
    assert (tables.added.amount.tables, tables.vanished.amount.tables) == (0, 1)
    mirrored = compared(new, old).diff.tables.renamed
    assert [(each.full_name, each.known_as) for each in mirrored.examples] == [
        ("main.sales.old", "main.sales.new")
    ]


def test_an_id_names_no_table_whose_own_name_is_still_there() -> None:
    old = report([_named("main.sales.a", "1", _FAIL)])
    copy, same = _named("main.sales.copy", "1", _FAIL), _named("MAIN.sales.A", "1", _FAIL)
    for rows in ([copy, same], [same, copy]):
        found = compared(old, report(rows))
        assert [(each.full_name, each.before) for each in found.violations] == [
            ("main.sales.copy", ReportedOutcome.NO_TABLE)
        ]
        assert found.diff.tables.added.examples == ("main.sales.copy",)
    two = compared(old, report([copy, _named("main.sales.copy_2", "1", _FAIL)]))
    assert two.diff.tables.renamed.amount.tables == 1
    assert two.diff.tables.added.examples == ("main.sales.copy_2",)
