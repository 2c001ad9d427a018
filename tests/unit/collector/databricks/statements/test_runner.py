"""The runner through the real SDK, against a server on loopback that can misbehave."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lakewarden_collector.sources.databricks.concurrency.pace import Interrupted
from lakewarden_collector.sources.databricks.statements.runner import RESENDS
from lakewarden_collector.sources.databricks.statements.statement import Parameter, Statement
from tests.unit.collector.databricks.statements.bench import LARGE, ONE, POST, Bench
from tests.unit.collector.databricks.statements.loopback import (
    Fault,
    Script,
)


def test_an_answer_comes_back_with_its_columns_in_order(bench: Bench) -> None:
    """A column under another's name would be a wrong size."""
    bench.server.scripts.append(
        Script(columns=("a", "b", "c"), chunks=([["1", None, '["x"]'], ["2", "", "[]"]],))
    )
    rows = bench.run(ONE)
    assert rows.mappings() == [
        {"a": "1", "b": None, "c": '["x"]'},
        {"a": "2", "b": "", "c": "[]"},
    ]
    assert bench.spent.counts() == {"one": 1}


def test_an_answer_without_rows_has_columns(bench: Bench) -> None:
    bench.server.scripts.append(Script(columns=("a",), chunks=()))
    assert bench.run(ONE).columns == ("a",)


def test_a_request_says_what_the_api_needs(bench: Bench) -> None:
    """A wait outside 0 or 5 to 50 seconds is refused; the tag lets an owner find our statements."""
    bench.run(
        Statement(text="SELECT :d", kind="probe", parameters=(Parameter(name="d", value="x'; --"),))
    )
    [asked] = bench.server.of(POST)
    assert asked.body == {
        "statement": "SELECT :d",
        "warehouse_id": "w1",
        "disposition": "INLINE",
        "format": "JSON_ARRAY",
        "wait_timeout": "5s",
        "on_wait_timeout": "CONTINUE",
        "parameters": [{"name": "d", "value": "x'; --", "type": "STRING"}],
        "query_tags": [{"key": "lakewarden", "value": "probe"}],
    }


def test_a_warehouse_that_starts_is_waited_for_and_told_of(bench: Bench) -> None:
    """Its start takes minutes and isn't a hang; without a word it looks like one."""
    bench.server.scripts.append(Script(states=("PENDING",) * 4 + ("RUNNING",) * 2 + ("SUCCEEDED",)))
    assert bench.run(ONE).rows == (("1",),)
    assert len(bench.pending) == 4
    assert bench.pending == sorted(bench.pending)
    assert bench.pending[-1] > 3
    assert len(bench.server.of(r"GET .*/s0$")) == 6


@pytest.mark.parametrize(("state", "fatal"), [("PENDING", True), ("RUNNING", False)])
def test_a_statement_is_given_up_and_cancelled(bench: Bench, state: str, fatal: bool) -> None:  # noqa: FBT001 -- pytest names parameters
    """Waiting for ever would stop the collection; leaving it would cost the warehouse's time."""
    bench.server.scripts.append(Script(states=(state,)))
    error = bench.refused()
    assert (error.kind, error.fatal) == ("failed", fatal)
    assert not bench.server.running()
    # Polling without hammering: a wait grows to 5 seconds, so a minute is some 15 looks.
    assert len(bench.server.of(r"GET .*/s0$")) < 20


@pytest.mark.parametrize("links", [False, True])
def test_all_chunks_are_read(bench: Bench, links: bool) -> None:  # noqa: FBT001 -- pytest names parameters
    """The first chunk alone looks like a whole answer."""
    chunks = [[[str(10 * part + n)] for n in range(10)] for part in range(4)]
    bench.server.scripts.append(Script(chunks=chunks, links=links))
    rows = bench.run(LARGE if links else ONE).rows
    assert rows == tuple((str(n),) for n in range(40))


def test_large_answers_come_by_links_fetched_without_credentials(bench: Bench) -> None:
    """Cloud storage refuses an Authorization header, and has no business seeing ours."""
    bench.server.scripts.append(Script(states=("PENDING", "SUCCEEDED"), links=True))
    bench.run(LARGE)
    [asked] = bench.server.of(POST)
    assert (asked.body["disposition"], asked.body["wait_timeout"]) == ("EXTERNAL_LINKS", "0s")
    assert asked.headers["Authorization"] == "Bearer t"
    [fetched] = bench.server.of("GET /storage")
    assert "Authorization" not in fetched.headers


def test_an_expired_link_is_asked_for_again(bench: Bench) -> None:
    """Links live for minutes, a long answer is read for longer."""
    bench.server.stale_links = 2
    bench.server.scripts.append(Script(chunks=([["1"]], [["2"]]), links=True))
    assert bench.run(LARGE).rows == (("1",), ("2",))
    assert bench.server.of(r"GET .*/chunks/0$")


def test_a_link_that_never_works_fails_without_naming_it(bench: Bench) -> None:
    """The link holds a credential; a report must not."""
    bench.server.stale_links = 1_000
    bench.server.scripts.extend(Script(links=True) for _ in range(RESENDS + 1))
    error = bench.refused(LARGE)
    assert (error.kind, error.what) == (
        "failed",
        "a part of the answer could not be fetched from cloud storage: HTTP 403",
    )


def test_an_inline_answer_that_is_too_large_is_asked_for_by_links(bench: Bench) -> None:
    """Such a statement fails whole: nothing of its answer is to be had inline."""
    too_large = Script(states=("FAILED",), message="Inline byte limit exceeded")
    bench.server.scripts.extend([too_large, Script(links=True)])
    assert bench.run(ONE).rows == (("1",),)
    assert bench.spent.counts() == {"one": 1, "resent": 1}


def test_where_links_are_switched_off_answers_come_inline(bench: Bench) -> None:
    """A workspace's support can switch them off; the next statement does not ask again."""
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "EXTERNAL_LINKS is disabled"}
    bench.server.faults.append(Fault(POST, 400, body))
    assert bench.run(LARGE).rows == (("1",),)
    assert bench.run(LARGE).rows == (("1",),)
    ways = [each.body["disposition"] for each in bench.server.of(POST)]
    assert ways == ["EXTERNAL_LINKS", "INLINE", "INLINE"]


def test_too_large_and_no_links_is_a_failure(bench: Bench) -> None:
    """And no endless going from one way to the other."""
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "EXTERNAL_LINKS is disabled"}
    bench.server.faults.append(Fault(POST, 400, body))
    bench.server.scripts.extend(
        Script(states=("FAILED",), message="Inline byte limit exceeded") for _ in range(9)
    )
    assert bench.refused(LARGE).kind == "failed"


@pytest.mark.parametrize(
    "script", [Script(truncated=True), Script(total=2), Script(columns=("a", "b"))]
)
def test_an_answer_that_is_not_whole_is_refused(bench: Bench, script: Script) -> None:
    """Tables that are missing from an answer would be taken for tables without a figure."""
    bench.server.scripts.append(script)
    assert "can't be used" in bench.refused().what


def test_a_failed_statement_says_what_failed(bench: Bench) -> None:
    """It is answered with HTTP 200; taken for an empty answer it would be a wrong one."""
    message = "[TABLE_OR_VIEW_NOT_FOUND] The table or view `a` cannot be found.\nSQLSTATE: 42P01"
    bench.server.scripts.append(
        Script(states=("RUNNING", "FAILED"), message=message, sql_state="42P01")
    )
    error = bench.refused()
    assert (error.kind, error.sql_state, error.error_class, error.fatal) == (
        "missing",
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        False,
    )
    assert error.message == message
    assert len(bench.server.of(POST)) == 1


def test_failures_that_pass_are_tried_again(bench: Bench) -> None:
    """One busy moment must not make a table unknown."""
    bench.server.scripts.extend(
        Script(states=("FAILED",), code=code, message="busy")
        for code in ("TEMPORARILY_UNAVAILABLE", "IO_ERROR", "RESOURCE_EXHAUSTED")
    )
    assert bench.run(ONE).rows == (("1",),)
    assert bench.spent.counts() == {"one": 1, "resent": 3}
    assert bench.pace.statements.throttlings == 1


def test_a_failure_that_does_not_pass_ends(bench: Bench) -> None:
    bench.server.scripts.extend(
        Script(states=("FAILED",), code="INTERNAL_ERROR", message="busy") for _ in range(99)
    )
    assert bench.refused().kind == "failed"
    assert len(bench.server.of(POST)) == 1 + RESENDS


@pytest.mark.parametrize("pattern", [POST, r"GET .*/s0$"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("status", [0, 429, 500, 503, 504])
def test_a_request_that_fails_for_a_moment_is_repeated(
    bench: Bench,
    pattern: str,
    after: bool,  # noqa: FBT001 -- pytest names parameters
    status: int,
) -> None:
    """Resets, 429, 500, 503 and 504 pass; the SDK repeats some of them, we the others."""
    bench.server.scripts.extend(
        Script(states=("RUNNING", "SUCCEEDED", "SUCCEEDED")) for _ in range(3)
    )
    bench.server.faults.extend(Fault(pattern, status, after=after) for _ in range(2))
    assert bench.run(ONE).rows == (("1",),)
    assert bench.pace.clock.retries == 2
    assert bench.pace.statements.throttlings == (2 if status in (429, 503) else 0)


def test_refusals_without_end_become_a_failure_that_names_them(bench: Bench) -> None:
    """The SDK raises a bare TimeoutError then; its cause is what a person needs."""
    body = {"error_code": "RESOURCE_EXHAUSTED", "message": "Too many requests"}
    bench.server.faults.extend(Fault(POST, 429, body, {"Retry-After": "60"}) for _ in range(99))
    error = bench.refused()
    assert error.kind == "failed"
    assert "Too many requests" in error.what
    assert bench.pace.statements.width == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "word"),
    [
        (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "w1"}, "missing", "warehouse"),
        (403, {"error_code": "PERMISSION_DENIED", "message": "not allowed"}, "denied", "not"),
        (401, {"message": "token expired"}, "failed", "credentials"),
    ],
)
def test_a_refusal_of_the_request_ends_all_statements(
    bench: Bench, status: int, body: dict[str, str], kind: str, word: str
) -> None:
    """It is about the warehouse or us, so sixty thousand more requests would say the same."""
    bench.server.faults.append(Fault(POST, status, body))
    error = bench.refused()
    assert (error.kind, error.fatal) == (kind, True)
    assert word in error.what
    assert error.remedy


def test_a_statement_that_somebody_cancelled_is_not_sent_again(bench: Bench) -> None:
    """Anyone who cancelled it had a reason."""
    bench.server.scripts.append(Script(states=("RUNNING", "CANCELED")))
    assert "someone else" in bench.refused().what
    assert len(bench.server.of(POST)) == 1


def test_stopping_leaves_no_statement_running(bench: Bench) -> None:
    """A statement that nobody waits for goes on running, and costs."""
    bench.server.scripts.extend(Script(states=("RUNNING",)) for _ in range(5))
    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(bench.run, ONE) for _ in range(5)]
        while len(bench.server.running()) < 5:
            threading.Event().wait(0.002)
        bench.pace.stop.set()
        assert bench.run.cancel_all() == 0
        for each in asked:
            assert isinstance(each.exception(), Interrupted)
    assert not bench.server.running()
    with pytest.raises(Interrupted):
        bench.run(ONE)
    assert len(bench.server.of(POST)) == 5


def test_a_statement_being_sent_when_the_run_stops_is_cancelled_too(bench: Bench) -> None:
    """Its id is not known yet; nobody could cancel it later."""
    arrived, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        arrived.set()
        go_on.wait(5)

    bench.server.on_post = slowly
    bench.server.scripts.append(Script(states=("RUNNING",)))
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(bench.run, ONE)
        arrived.wait(5)
        bench.pace.stop.set()
        cancelled = pool.submit(bench.run.cancel_all)
        go_on.set()
        assert cancelled.result() == 0
        assert isinstance(asked.exception(), Interrupted)
    assert not bench.server.running()


def test_cancelling_perseveres_though_the_run_is_stopped(bench: Bench) -> None:
    """Requests that cancel may be throttled as well, and are then repeated."""
    bench.server.scripts.append(Script(states=("RUNNING",)))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(bench.run, ONE)
        while not bench.server.running():
            threading.Event().wait(0.002)
        bench.pace.stop.set()
        assert isinstance(asked.exception(), Interrupted)
    bench.server.faults.extend(Fault(r"POST .*/cancel$", status) for status in (429, 0, 500))
    assert bench.run.cancel_all() == 0
    assert not bench.server.running()


def test_what_cannot_be_seen_to_end_is_counted(bench: Bench) -> None:
    """So that the run can say so, rather than claim that nothing is left."""
    bench.server.scripts.append(Script(states=("RUNNING",), cancellable=False))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(bench.run, ONE)
        while not bench.server.running():
            threading.Event().wait(0.002)
        assert bench.run.cancel_all() == 1
        assert isinstance(asked.exception(), Interrupted)


def test_nothing_is_sent_after_all_was_cancelled(bench: Bench) -> None:
    """An error elsewhere ends a run as well; its other threads must not begin again."""
    assert bench.run.cancel_all() == 0
    with pytest.raises(Interrupted):
        bench.run(ONE)
    assert not bench.server.of(POST)


def test_a_statement_that_is_gone_is_sent_again(bench: Bench) -> None:
    """404 says that the statement is not there; taken for the table's it would be dropped."""
    bench.server.scripts.append(Script(states=("RUNNING",)))
    body = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no statement s0"}
    bench.server.faults.append(Fault(r"GET .*/s0$", 404, body))
    assert bench.run(ONE).rows == (("1",),)
    assert bench.spent.counts() == {"one": 1, "resent": 1}


def test_a_statement_that_failed_to_be_followed_is_cancelled(bench: Bench) -> None:
    bench.server.scripts.append(Script(states=("RUNNING",)))
    body = {"error_code": "BAD_REQUEST", "message": "no"}
    bench.server.faults.append(Fault(r"GET .*/s0$", 400, body))
    assert bench.refused().kind == "failed"
    assert not bench.server.running()
