"""A tiny HTTP server on loopback that answers GET requests by one function."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from msgspec import Struct


class Request(Struct, frozen=True):
    """What was asked: the path with its query as sent, and the headers."""

    path: str
    headers: dict[str, str]


class Answer(Struct, frozen=True):
    """What is answered: `body` is JSON, or text as it is; `cut` ends the connection half-way."""

    body: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False


class Loopback:
    """The server's URL, and the requests so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Request] = []


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[Loopback]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Request(self.path, {k.lower(): v for k, v in self.headers.items()})
            loopback.requests.append(request)
            given = answer(request)
            text = given.body if isinstance(given.body, str) else json.dumps(given.body)
            body = text.encode()
            self.send_response(given.status)
            for name, value in given.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if given.cut else body)
            self.close_connection = given.cut

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        loopback = Loopback(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield loopback
        finally:
            server.shutdown()
            thread.join()
