"""A request has a deadline for all of it, and an answer a length, whatever the server sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from lakewarden.engines.opa import connection
from lakewarden.engines.opa.connection import Connection
from lakewarden.model.errors import AnswerTooLongError, EngineError, EvaluationError

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def sending(*parts: bytes, pause: float) -> Iterator[str]:
    """Serve these bytes to everybody, with a pause after each part, and the last for ever."""

    def serve(client: socket.socket) -> None:
        with suppress(OSError), client:
            client.recv(1 << 16)
            for part in parts:
                client.sendall(part)
                time.sleep(pause)
            while True:
                client.sendall(parts[-1])
                time.sleep(pause)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"],
        [_HEAD + b"Content-Length: 1000\r\n\r\n", b" "],
        [_HEAD + b"Connection: close\r\n\r\n", b" "],
        [_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"],
    ],
    ids=["headers", "body", "body to the end", "chunks"],
)
def test_a_server_that_drips_is_given_up_in_time(
    parts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.7)
    with sending(*parts, pause=0.05) as url:
        begun = time.monotonic()
        with pytest.raises(EngineError, match="did not answer within"):
            Connection(url).decide(b"{}")
        assert time.monotonic() - begun < 3


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with sending(_HEAD + b"\r\n", b" " * (1 << 20), pause=0.0) as url:  # noqa: SIM117 -- else unreadable
        with pytest.raises(AnswerTooLongError, match="at most 16,777,216"):
            Connection(url).decide(b"{}")


def test_an_answer_that_is_nested_without_end_is_an_error_of_the_request() -> None:
    body = b'{"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    head = _HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    with sending(head + body, b"", pause=0.01) as url:  # noqa: SIM117 -- as above
        with pytest.raises(EvaluationError, match="nested too deeply"):
            Connection(url).decide(b"{}")
