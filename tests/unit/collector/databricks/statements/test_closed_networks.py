"""What is optional is done without: links, query tags; and a wrong warehouse is asked for once.

About `runner.py`.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

import pytest

from lakewarden_collector.sources.databricks.statements import links as links_module
from lakewarden_collector.sources.databricks.statements import runner as runner_module
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.statement import Statement
from tests.unit.collector.databricks.statements.bench import LARGE, ONE, POST, Bench
from tests.unit.collector.databricks.statements.loopback import (
    Fault,
    Script,
)

SLICED = Statement(text="SELECT 1 AS n", sliced="SELECT 2 AS n", kind="many")
TOO_LARGE = "Inline byte limit exceeded. Statements executed with disposition=INLINE can have …"


@contextmanager
def _serving(reply: Callable[[socket.socket], object]) -> Iterator[str]:
    """Accept connections on loopback and let `reply` do what it will with each."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_quietly, args=(reply, connection), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _quietly(reply: Callable[[socket.socket], object], connection: socket.socket) -> None:
    with connection, suppress(OSError):
        reply(connection)


def _answering(status: str, body: str = "") -> Callable[[socket.socket], object]:
    def reply(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    return reply


def _dripping(connection: socket.socket) -> None:
    connection.recv(65536)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def _mute(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(30)


@contextmanager
def _nobody() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    yield address


def _in_the_open() -> AbstractContextManager[str]:
    return nullcontext("storage.example")


UNREACHED: dict[str, tuple[str, Callable[[], AbstractContextManager[str]]]] = {
    "refused": ("http://{}/chunk", _nobody),
    "no such name": ("https://storage.invalid:443/chunk", _nobody),
    "no TLS": ("https://{}/chunk", lambda: _serving(_answering("400 Bad Request"))),
    "silence": ("http://{}/chunk", lambda: _serving(_mute)),
    "a byte now and then": ("http://{}/chunk", lambda: _serving(_dripping)),
    "a firewall's 403": ("http://{}/chunk", lambda: _serving(_answering("403 Forbidden"))),
    "a proxy's page": ("http://{}/chunk", lambda: _serving(_answering("200 OK", "<html>"))),
    "no https": ("http://{}/chunk", _in_the_open),
    "no address": ("{}::::", _in_the_open),
    "no rows": ("http://{}/chunk", lambda: _serving(_answering("200 OK", "[]"))),
    "too many rows": ("http://{}/chunk", lambda: _serving(_answering("200 OK", '[["1"],["2"]]'))),
    "wider rows": ("http://{}/chunk", lambda: _serving(_answering("200 OK", '[["1", "2"]]'))),
    "hung up": ("http://{}/chunk", lambda: _serving(lambda connection: connection.recv(9))),
}


@pytest.mark.parametrize("how", UNREACHED)
def test_an_answer_whose_link_leads_nowhere_comes_inline(
    how: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, for all statements and threads, and said once: it cost half an hour before."""
    monkeypatch.setattr(links_module, "_REACHED_SECONDS", 0.5)
    monkeypatch.setattr(links_module, "_WHOLE_SECONDS", 0.5)
    link, there = UNREACHED[how]
    bench.server.scripts.extend(Script(links=None) for _ in range(9))
    with there() as address:
        bench.server.link = link.format(address)
        begun = time.monotonic()
        assert bench.run(LARGE).rows == (("1",),)
        assert time.monotonic() - begun < 5
        with ThreadPoolExecutor(4) as pool:
            assert [each.rows for each in pool.map(bench.run, [LARGE] * 4)] == [(("1",),)] * 4
    assert bench.ways() == ["EXTERNAL_LINKS", *["INLINE"] * 5]
    [note] = bench.notes
    assert "come inline from here on: " in note
    assert "/chunk" not in note


def test_a_proxy_that_refuses_the_storage_is_no_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers 403 to CONNECT, so the link's host never hears of it."""
    bench.server.scripts.extend([Script(links=None), Script(links=None)])
    bench.server.link = "https://storage.example/chunk"
    with _serving(_answering("403 Forbidden")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert bench.run(LARGE).rows == (("1",),)
    assert bench.ways() == ["EXTERNAL_LINKS", "INLINE"]


def test_links_that_have_worked_are_not_left_for_one_moment(bench: Bench) -> None:
    bench.server.scripts.append(Script(links=None))
    bench.run(LARGE)
    bench.server.faults.append(Fault("GET /storage", 0))
    bench.server.scripts.append(Script(links=None))
    assert bench.run(LARGE).rows == (("1",),)
    assert bench.ways() == ["EXTERNAL_LINKS"] * 2
    assert not bench.notes


def _without_links(bench: Bench) -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "EXTERNAL_LINKS is disabled"}
    bench.server.faults.append(Fault(POST, 400, body))


def test_a_large_answer_comes_in_slices_where_it_has_to_come_inline(bench: Bench) -> None:
    """Each row in one slice alone, and a slice that is too large itself in four again."""
    _without_links(bench)
    bench.run(LARGE)
    too_large = Script(states=("FAILED",), message=TOO_LARGE)
    parts = [Script(chunks=([[str(n)]],)) for n in range(7)]
    bench.server.scripts.extend([too_large, parts[0], too_large, *parts[1:]])
    rows = bench.run(SLICED).rows
    assert sorted(rows) == [(str(n),) for n in range(7)]
    asked = [
        {each["name"]: int(each["value"]) for each in post.body["parameters"]}
        for post in bench.server.of(POST)
        if "parameters" in post.body
    ]
    answered = [each for each in asked if each != {"slices": 4, "slice": 1}]
    for value in range(16):  # whatever a hash's rest is, one slice has it
        assert sum(value % each["slices"] == each["slice"] for each in answered) == 1


def test_an_answer_that_no_slicing_makes_small_fails_by_name(bench: Bench) -> None:
    """One row alone may be too large; nothing is left out silently."""
    _without_links(bench)
    bench.run(LARGE)
    for statement in (SLICED, LARGE):
        bench.server.scripts.extend(Script(states=("FAILED",), message=TOO_LARGE) for _ in range(9))
        error = bench.refused(statement)
        assert "too large to come inline, and the workspace refuses external links" in error.what
        assert "--include" in error.remedy
        bench.server.scripts.clear()


@pytest.mark.parametrize(
    "message",
    [
        "Query tags are not enabled for this workspace.",
        'Unrecognized field "query_tags"',
        "QueryTag key is not allowed",
        "query tags are not supported by this SQL warehouse",
    ],
)
@pytest.mark.parametrize("way", ["request", "statement"])
def test_refused_query_tags_are_left_out(bench: Bench, message: str, way: str) -> None:
    """They only help an owner to find our statements; all evidence hung on them."""
    bench.run(ONE)
    if way == "request":
        body = {"error_code": "INVALID_PARAMETER_VALUE", "message": message}
        bench.server.faults.append(Fault(POST, 400, body))
    else:
        bench.server.scripts.append(Script(states=("FAILED",), message=message))
    assert bench.run(ONE).rows == (("1",),)
    assert bench.run(ONE).rows == (("1",),)
    tags = ["query_tags" in each.body for each in bench.server.of(POST)]
    assert tags == [True, True, False, False]


@pytest.mark.parametrize(
    ("status", "message"),
    [(400, "Could not parse request object: unknown field"), (409, "tags need another plan")],
)
@pytest.mark.parametrize("late", [False, True])
def test_a_refusal_in_any_words_is_met_without_query_tags(
    bench: Bench,
    status: int,
    message: str,
    late: bool,  # noqa: FBT001 -- pytest names parameters
) -> None:
    """Nobody has seen how a workspace refuses them."""
    if late:
        bench.run(ONE)
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": message}
    bench.server.faults.append(Fault(POST, status, body))
    assert bench.run(ONE).rows == bench.run(ONE).rows == (("1",),)
    tags = ["query_tags" in each.body for each in bench.server.of(POST)]
    assert tags[late:] == [True, False, False]


def test_what_is_refused_without_query_tags_too_leaves_them(bench: Bench) -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "the statement is too long"}
    bench.run(ONE)
    for posts in (2, 1):
        before = len(bench.server.of(POST))
        bench.server.faults.extend(Fault(POST, 400, body) for _ in range(posts))
        assert not bench.refused().fatal
        assert len(bench.server.of(POST)) == before + posts
    assert bench.run(ONE).rows == (("1",),)
    assert "query_tags" in bench.server.of(POST)[-1].body


def _different(many: int) -> list[Statement]:
    return [Statement(text=f"SELECT {number}", kind="one") for number in range(many)]


@pytest.mark.parametrize(
    ("status", "code", "posts"),
    [
        (400, "INVALID_PARAMETER_VALUE", 5),
        (409, "RESOURCE_CONFLICT", 5),
        (405, "METHOD_NOT_ALLOWED", 4),
        (501, "NOT_IMPLEMENTED", 4),
    ],
)
def test_requests_that_always_fail_end_all_statements(
    bench: Bench, status: int, code: str, posts: int
) -> None:
    """The words may be any that nobody has seen; each of sixty thousand tables would hear them."""
    body = {"error_code": code, "message": "Invalid id 'w'"}
    bench.server.faults.extend(Fault(POST, status, body) for _ in range(99))
    refused = [bench.refused(each) for each in _different(9)]
    assert [each.fatal for each in refused] == [False] * 3 + [True] * 6
    assert "--warehouse-id" in refused[-1].remedy
    assert len(bench.server.of(POST)) == posts


def test_a_server_that_falls_silent_ends_all_statements(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each statement would cost its whole deadline; one that is answered begins the count again."""
    monkeypatch.setattr(runner_module, "_FAILURES_IN_A_ROW", 3)
    bench.run(ONE)
    body = {"error_code": "NOT_IMPLEMENTED", "message": "no"}
    fatal = []
    for many in (2, 3):
        bench.server.faults.extend(Fault(POST, 501, body) for _ in range(many))
        fatal += [bench.refused(each).fatal for each in _different(many)]
        assert bench.run(ONE).rows == (("1",),)
    assert fatal == [False] * 4 + [True]


def test_an_answer_without_the_columns_that_were_asked_for_is_none(bench: Bench) -> None:
    """It was a fault of ours, and ended the run."""
    asked = Statement(text="SELECT 1 AS n", kind="one", columns=("n", "m"))
    assert "it has no column m" in bench.refused(asked).what
    bench.server.scripts.append(Script(chunks=([],)))
    assert not bench.run(asked).rows


def test_a_table_called_query_tags_is_no_refusal(bench: Bench) -> None:
    message = "[TABLE_OR_VIEW_NOT_FOUND] The table `query_tags` cannot be found. SQLSTATE: 42P01"
    bench.server.scripts.append(Script(states=("FAILED",), message=message))
    assert bench.refused().kind == "missing"
    assert len(bench.server.of(POST)) == 1


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "INVALID_PARAMETER_VALUE", "w is not a valid endpoint id."),
        (400, "BAD_REQUEST", "warehouse_id is malformed"),
        (400, "INVALID_STATE", "SQL warehouse w was deleted"),
        (409, "ABORTED", "Endpoint w is being deleted"),
        (404, "RESOURCE_DOES_NOT_EXIST", "no w"),
    ],
)
def test_a_refused_warehouse_ends_all_statements(
    bench: Bench, status: int, code: str, message: str
) -> None:
    """Sixty thousand tables would all say the same; threads that ask at once, too."""
    body = {"error_code": code, "message": message}
    bench.server.faults.extend(Fault(POST, status, body) for _ in range(9))
    with ThreadPoolExecutor(4) as pool:
        errors = [each.exception() for each in [pool.submit(bench.run, ONE) for _ in range(4)]]
    for error in errors:
        assert isinstance(error, StatementError)
        assert error.fatal
        assert "--warehouse-id" in error.remedy
    assert len(bench.server.of(POST)) == 1


def test_another_refusal_of_one_statement_ends_no_other(bench: Bench) -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "the statement is too long"}
    bench.server.faults.extend(Fault(POST, 400, body) for _ in range(2))
    assert not bench.refused().fatal
    assert bench.run(ONE).rows == (("1",),)
