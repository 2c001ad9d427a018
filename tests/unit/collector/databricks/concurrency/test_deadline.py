"""No answer holds a run: not one that drips, not one that hangs, and none that nobody wants."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from lakewarden_collector.sources.databricks.client.rest import Rest
from lakewarden_collector.sources.databricks.concurrency.deadline import (
    DeadlineError,
    limit,
    within,
)
from lakewarden_collector.sources.databricks.concurrency.pace import (
    Interrupted,
    Pace,
    RequestCounts,
)
from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.runner import StatementRunner
from lakewarden_collector.sources.databricks.statements.statement import Statement

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
LIST = "/api/2.1/unity-catalog/catalogs"


@contextmanager
def _serving(reply: Callable[[socket.socket], object]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                reply(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=handle, args=server.accept()[:1], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _drip_all(connection: socket.socket) -> None:
    """Send a byte of the head, then of the body, each within the time between two bytes."""
    for byte in ANSWER + b" " * 4000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def _drip_body(connection: socket.socket) -> None:
    connection.sendall(ANSWER)
    _drip_all(connection)


def _hang(connection: socket.socket) -> None:
    del connection
    time.sleep(30)


def _client(url: str, pace: Pace, seconds: float = 0.5) -> WorkspaceClient:
    config = Config(host=url, token="t", clock=pace.clock, http_timeout_seconds=1)  # noqa: S106 -- of no use elsewhere
    client = WorkspaceClient(config=config)
    limit(client.api_client, seconds, pace.clock, 8)
    return client


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the discovery document, which the SDK asks for first."""
    monkeypatch.setattr(Config, "_resolve_host_metadata", lambda _: None, raising=True)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("reply", [_drip_all, _drip_body])
def test_a_server_that_drips_holds_nobody(reply: Callable[[socket.socket], object]) -> None:
    """Each byte comes in time, and the whole never: the run would wait for ever."""
    pace = Pace.default(speed=0.001)
    with _serving(reply) as url:
        client = _client(url, pace)
        rest = Rest(
            api_client=client.api_client, workspace_id=None, pace=pace, spent=RequestCounts()
        )
        begun = time.monotonic()
        with pytest.raises(DeadlineError, match="wasn't complete"):
            rest.get(LIST)
        run = StatementRunner(client, "w", pace=pace, spent=RequestCounts())
        with pytest.raises(StatementError, match="wasn't complete") as caught:
            run(Statement(text="SELECT 1", kind="one"))
        assert time.monotonic() - begun < 5
    assert caught.value.kind == "failed"
    assert not caught.value.transient


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("reply", [_drip_all, _hang])
def test_a_run_that_stops_waits_for_no_answer(reply: Callable[[socket.socket], object]) -> None:
    """Anyone who presses Ctrl-C would sit through a minute for each request."""
    pace = Pace.default()
    with _serving(reply) as url:
        client = _client(url, pace, seconds=60)
        rest = Rest(
            api_client=client.api_client, workspace_id=None, pace=pace, spent=RequestCounts()
        )
        run = StatementRunner(client, "w", pace=pace, spent=RequestCounts())
        ended: list[BaseException] = []

        def ask(request: Callable[[], object]) -> None:
            try:
                request()
            except Interrupted as error:
                ended.append(error)

        requests = [lambda: rest.get(LIST), lambda: run(Statement(text="SELECT 1", kind="one"))]
        threads = [threading.Thread(target=ask, args=(each,)) for each in requests]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        begun = time.monotonic()
        pace.stop.set()
        assert run.cancel_all() == 1, "whether the statement arrived is not known"
        for thread in threads:
            thread.join(5)
        assert time.monotonic() - begun < 1.6
    assert len(ended) == 2


@pytest.mark.usefixtures("quiet")
def test_an_answer_in_time_is_itself() -> None:
    def reply(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a": 12}')

    pace = Pace.default()
    with _serving(reply) as url:
        rest = Rest(
            api_client=_client(url, pace).api_client,
            workspace_id=None,
            pace=pace,
            spent=RequestCounts(),
        )
        assert rest.get(LIST) == {"a": 12}


def test_errors_are_raised_where_they_are_waited_for() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        within(5, Pace.default().clock, fail)


def test_what_is_shielded_goes_on_although_the_run_stops() -> None:
    """Cancelling takes requests of its own."""

    def slowly() -> str:
        time.sleep(0.4)
        return "done"

    pace = Pace.default()
    pace.stop.set()
    with pytest.raises(Interrupted):
        within(5, pace.clock, lambda: time.sleep(0.4))
    with pace.clock.shielded(5):
        assert within(5, pace.clock, slowly) == "done"
    with pace.clock.shielded(0.2), pytest.raises(Interrupted):
        within(5, pace.clock, lambda: time.sleep(3))
