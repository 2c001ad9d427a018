"""What a run's report says of earlier runs, and what the history keeps of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from lakewarden.history import keeper as keeper_module
from lakewarden.history import store
from lakewarden.model.history import History
from lakewarden.report.comparison import Comparison
from lakewarden.report.previous import read_previous
from tests.support import past_runs
from tests.support.duckdb import rows
from tests.support.past_runs import (
    ERROR,
    EXEMPT,
    KEYED,
    NOT_APPLICABLE,
    PASS,
    PLAIN,
    add,
    begun,
    clock,
    failing,
    finished,
    kept,
    report,
    table,
    times,
)


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "history")


def past(history: History | None) -> dict[tuple[str, str | None], tuple[str, str, int, bool]]:
    """Return since when the oldest failures are there, by table and key."""
    assert history is not None
    return {
        (each.full_name.rpartition(".")[2], each.key): (
            each.first_failed_at,
            each.failing_since,
            each.reopened,
            each.contradicted,
        )
        for each in history.oldest
    }


def test_the_first_run_is_alone(place: str, tmp_path: Path) -> None:
    found = kept(place, report(0, table("a", {KEYED: failing("x")})), tmp_path / "r.json").history
    assert past(found) == {("a", "x"): (clock(0), clock(0), 0, False)}
    assert found is not None
    assert (found.failing, found.new, found.fixed, found.days_to_fix) == (1, 1, 0, None)
    (own,) = found.runs
    assert (own.clock, own.failing, own.comparable, found.not_listed) == (clock(0), 1, True, 0)


def test_a_failure_is_followed_from_run_to_run(place: str, tmp_path: Path) -> None:
    """Fixed and failing again is contradicted; where the policy didn't apply, only reopened."""
    days = [
        {KEYED: failing("x", "y"), PLAIN: failing()},
        {KEYED: failing("y"), PLAIN: NOT_APPLICABLE},
        {KEYED: ERROR, PLAIN: NOT_APPLICABLE},
        {KEYED: failing("x", "z"), PLAIN: failing()},
    ]
    found = None
    for day, decisions in enumerate(days):
        found = kept(place, report(day, table("a", decisions)), tmp_path / "r.json").history
    assert past(found) == {
        ("a", "x"): (clock(0), clock(3), 1, True),
        ("a", "z"): (clock(3), clock(3), 0, False),
        ("a", None): (clock(0), clock(3), 1, False),
    }
    assert found is not None
    assert (found.failing, found.new, found.reopened, found.contradicted) == (3, 1, 2, 1)
    assert (found.fixed, found.days_to_fix) == (1, 3.0)  # y, three days after it was found
    assert [each.key for each in found.contradictions] == ["x"]
    assert [run.failing for run in found.runs] == [2, 1, 0, 2]
    assert [run.undecided for run in found.runs] == [0, 0, 1, 0]

    columns = "violation_key, state, age_days, days_to_fix, reopened, contradicted"
    of_the_last = f"FROM history WHERE kind = 'failure' AND clock = '{clock(3)}'"
    assert rows(place, f"SELECT {columns} {of_the_last} ORDER BY violation_key NULLS FIRST") == [
        (None, "failing", 0.0, None, 1, False),
        ("x", "failing", 0.0, None, 1, True),
        ("y", "fixed", None, 3.0, 0, False),
        ("z", "failing", 0.0, None, 0, False),
    ]


def test_a_table_that_was_not_read_keeps_its_past(place: str, tmp_path: Path) -> None:
    bad, good = {PLAIN: failing()}, table("b", {})
    kept(place, report(0, table("a", bad), good), tmp_path / "r.json")
    kept(place, report(1, good), tmp_path / "r.json")
    found = kept(place, report(2, table("a", bad), good), tmp_path / "r.json").history
    assert past(found)["a", None] == (clock(0), clock(0), 0, False)
    query = "SELECT full_name, catalog_name, owner, decided_at FROM history WHERE kind = 'failure'"
    assert [times(row) for row in rows(place, f"{query} AND clock = '{clock(1)}'")] == [
        ("main.sales.a", "main", None, clock(0))
    ]


def test_other_settings_neither_fix_nor_reopen_and_are_named(place: str, tmp_path: Path) -> None:
    """The first run by them takes up what was known; the job that keeps the others goes its way."""
    days = [("a", failing()), ("b", PASS), ("a", failing()), ("b", PASS), ("a", failing())]
    found = []
    for day, (settings, decision) in enumerate(days):
        sample = report(day, table("a", {PLAIN: decision}), settings=settings)
        history = kept(place, sample, tmp_path / "r.json").history
        assert history is not None
        found.append(history)
    assert past(found[4])["a", None] == (clock(0), clock(0), 0, False)
    assert [(run.clock, run.differences) for run in found[4].runs] == [
        (clock(day), ()) for day in (0, 2, 4)
    ]
    assert [run.differences for run in found[3].runs] == [("Its settings differ.",), (), ()]
    assert [(each.apart, each.fixed, each.not_listed) for each in found] == [
        *((0, 0, 0), (0, 0, 0)),
        *((1, 0, 0), (1, 0, 0), (2, 0, 0)),
    ]


def test_what_else_differs_is_said_and_does_not_keep_runs_apart(place: str, tmp_path: Path) -> None:
    kept(place, report(0, table("a", {})), tmp_path / "r.json")
    sample = report(1, table("a", {}))
    digests = structs.replace(sample.run.digests, waivers="sha256:other")
    sample.run = structs.replace(sample.run, digests=digests, tool_version="9.9")
    found = kept(place, sample, tmp_path / "r.json").history
    assert found is not None
    assert (found.runs[0].differences, found.runs[0].notes) == (
        (),
        ("Its waivers differ.", "Lakewarden 0.1.0 ran it."),
    )


def test_another_estate_in_the_same_history_keeps_its_own_past(place: str, tmp_path: Path) -> None:
    a, b, c = (table(name, {PLAIN: failing()}) for name in "abc")
    kept(place, report(0, a, c, scope="catalog test"), tmp_path / "r.json")
    sample = report(1, a, b, scope="catalog prod")
    keeper = begun(place, sample)
    (notice,) = keeper.notices()
    found = finished(keeper, sample, tmp_path / "r.json").history
    assert past(found)["b", None] == (clock(1), clock(1), 0, False)
    assert past(found)["a", None] == (clock(0), clock(0), 0, False)  # in both scopes
    assert found is not None
    assert (len(found.runs), found.apart) == (1, 1)
    assert notice == (
        "The history has no earlier run to compare with. Of the latest: It read its tables from "
        "demo (catalog test). What fails keeps its age, where it is known."
    )
    assert keeper.previous is None
    query = "SELECT count(*) FROM history WHERE kind = 'failure' AND full_name LIKE '%c'"
    assert rows(place, query) == [(1,)]  # a table that only the other run has stays there


def test_a_replay_is_not_added_twice_and_says_the_same(place: str, tmp_path: Path) -> None:
    def run(day: int, outcome: Any = None) -> Any:  # noqa: ANN401 -- a decision
        return report(day, table("a", {PLAIN: outcome or failing()}))

    kept(place, run(0), tmp_path / "0.json")
    first = kept(place, run(1), tmp_path / "1.json").history
    kept(place, run(2), tmp_path / "2.json")
    keeper = begun(place, run(1))
    replayed = finished(keeper, run(1), tmp_path / "1.json")
    assert replayed.history == first
    assert list(keeper.notices()) == [
        "Not counted for their later clock: 1 run of the history.",
    ]
    assert keeper.add(replayed) is False
    assert rows(place, "SELECT count(*) FROM history WHERE kind = 'run'") == [(3,)]
    # The same inputs that came out otherwise are another run: an engine was lost, for example.
    keeper = begun(place, run(1, ERROR))
    assert keeper.add(finished(keeper, run(1, ERROR), tmp_path / "1.json")) is True


def test_what_a_run_could_not_decide_does_not_fail_in_it(place: str, tmp_path: Path) -> None:
    """Although a run of the same clock, with other waivers, found that it does."""
    kept(place, report(0, table("a", {PLAIN: failing()})), tmp_path / "r.json")
    sample = report(0, table("a", {PLAIN: ERROR}))
    digests = structs.replace(sample.run.digests, waivers="sha256:other")
    sample.run = structs.replace(sample.run, digests=digests)
    kept(place, sample, tmp_path / "r.json")
    query = "SELECT decisions_fail, failures_failing FROM history WHERE kind = 'run' ORDER BY 1"
    assert rows(place, query) == [(0, 0), (1, 1)]


def test_a_faster_writer_is_taken_into_account(place: str, tmp_path: Path) -> None:
    """Both began from an empty history; the second to finish says what the first found."""
    early = report(0, table("a", {PLAIN: failing()}))
    late = report(1, table("a", {PLAIN: failing()}))
    slow = begun(place, late)
    kept(place, early, tmp_path / "early.json")
    assert slow.add(finished(slow, late, tmp_path / "late.json")) is True
    query = "SELECT first_failed_at, age_days FROM history WHERE kind = 'failure' AND age_days > 0"
    assert [times(row) for row in rows(place, query)] == [(clock(0), 1.0)]


def test_the_previous_run_is_what_its_report_says(place: str, tmp_path: Path) -> None:
    """A comparison with the history's run comes out as one with that run's report."""
    tables = (
        table("a", {PLAIN: failing()}),
        table("B", {KEYED: failing("x"), PLAIN: ERROR}, size=None),
        table("c", {PLAIN: EXEMPT}, size=0),
    )
    kept(place, report(0, *tables), tmp_path / "before.json")
    kept(place, report(1, *tables, settings="other"), tmp_path / "other.json")
    sample = report(2, table("a", {}), table("b", {}), table("d", {PLAIN: failing()}))
    read = begun(place, sample).previous
    assert read is not None
    changes = []
    for previous in (read, read_previous(tmp_path / "before.json")):
        comparison = Comparison(previous, sample.policies)
        for row in sample.rows:
            comparison.add(row)
        changes.append(comparison.change(sample.run, sample.completeness))
    assert changes[0] == changes[1]
    assert changes[0].clock == clock(0)
    assert changes[0].fixed.tables == 2


@pytest.mark.parametrize("number", [12, pytest.param(100, marks=pytest.mark.nightly)])
def test_the_trend_of_many_runs(number: int, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is added as fast as the first, since the rows of runs are put into one file."""
    monkeypatch.setattr(store, "RUN_FILES", min(store.RUN_FILES, number // 2))
    found = None
    for day in range(number):
        bad = failing() if day % 10 else PASS
        sample = report(day, table("a", {PLAIN: bad}), table("b", {PLAIN: failing()}))
        found = add(Path(place), sample)
    assert found is not None
    assert [run.clock for run in found.runs] == [clock(day) for day in range(number)]
    assert [run.failing for run in found.runs] == [2 if day % 10 else 1 for day in range(number)]
    relapses = (number - 1) // 10
    assert past(found) == {
        ("a", None): (clock(1), clock(relapses * 10 + 1), relapses, True),
        ("b", None): (clock(0), clock(0), 0, False),
    }
    query = "SELECT count(*), count(DISTINCT run_id), count(DISTINCT filename) FROM history"
    ((runs, different, files),) = rows(place, f"{query} WHERE kind = 'run'")
    assert (runs, different) == (number, number)
    assert files <= store.RUN_FILES


def test_a_report_lists_the_latest_runs_of_both_kinds(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "LISTED", 2)
    found = None
    for day, settings in enumerate("aaabbbab"):
        sample = report(day, table("a", {}), settings=settings)
        found = kept(place, sample, tmp_path / "r.json").history
    assert found is not None
    assert [run.clock for run in found.runs] == [clock(day) for day in (1, 2, 4, 5, 7)]
    assert (found.not_listed, found.apart) == (2, 1)


def test_every_decision_and_the_run_are_there(place: str, tmp_path: Path) -> None:
    sample = report(0, table("a", {KEYED: failing("x", "y")}), table("b", {PLAIN: EXEMPT}, None))
    kept(place, sample, tmp_path / "r.json")
    columns = "name, owner, bytes, status, outcome, severity, enforcement, violations, exemption"
    decisions = "FROM history WHERE kind = 'decision'"
    assert rows(place, f"SELECT {columns} {decisions} AND policy_id = '{KEYED}' ORDER BY name") == [
        ("a", "sales", 2**30, "non_compliant", "fail", "medium", "mandatory", 2, None),
        ("b", "sales", None, "compliant", "pass", "medium", "mandatory", None, None),
    ]
    assert rows(place, f"SELECT count(*) {decisions}") == [(2 * len(past_runs.POLICIES),)]
    figures = "tables_evaluated, tables_non_compliant, bytes_non_compliant, unsized_compliant"
    figures += ", decisions_fail, failures_failing, exit_code"
    assert rows(place, f"SELECT {figures} FROM history WHERE kind = 'run'") == [  # noqa: S608 -- ours
        (2, 1, 2**30, 1, 1, 2, 1)
    ]
