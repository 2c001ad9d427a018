"""Each job goes on from its own runs, however many others write into the same history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.history.failures import FailureLedger, TrackedTable
from lakewarden.history.identity import About
from lakewarden.history.lines import Line, line_of
from lakewarden.history.store import FoundRun
from lakewarden.model.decision import Decision, Outcome
from tests.support import reports
from tests.support.violations import (
    POLICIES,
    RUNS,
    TABLES,
    Run,
    after,
    clock,
    failing,
    looked_back,
    pasts_of,
)

RUN: Final = reports.sample(0).run
Job = tuple[str, str, Run]
"""Source, scope, and what one run found."""
BAD: Final = {TABLES[0]: {POLICIES[0]: failing(None)}}
GOOD: Final = {TABLES[0]: {POLICIES[0]: Decision(outcome=Outcome.PASS)}}


def about(job: Job) -> About:
    source, scope, (rules, *_) = job
    digests = structs.replace(RUN.digests, settings=rules)
    return About(source=source, scope=scope, narrowed=(), digests=digests)


def by_id(job: Job) -> Run:
    _, tables, complete = job[2]
    return about(job).rules_id, tables, complete


def followed(jobs: Sequence[Job]) -> tuple[list[TrackedTable], Line]:
    """Return what the last run knows, and its line; each runs a day after the one before."""
    runs: list[FoundRun] = []
    kept: dict[str, list[TrackedTable]] = {}
    line = line_of(runs, about(jobs[0]))
    for day, job in enumerate(jobs):
        own = about(job)
        line = line_of(runs, own)
        base = kept[line.base.run_id] if line.base else []
        elsewhere = [each for run in line.elsewhere for each in kept[run.run_id]]
        kept[str(day)] = after(FailureLedger(base, elsewhere), day, by_id(job))
        values = {
            "run_id": str(day),
            "clock": datetime.fromisoformat(clock(day)),
            "estate_id": own.estate_id,
            "rules_id": own.rules_id,
            "source": own.source,
        }
        runs.append(FoundRun(values=values, run=RUN))
    return kept[runs[-1].run_id], line


def chain(jobs: Sequence[Job], last: int) -> list[int]:
    """Return the days from which a run goes on, as docs/history.md defines it, itself the last."""
    scope, rules = jobs[last][1], jobs[last][2][0]
    mates = [day for day in range(last) if jobs[day][1] == scope]
    same = [day for day in mates if jobs[day][2][0] == rules]
    base = max(same or mates, default=None)
    return [last] if base is None else [*chain(jobs, base), last]


@given(st.lists(st.tuples(st.sampled_from(["prod", "dev"]), RUNS), min_size=1, max_size=14))
def test_jobs_that_take_turns_know_what_each_would_know_alone(runs: list[tuple[str, Run]]) -> None:
    """A job's first run goes on from the latest about the same tables, the others from its own."""
    jobs = [(scope, scope, run) for scope, run in runs]
    tracked, line = followed(jobs)
    days = chain(jobs, len(jobs) - 1)
    assert pasts_of(tracked) == looked_back((day, by_id(jobs[day])) for day in days)
    assert [int(each.run_id) for each in (*line.before, *line.same)] == days[:-1]
    assert line.base is None or not line.elsewhere


def test_a_job_sees_its_fix_and_relapse_whatever_a_stricter_one_says_in_between() -> None:
    nights: list[Run] = [("A", BAD, True), ("A", GOOD, True), ("A", BAD, True)]
    check: Run = ("B", BAD, True)
    jobs = [("w", "prod", run) for night in nights for run in (night, check)]
    (of_the_night,) = pasts_of(followed(jobs[:-1])[0]).values()
    assert (of_the_night.contradicted, of_the_night.failing_since) == (True, clock(4))
    (of_the_check,) = pasts_of(followed(jobs)[0]).values()
    assert (of_the_check.contradicted, of_the_check.failing_since) == (False, clock(0))


def test_an_edit_of_the_settings_makes_nothing_young_and_nothing_fixed() -> None:
    edited: list[Run] = [("A", BAD, True), ("A'", BAD, True), ("A'", GOOD, True)]
    jobs = [("w", "prod", run) for run in edited]
    (still,) = pasts_of(followed(jobs[:2])[0]).values()
    assert (still.state, still.failing_since) == ("failing", clock(0))
    (fixed,) = pasts_of(followed(jobs)[0]).values()
    assert (fixed.state, fixed.days_to_fix) == ("fixed", 2.0)
    (not_fixed,) = pasts_of(followed([jobs[0], jobs[2]])[0]).values()
    assert not_fixed.state == "other_rules"
    (back,) = pasts_of(followed([jobs[0], jobs[2], ("w", "prod", ("A''", BAD, True))])[0]).values()
    assert (back.failing_since, back.reopened) == (clock(0), 0)


def test_a_broader_scope_takes_up_the_tables_that_it_evaluates() -> None:
    """The job that had one catalog gets two; a narrowed run of its own is as well informed."""
    other = {TABLES[1]: {POLICIES[0]: failing(None)}}
    jobs: list[Job] = [
        ("w", "prod", ("A", BAD, True)),
        ("w", "dev", ("A", other, True)),
        ("elsewhere", "prod", ("A", BAD, True)),
        ("w", "prod and more", ("A", BAD, True)),
    ]
    tracked, line = followed(jobs)
    ((which, known),) = pasts_of(tracked).items()
    assert (which[0], known.failing_since) == (TABLES[0], clock(0))
    assert (line.same, line.before, len(line.elsewhere)) == ([], [], 2)
    assert pasts_of(followed(jobs[1:3])[0])[which].failing_since == clock(1)
