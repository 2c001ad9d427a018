"""Answers that are not what the API promises: a failed statement, never a traceback.

About `polling.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk.service.sql import (
    ColumnInfo,
    ExternalLink,
    ResultData,
    ResultManifest,
    ResultSchema,
    StatementResponse,
)

from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.links import Links
from lakewarden_collector.sources.databricks.statements.polling import read
from tests.unit.collector.databricks.statements.bench import ONE, POST, Bench
from tests.unit.collector.databricks.statements.loopback import (
    Fault,
    Loopback,
    Script,
)

Json = dict[str, Any]

COLUMNS: Json = {"columns": [{"name": "n", "position": 0}]}


def _succeeded(manifest: object = None, result: object = None) -> Json:
    whole = {"schema": COLUMNS, "total_row_count": 1} if manifest is None else manifest
    return {
        "statement_id": "s0",
        "status": {"state": "SUCCEEDED"},
        "manifest": whole,
        "result": {"data_array": [["1"]]} if result is None else result,
    }


def _failed(**status: object) -> Json:
    return {"statement_id": "s0", "status": {"state": "FAILED", **status}}


ODD = [
    None,
    7,
    "FAILED",
    [1],
    {"statement_id": "s0", "status": "FAILED"},
    {"statement_id": "s0", "status": [1]},
    {"statement_id": 5, "status": {"state": "SUCCEEDED"}},
    {"status": {"state": "SUCCEEDED"}},
    {},
    _failed(error="no"),
    _failed(error={"message": 5}),
    _failed(sql_state=5),
    _succeeded("m"),
    _succeeded({"schema": [1]}),
    _succeeded({"schema": {"columns": 5}}),
    _succeeded({"schema": {"columns": [{"position": "a"}, {"position": 1}]}}),
    _succeeded({"schema": COLUMNS, "total_row_count": "many"}),
    _succeeded(result=[1]),
    _succeeded(result={"data_array": 5}),
    _succeeded(result={"data_array": [["1"]], "next_chunk_index": [1]}),
    _succeeded(result={"external_links": [5]}),
    _succeeded(result={"external_links": [{"external_link": 5}]}),
    _succeeded(result={"external_links": [{"external_link": "https://[", "http_headers": [1]}]}),
]


@pytest.mark.parametrize("body", ODD, ids=str)
def test_an_odd_answer_is_a_statement_that_failed(server: Loopback, body: object) -> None:
    """Of a hundred thousand statements one odd answer must not end the run."""
    server.faults.append(Fault(POST, 200, body))
    with pytest.raises(StatementError) as caught:
        Bench(server).run(ONE)
    assert (caught.value.kind, caught.value.where) == ("failed", "one")
    assert len(server.of(POST)) == 1


@pytest.mark.parametrize("body", [7, [1], {"status": "RUNNING"}])
def test_a_statement_of_which_oddities_are_told_is_cancelled(
    server: Loopback, body: object
) -> None:
    server.scripts.append(Script(states=("RUNNING",)))
    server.faults.append(Fault(r"GET .*/s0$", 200, body))
    with pytest.raises(StatementError):
        Bench(server).run(ONE)
    assert not server.running()


class _Shelf(Links):
    """Links that lead to their own number."""

    def __init__(self) -> None:
        self.fetched: list[int | None] = []

    def rows(self, link: ExternalLink, renew: Callable[[], ExternalLink], where: str) -> list[Any]:
        del renew, where
        self.fetched.append(link.chunk_index)
        return [[str(link.chunk_index)]]


@pytest.mark.parametrize(
    "answers",
    [
        [[0, 1, 2]],
        [[2, 0, 1]],
        [[0, 1, 1], [2]],
        [[0], [1, 2]],
        [[0, 1], [1, 2]],
        [[0], [1], [2]],
    ],
)
@pytest.mark.parametrize("told_twice", [False, True])
def test_each_link_is_read_once_and_in_order(
    answers: list[list[int]],
    told_twice: bool,  # noqa: FBT001 -- pytest names parameters
) -> None:
    """An answer may bring one link or several, and links of which an earlier one told."""

    def link(index: int) -> ExternalLink:
        following = index + 1 if index < 2 else None
        return ExternalLink(chunk_index=index, external_link="x", next_chunk_index=following)

    def data(indices: list[int]) -> ResultData:
        first = min(indices)
        following = first + 1 if told_twice and first < 2 else None
        links = [link(index) for index in indices]
        return ResultData(chunk_index=first, external_links=links, next_chunk_index=following)

    def chunk(index: int) -> ResultData:
        return data(next(each for each in answers[1:] if index in each))

    schema = ResultSchema(columns=[ColumnInfo(name="n", position=0)])
    response = StatementResponse(
        manifest=ResultManifest(schema=schema, total_row_count=3), result=data(answers[0])
    )
    shelf = _Shelf()
    assert read(response, chunk, shelf, "x").rows == (("0",), ("1",), ("2",))
    assert shelf.fetched == [0, 1, 2]


@pytest.mark.parametrize("following", [0, 1])
def test_links_that_go_in_circles_are_no_answer(following: int) -> None:
    def data(index: int) -> ResultData:
        after = 1 if index == 0 else following
        link = ExternalLink(chunk_index=index, external_link="x", next_chunk_index=after)
        return ResultData(external_links=[link])

    schema = ResultSchema(columns=[ColumnInfo(name="n", position=0)])
    response = StatementResponse(manifest=ResultManifest(schema=schema), result=data(0))
    with pytest.raises(StatementError, match="twice"):
        read(response, data, _Shelf(), "x")


def _fetched(url: str) -> list[Any]:
    link = ExternalLink(chunk_index=0, external_link=url, http_headers={"X-Key": "key-0"})
    return Links(Pace.default(speed=0.001).clock).rows(link, lambda: link, "x")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://storage.example/s3cret",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1.evil.example/x",
        "http://[::ffff:10.0.0.1]/x",
        "http://storage.example\\@127.0.0.1/x",
        "//storage.example/x",
        "s3cret",
        "https://",
        "https://[/",
        "",
    ],
)
def test_a_link_that_is_not_https_is_not_followed(url: str) -> None:
    """The rows of a whole metastore, and a credential, would cross a network in the open."""
    with pytest.raises(StatementError, match="isn't an https address") as caught:
        _fetched(url)
    assert not caught.value.transient
    assert "s3cret" not in str(caught.value)


def test_links_on_loopback_need_no_https_and_redirects_are_not_followed(server: Loopback) -> None:
    """The storage has what it says it has; elsewhere nobody has vouched for it."""
    server.sent["s0"] = Script(links=True)
    assert _fetched(f"{server.url}/storage/s0/0/0") == [["1"]]
    there = {"Location": f"{server.url}/storage/s0/0/0"}
    server.faults.extend(Fault("GET /elsewhere", 302, headers=there) for _ in range(9))
    with pytest.raises(StatementError, match="HTTP 302"):
        _fetched(f"{server.url}/elsewhere")
    assert len(server.of("GET /storage")) == 1
