"""The double's Statement Execution API, as the unmodified databricks-sdk sees it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, NotFound
from databricks.sdk.service.sql import (
    Disposition,
    ExecuteStatementRequestOnWaitTimeout,
    Format,
    QueryTag,
    StatementParameterListItem,
    StatementResponse,
    StatementState,
)

from tests.workspace.fastclock import client
from tests.workspace.faults import DENIED, DeafToCancel, FailedStatements, SlowStatements
from tests.workspace.grants import Guarded
from tests.workspace.handmade import GIB, HandmadeEstate
from tests.workspace.results import Limits
from tests.workspace.server import Workspace
from tests.workspace.synthetic import SyntheticEstate
from tests.workspace.timing import Timing

ALL_IDS = (
    "SELECT table_id, max(active_bytes) AS b FROM system.storage.table_metrics_history"
    " GROUP BY table_id"
)
FAST = 1_000.0
"""Seconds of the model in one real second, for tests in which the double takes its time."""


def send(w: Workspace, c: WorkspaceClient, text: str, **options: object) -> StatementResponse:
    options.setdefault("wait_timeout", "5s")
    return c.statement_execution.execute_statement(text, w.warehouse_id, **options)  # type: ignore[arg-type]  # options of any kind


def state(response: StatementResponse) -> StatementState | None:
    assert response.status is not None
    return response.status.state


def until_done(c: WorkspaceClient, response: StatementResponse) -> StatementResponse:
    busy = (StatementState.PENDING, StatementState.RUNNING)
    while state(response) in busy:
        response = c.statement_execution.get_statement(str(response.statement_id))
    return response


def test_describe_detail_answers_text_null_and_json_text() -> None:
    estate = HandmadeEstate()
    sales = estate.catalog("main").schema("sales")
    sales.table("orders", bytes=3 * GIB, files=7, clustering=[["address", "city"], ["id"]])
    sales.table("old", format="PARQUET")
    with Workspace(estate) as w:
        c = client(w)
        rows = []
        for name in ("orders", "old"):
            r = send(w, c, f"DESCRIBE DETAIL `main`.`sales`.`{name}`")
            assert r.manifest is not None
            assert r.manifest.schema is not None
            assert r.result is not None
            names = [x.name for x in r.manifest.schema.columns or []]
            rows.append(dict(zip(names, (r.result.data_array or [])[0], strict=True)))
        assert rows[0]["sizeInBytes"] == str(3 * GIB)
        assert rows[0]["numFiles"] == "7"
        assert json.loads(rows[0]["clusteringColumns"]) == ["address.city", "id"]
        assert rows[0]["description"] is None
        assert rows[1]["sizeInBytes"] is None


def test_what_fails_in_sql_is_an_answer_of_200_with_its_class() -> None:
    estate = HandmadeEstate()
    estate.catalog("main").schema("sales").table("v", table_type="VIEW")
    estate.catalog("main").schema("sales").table("t")
    guarded = Guarded(estate)
    guarded.revoke_select("main", "sales", "t")
    with Workspace(guarded) as w:
        c = client(w)
        for name, sql_state, error_class in [
            ("v", "42809", "[EXPECT_TABLE_NOT_VIEW"),
            ("t", "42501", "[INSUFFICIENT_PERMISSIONS]"),
            ("nothing", "42P01", "[TABLE_OR_VIEW_NOT_FOUND]"),
            ("a``b`", "42601", "[PARSE_SYNTAX_ERROR]"),
        ]:
            r = send(w, c, f"DESCRIBE DETAIL `main`.`sales`.`{name}`")
            assert state(r) is StatementState.FAILED
            assert r.status is not None
            assert r.status.sql_state == sql_state
            assert r.status.error is not None
            assert str(r.status.error.message).startswith(error_class)


def test_nothing_but_select_and_describe_is_understood() -> None:
    with Workspace(HandmadeEstate()) as w:
        c = client(w)
        for text in ("DROP TABLE a.b.c", "SELECT 1; DROP TABLE x", "VALUES (1)", "SHOW TABLES"):
            r = send(w, c, text)
            assert r.status is not None
            assert r.status.sql_state == "42601"
        assert state(send(w, c, "SELECT 1 -- ; DROP TABLE x")) is StatementState.SUCCEEDED


def test_named_parameters_have_the_types_they_declare() -> None:
    estate = HandmadeEstate()
    schema = estate.catalog("main").schema("sales")
    schema.table("new", metric_bytes=5)
    schema.table("old", metric_bytes=6, metric_days=20)
    text = (
        "SELECT table_name FROM system.storage.table_metrics_history"
        " WHERE catalog_name = :c AND snapshot_date >= date_sub(current_date(), :days)"
    )
    with Workspace(estate) as w:
        c = client(w)
        of = StatementParameterListItem
        r = send(w, c, text, parameters=[of("c", value="main"), of("days", "INT", "7")])
        assert r.result is not None
        assert r.result.data_array == [["new"]]
        for given, sql_state in [
            ([of("c", value="main")], "42P02"),
            ([of("c", value="main"), of("days", "INT", "x")], "22018"),
        ]:
            r = send(w, c, text, parameters=given)
            assert r.status is not None
            assert r.status.sql_state == sql_state
        assert w.log.statements[0].parameters == {"c": "main", "days": "7"}


def test_a_large_answer_comes_in_chunks_that_add_up() -> None:
    with Workspace(SyntheticEstate(400, 2), limits=Limits(chunk_bytes=2_000)) as w:
        c = client(w)
        r = until_done(c, send(w, c, ALL_IDS))
        assert r.manifest is not None
        assert r.manifest.total_chunk_count is not None
        assert r.manifest.total_chunk_count > 3
        rows, part = [], r.result
        while part is not None:  # the first one came with the statement
            rows += part.data_array or []
            if part.next_chunk_index is None:
                break
            part = c.statement_execution.get_statement_result_chunk_n(
                str(r.statement_id), part.next_chunk_index
            )
        assert len(rows) == r.manifest.total_row_count == len({row[0] for row in rows})


def test_an_inline_answer_over_the_limit_fails_and_links_carry_it() -> None:
    limits = Limits(inline_bytes=2_000, chunk_bytes=5_000)
    with Workspace(SyntheticEstate(400, 2), limits=limits) as w:
        c = client(w)
        r = until_done(c, send(w, c, ALL_IDS))
        assert state(r) is StatementState.FAILED
        assert r.status is not None
        assert r.status.error is not None
        assert "Inline byte limit exceeded" in str(r.status.error.message)
        links = {"disposition": Disposition.EXTERNAL_LINKS, "format": Format.JSON_ARRAY}
        r = until_done(c, send(w, c, ALL_IDS, wait_timeout="0s", **links))
        assert r.manifest is not None
        rows = 0
        assert len(r.manifest.chunks or []) > 1
        for index in range(r.manifest.total_chunk_count or 0):
            part = c.statement_execution.get_statement_result_chunk_n(str(r.statement_id), index)
            link = (part.external_links or [])[0]
            answer = requests.get(str(link.external_link), headers=link.http_headers, timeout=10)
            assert len(answer.content) == link.byte_count
            assert len(answer.content) <= limits.chunk_bytes
            rows += len(answer.json())
        assert rows == r.manifest.total_row_count


def test_a_link_refuses_our_credentials_wants_its_headers_and_expires() -> None:
    timing, limits = Timing(speed=FAST), Limits(link_seconds=100)
    with Workspace(SyntheticEstate(20, 1), timing=timing, limits=limits) as w:
        c = client(w)
        r = send(w, c, ALL_IDS, disposition=Disposition.EXTERNAL_LINKS)
        r = until_done(c, r)
        assert r.result is not None
        link = (r.result.external_links or [])[0]
        url, headers = str(link.external_link), dict(link.http_headers or {})
        authorized = {**headers, "Authorization": f"Bearer {w.token}"}
        assert requests.get(url, headers=authorized, timeout=10).status_code == 400
        assert requests.get(url, timeout=10).status_code == 400
        answer = requests.get(url, headers=headers, timeout=10)
        for _ in range(1_000):  # the model's time passes with each request
            if answer.status_code != 200:
                break
            answer = requests.get(url, headers=headers, timeout=10)
        assert answer.status_code == 403
        assert "expired" in answer.text
        again = c.statement_execution.get_statement_result_chunk_n(str(r.statement_id), 0)
        link = (again.external_links or [])[0]
        headers = dict(link.http_headers or {})
        assert requests.get(str(link.external_link), headers=headers, timeout=10).ok


def test_links_may_be_disabled() -> None:
    with Workspace(SyntheticEstate(20, 1), limits=Limits(external_links=False)) as w:
        with pytest.raises(InvalidParameterValue, match="disabled"):
            send(w, client(w), "SELECT 1", disposition=Disposition.EXTERNAL_LINKS)
        assert w.log.statements == []


def test_a_statement_waits_for_the_warehouse_then_runs_then_ends() -> None:
    timing = Timing(speed=FAST, cold_start=300, select_seconds=300)
    with Workspace(SyntheticEstate(20, 1), timing=timing) as w:
        c = client(w)
        assert str(c.warehouses.get(w.warehouse_id).state) == "State.STOPPED"
        r = send(w, c, "SELECT 1", wait_timeout="0s")
        seen = [state(r)]
        while seen[-1] is not StatementState.SUCCEEDED:
            now = state(c.statement_execution.get_statement(str(r.statement_id)))
            seen += [now] if now != seen[-1] else []
        pending, running = StatementState.PENDING, StatementState.RUNNING
        assert seen == [pending, running, StatementState.SUCCEEDED]
        sent = w.log.statements[0]
        assert sent.started is not None
        assert sent.ended is not None
        assert sent.started - sent.sent >= 300
        assert sent.ended - sent.started >= 300


def test_cancel_ends_a_running_statement_and_a_waiting_one() -> None:
    timing = Timing(speed=1.0, describe_seconds=3_600, slots=1)
    with Workspace(SyntheticEstate(20, 1), timing=timing) as w:
        c = client(w)
        text = "DESCRIBE DETAIL catalog_00.schema_0000.table_000000"
        sent = [send(w, c, text, wait_timeout="0s") for _ in range(2)]
        assert [s.state for s in w.log.running()] == ["RUNNING", "PENDING"]
        for r in reversed(sent):
            c.statement_execution.cancel_execution(str(r.statement_id))
            found = c.statement_execution.get_statement(str(r.statement_id))
            assert state(found) is StatementState.CANCELED
        assert w.log.running() == []


def test_a_cancelled_statement_gives_its_slot_to_the_next() -> None:
    timing = Timing(speed=1.0, describe_seconds=3_600, slots=1)
    with Workspace(SyntheticEstate(20, 1), timing=timing) as w:
        c = client(w)
        text = "DESCRIBE DETAIL catalog_00.schema_0000.table_000000"
        first, _ = (send(w, c, text, wait_timeout="0s") for _ in range(2))
        c.statement_execution.cancel_execution(str(first.statement_id))
        assert [s.state for s in w.log.statements] == ["CANCELED", "RUNNING"]


def test_a_wait_that_runs_out_cancels_if_told_to() -> None:
    timing = Timing(speed=FAST, describe_seconds=3_600_000)
    with Workspace(SyntheticEstate(20, 1), timing=timing) as w:
        c = client(w)
        text = "DESCRIBE DETAIL catalog_00.schema_0000.table_000000"
        assert state(send(w, c, text)) is StatementState.RUNNING
        cancel = ExecuteStatementRequestOnWaitTimeout.CANCEL
        r = send(w, c, text, on_wait_timeout=cancel)
        assert state(r) is StatementState.CANCELED
        assert len(w.log.running()) == 1


def test_cancel_may_lose_the_race_without_a_word() -> None:
    timing = Timing(speed=FAST, select_seconds=500)
    with Workspace(SyntheticEstate(20, 1), timing=timing, behaviours=[DeafToCancel()]) as w:
        c = client(w)
        r = send(w, c, "SELECT 1", wait_timeout="0s")
        c.statement_execution.cancel_execution(str(r.statement_id))
        assert state(until_done(c, r)) is StatementState.SUCCEEDED


def test_the_state_that_is_told_may_lag() -> None:
    with Workspace(SyntheticEstate(20, 1), timing=Timing(speed=FAST, lag=300)) as w:
        c = client(w)
        r = send(w, c, "SELECT 1", wait_timeout="0s")
        until_done(c, r)
        assert w.log.statements[0].polls > 1


def test_statements_fail_or_take_long_where_a_test_says_so() -> None:
    behaviours = [
        FailedStatements(DENIED, containing="000001"),
        SlowStatements(200, containing="000002"),
    ]
    with Workspace(SyntheticEstate(20, 1), timing=Timing(speed=FAST), behaviours=behaviours) as w:
        c = client(w)
        text = "DESCRIBE DETAIL catalog_00.schema_0000.table_"
        assert state(send(w, c, text + "000000")) is StatementState.SUCCEEDED
        assert state(send(w, c, text + "000001")) is StatementState.FAILED
        assert state(send(w, c, text + "000002", wait_timeout="0s")) is StatementState.RUNNING


def test_a_request_that_breaks_the_rules_is_refused_before_it_is_a_statement() -> None:
    with Workspace(SyntheticEstate(20, 1)) as w:
        c = client(w)
        for options in ({"wait_timeout": "3s"}, {"wait_timeout": "51s"}, {"wait_timeout": "5"}):
            with pytest.raises(InvalidParameterValue, match="wait_timeout"):
                send(w, c, "SELECT 1", **options)
        with pytest.raises(InvalidParameterValue, match="16 MiB"):
            send(w, c, "SELECT '" + "x" * 16 * 1024**2 + "'")
        with pytest.raises(NotFound, match="Warehouse"):
            c.statement_execution.execute_statement("SELECT 1", "another")
        with pytest.raises(NotFound, match="does not exist"):
            c.statement_execution.get_statement("never-sent")
        assert w.log.statements == []
        send(w, c, "SELECT 1", query_tags=[QueryTag("lakewarden", "probe")])
        assert w.log.statements[0].tags == {"lakewarden": "probe"}


def test_statements_never_run_more_at_once_than_there_are_slots() -> None:
    timing = Timing(speed=FAST, describe_seconds=50, slots=4)
    with Workspace(SyntheticEstate(50, 1), timing=timing) as w:
        c = client(w)
        text = "DESCRIBE DETAIL catalog_00.schema_0000.table_0000"
        sent = [send(w, c, f"{text}{n:02d}", wait_timeout="0s") for n in range(40)]
        for r in sent:
            until_done(c, r)
        assert w.log.peak_running == 4
        ends = [s.ended for s in w.log.statements if s.ended is not None]
        span = timedelta(seconds=max(ends) - w.log.statements[0].sent)
        assert span >= timedelta(seconds=timing.statement_bound({"describe": 40}))
