"""What the double does to requests, and what the unmodified databricks-sdk makes of it."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import DeadlineExceeded, InternalError, ResourceExhausted
from databricks.sdk.service.sql import StatementState

from tests.workspace.fastclock import FastClock, client
from tests.workspace.faults import (
    Broken,
    LateAnswer,
    ResetAfter,
    ResetBefore,
    Throttled,
    Unavailable,
)
from tests.workspace.handmade import HandmadeEstate
from tests.workspace.process import WorkspaceProcess
from tests.workspace.random_faults import RandomFaults
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate
from tests.workspace.timing import Timing


def small() -> HandmadeEstate:
    estate = HandmadeEstate()
    estate.catalog("main").schema("sales").table("t")
    return estate


def test_throttling_with_and_without_retry_after_is_waited_for_by_the_sdk() -> None:
    for retry_after, least in ((None, 1), ("7", 7)):
        throttled = Throttled("list_tables", times=2, retry_after=retry_after)
        with Workspace(small(), behaviours=[throttled]) as w:
            clock = FastClock()
            assert [t.name for t in client(w, clock=clock).tables.list("main", "sales")] == ["t"]
            assert [int(seconds) for seconds in clock.slept] == [least, least]
            assert w.log.statuses == {"config 200": 1, "list_tables 429": 2, "list_tables 200": 1}


def test_throttling_without_end_is_the_builtin_timeout_with_its_cause() -> None:
    with Workspace(small(), behaviours=[Throttled("list_catalogs", times=10_000)]) as w:
        with pytest.raises(TimeoutError) as raised:
            list(client(w).catalogs.list())
        assert isinstance(raised.value.__cause__, ResourceExhausted)


def test_503_and_resets_are_retried_and_500_and_504_are_not() -> None:
    with Workspace(small()) as w:
        c = client(w)
        for behaviour in (
            Unavailable("me"),
            ResetBefore("me", times=2),
            ResetAfter("me", times=2),
        ):
            w.misbehave(behaviour)
            assert c.current_user.me().user_name
        w.misbehave(Broken("me", status=500, error_code="INTERNAL_ERROR"))
        with pytest.raises(InternalError):
            c.current_user.me()
        w.misbehave(Broken("me", status=504, error_code="DEADLINE_EXCEEDED"))
        with pytest.raises(DeadlineExceeded):
            c.current_user.me()
        assert w.log.statuses["me reset"] == 4


def test_a_reset_after_the_work_makes_a_retried_statement_two() -> None:
    with Workspace(small(), behaviours=[ResetAfter("execute")]) as w:
        r = client(w).statement_execution.execute_statement("SELECT 1", w.warehouse_id)
        assert r.status is not None
        assert r.status.state is StatementState.SUCCEEDED
        assert len(w.log.statements) == 2


def test_an_answer_that_comes_too_late_is_a_timeout_that_the_sdk_retries() -> None:
    timing = Timing(speed=100.0)
    with Workspace(small(), timing=timing, behaviours=[LateAnswer("me", seconds=50)]) as w:
        clock = FastClock()
        assert client(w, clock=clock, seconds=0.1).current_user.me().user_name
        assert len(clock.slept) == 1


def test_above_the_rate_of_the_model_list_calls_are_throttled() -> None:
    with Workspace(small(), timing=Timing(speed=0.01, list_rate=2.0)) as w:
        clock = FastClock()
        c = client(w, clock=clock)
        for _ in range(2):
            list(c.catalogs.list())
        assert clock.slept == []
        with pytest.raises(TimeoutError):  # the fast clock does not let the model's time pass
            list(c.catalogs.list())
        assert w.log.statuses["list_catalogs 429"] > 10


def test_random_faults_strike_about_their_share_and_tell_the_same_story_again() -> None:
    def struck(seed: int) -> tuple[dict[str, int], int]:
        faults = RandomFaults(seed, 0.3)
        with Workspace(SyntheticEstate(60, 4, catalogs=1), behaviours=[faults]) as w:
            c = client(w)
            for schema in c.schemas.list("catalog_00"):
                list(c.tables.list("catalog_00", str(schema.name)))
            for i in range(60):
                text = "DESCRIBE DETAIL " + ".".join(SyntheticEstate(60, 4, catalogs=1).parts_of(i))
                c.statement_execution.execute_statement(text, w.warehouse_id)
            return faults.struck, w.log.count()

    first, requests = struck(1)
    assert struck(1) == (first, requests)
    assert struck(2)[0] != first
    assert len(first) == 7
    assert 0.15 < sum(first.values()) / requests < 0.5


def test_a_double_in_a_process_has_the_same_controls() -> None:
    with WorkspaceProcess(SyntheticEstate(50, 2), keep_calls=True) as w:
        c = client(w)
        assert len(list(c.catalogs.list())) == 6
        w.misbehave(Throttled("list_catalogs"))
        assert len(list(c.catalogs.list())) == 6
        c.statement_execution.execute_statement("SELECT 1", w.warehouse_id)
        assert w.log.statuses["list_catalogs 429"] == 1
        assert w.log.states() == {"SUCCEEDED": 1}
        assert w.log.calls[-1].kind == "execute"
        assert "databricks-sdk-py" in w.log.calls[-1].agent
        assert w.cpu_seconds > 0
