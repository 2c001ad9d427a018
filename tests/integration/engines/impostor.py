"""A stranger's server in OPA's place: it answers everything, passes everything, notes the tokens.

`python impostor.py SEEN UID FOLLOW COMMAND_LINE` waits for the command line of an OPA that is about
to start, listens where that says as user UID, replaces what is there where FOLLOW is `replace`, and
writes each Authorization header that it receives to SEEN. On standard error it
says `ready`, or why it cannot listen.
"""

from __future__ import annotations

import os
import re
import socket
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

TIMEOUT_SECONDS = 20.0


class Handler(BaseHTTPRequestHandler):
    """Says yes to whatever it is asked."""

    seen: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b'{"result": [], "provenance": {"version": "6.6.6"}}')

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(b'{"result": [{"name": "t0", "proof": "impostor"}]}')

    def _answer(self, body: bytes) -> None:
        with self.seen.open("a") as out:
            out.write(f"{self.headers.get('Authorization')}\n")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "local"

    def log_message(self, *_: object) -> None:
        pass


def listen(address: str, directory: str) -> socketserver.BaseServer:
    """Listen at OPA's `--addr`, which may be a port, or a socket below its working directory."""
    if found := re.fullmatch(r"127\.0\.0\.1:(\d+)", address):
        return socketserver.ThreadingTCPServer(("127.0.0.1", int(found[1])), Handler)
    path = os.path.join(directory, address.removeprefix("unix://"))  # noqa: PTH118 -- may be absolute
    while sys.argv[3] == "replace" and not os.path.exists(path):  # noqa: PTH110 -- as above
        time.sleep(0.001)
    if os.path.lexists(path):
        os.unlink(path)  # noqa: PTH108 -- as above
    server = socketserver.ThreadingUnixStreamServer(path, Handler)
    os.chmod(path, 0o777)  # noqa: PTH101, S103 -- as above; all are to be deceived
    return server


def main() -> None:
    Handler.seen = Path(sys.argv[1])
    os.setuid(int(sys.argv[2]))
    command = Path(sys.argv[4])
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not command.exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    directory, address = command.read_text().splitlines()
    socket.setdefaulttimeout(TIMEOUT_SECONDS)
    try:
        server = listen(address, directory)
    except OSError as error:
        sys.exit(f"cannot listen: {error}")
    sys.stderr.write("ready\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
