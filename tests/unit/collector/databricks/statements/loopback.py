"""A workspace of one warehouse on loopback, whose every answer a test writes down beforehand."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from lakewarden_collector.sources.databricks.concurrency.pace import Pace

Row = Sequence[str | None]


@dataclass
class Script:
    """How one statement goes: its states from request to request (the last one stays), its answer.

    `chunks` are the parts of the answer; `links` gives them as external links, None leaves that to
    the caller.
    """

    states: Sequence[str] = ("SUCCEEDED",)
    columns: Sequence[str] = ("n",)
    chunks: Sequence[Sequence[Row]] = ((["1"],),)
    links: bool | None = False
    truncated: bool = False
    total: int | None = None
    code: str = "BAD_REQUEST"
    message: str = ""
    sql_state: str | None = None
    cancellable: bool = True


@dataclass
class Fault:
    """What happens to the next request whose `METHOD path` the pattern matches, instead.

    `status` 0 resets the connection; `after` lets the request be handled first.
    """

    pattern: str
    status: int
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


@dataclass
class SentRequest:
    """A request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Loopback:
    """The server's memory: what it is to answer, and what it was asked."""

    def __init__(self) -> None:
        self.scripts: deque[Script] = deque()
        self.faults: list[Fault] = []
        self.asked: list[SentRequest] = []
        self.sent: dict[str, Script] = {}
        self.stale_links = 0
        self.link = ""
        """Where links lead instead."""
        self.on_post: Callable[[], None] = lambda: None
        self.url = ""
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()

    def of(self, pattern: str) -> list[SentRequest]:
        """Return the requests whose `METHOD path` the pattern matches."""
        return [each for each in self.asked if re.search(pattern, f"{each.method} {each.path}")]

    def state(self, known: str, *, advance: bool = False) -> str:
        """Return a statement's state now, or the next one."""
        with self._lock:
            states, seen = self.sent[known].states, self._seen.get(known, 0)
            if advance:
                self._seen[known] = seen + 1
            return states[min(seen, len(states) - 1)]

    def running(self) -> list[str]:
        """Return the statements that have not ended."""
        return [known for known in self.sent if self.state(known) in ("PENDING", "RUNNING")]

    def fault(self, asked: SentRequest, *, after: bool) -> Fault | None:
        """Return and use up the first fault that is meant for a request."""
        with self._lock:
            for fault in self.faults:
                line = f"{asked.method} {asked.path}"
                if fault.after == after and re.search(fault.pattern, line):
                    self.faults.remove(fault)
                    return fault
        return None

    def answer(self, asked: SentRequest) -> tuple[int, Any]:
        """Answer a request as the API does."""
        parts = asked.path.strip("/").split("/")
        if parts[0] == "storage":
            return self._storage(asked, parts[1], int(parts[2]), int(parts[3]))
        if parts[:4] != ["api", "2.0", "sql", "statements"]:
            return 404, {"error_code": "NOT_FOUND", "message": "no such path"}
        if len(parts) == 4:
            known = self._begun()
            script = self.sent[known]
            # As the API does: an answer comes as it was asked for.
            if script.links is None:
                script.links = asked.body.get("disposition") == "EXTERNAL_LINKS"
            return 200, self._response(known)
        if parts[4] not in self.sent:
            return 404, {"error_code": "NOT_FOUND", "message": f"no statement {parts[4]}"}
        if parts[5:7] == ["result", "chunks"] and int(parts[7]) >= len(self.sent[parts[4]].chunks):
            return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no such chunk"}
        return 200, self._about(parts[4], parts[5:])

    def _begun(self) -> str:
        self.on_post()
        with self._lock:
            known = f"s{len(self.sent)}"
            self.sent[known] = self.scripts.popleft() if self.scripts else Script()
        return known

    def _about(self, known: str, rest: list[str]) -> dict[str, Any]:
        match rest:
            case ["cancel"]:
                if self.sent[known].cancellable and known in self.running():
                    self.sent[known].states = ("CANCELED",)
                return {}
            case ["result", "chunks", index]:
                return self._chunk(known, int(index))
            case _:
                return self._response(known)

    def _response(self, known: str) -> dict[str, Any]:
        script, state = self.sent[known], self.state(known, advance=True)
        status: dict[str, Any] = {"state": state}
        response: dict[str, Any] = {"statement_id": known, "status": status}
        if state == "FAILED":
            status["error"] = {"error_code": script.code, "message": script.message}
            status["sql_state"] = script.sql_state
        if state == "SUCCEEDED":
            rows = sum(len(chunk) for chunk in script.chunks)
            columns = [{"name": n, "position": i} for i, n in enumerate(script.columns)]
            response["manifest"] = {
                # Not in their order: the position says it.
                "schema": {"column_count": len(columns), "columns": columns[::-1]},
                "total_row_count": rows if script.total is None else script.total,
                "truncated": script.truncated,
            }
            response["result"] = self._chunk(known, 0)
        return response

    def _chunk(self, known: str, index: int) -> dict[str, Any]:
        script = self.sent[known]
        more = {"next_chunk_index": index + 1} if index + 1 < len(script.chunks) else {}
        if not script.links:
            rows = script.chunks[index] if script.chunks else []
            return {"chunk_index": index, "data_array": [list(row) for row in rows], **more}
        with self._lock:
            stale = self.stale_links > 0
            self.stale_links -= stale
        link = self.link or f"{self.url}/storage/{known}/{index}/{int(stale)}"
        headers = {"X-Key": f"key-{index}"}
        return {
            "external_links": [
                {"chunk_index": index, "external_link": link, "http_headers": headers, **more}
            ]
        }

    def _storage(self, asked: SentRequest, known: str, index: int, stale: int) -> tuple[int, Any]:
        if "Authorization" in asked.headers:
            return 400, {"message": "no Authorization here"}
        if stale or asked.headers.get("X-Key") != f"key-{index}":
            return 403, {"message": "expired"}
        return 200, [list(row) for row in self.sent[known].chunks[index]]


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Serve on a free port of loopback for the block."""
    memory = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            asked = SentRequest(self.command, self.path, dict(self.headers), body)
            memory.asked.append(asked)
            fault = memory.fault(asked, after=False)
            if fault is None:
                status, answer = memory.answer(asked)
                fault = memory.fault(asked, after=True)
                if fault is None:
                    self._write(status, answer, {})
                    return
            if fault.status:
                self._write(fault.status, fault.body, fault.headers)
                return
            # A linger of 0 seconds makes closing a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def _write(self, status: int, answer: object, headers: dict[str, str]) -> None:
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _handle  # noqa: N815 -- the names that http.server asks for

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing about connections that a fault has closed."""

    server = Server(("127.0.0.1", 0), Handler)
    memory.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield memory
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client_of(memory: Loopback, pace: Pace) -> WorkspaceClient:
    """Return the SDK's real client of the server."""
    config = Config(host=memory.url, token="t", clock=pace.clock, http_timeout_seconds=5)  # noqa: S106 -- of no use elsewhere
    return WorkspaceClient(config=config)
