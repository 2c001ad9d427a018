"""A local web server that plays the host of OPA's releases."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Host:
    """`files` maps a URL path to its content; what is not there is a 404.

    A path in `truncated` announces its whole length and breaks off in the middle; one in `silent`
    is accepted and never answered; `redirects` sends to another URL. `asked` lists the paths that
    were requested.
    """

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes] = {}
        self.truncated: set[str] = set()
        self.silent: set[str] = set()
        self.redirects: dict[str, str] = {}
        self.asked: list[str] = []
        self.over = threading.Event()

    def publish(self, version: str, asset: str, content: bytes, checksum: str | None = None) -> str:
        """Add a release with its checksum file (a right one, unless given); return its path."""
        path = f"/v{version}/{asset}"
        self.files[path] = content
        digest = checksum or hashlib.sha256(content).hexdigest()
        self.files[f"{path}.sha256"] = f"{digest}  {asset}\n".encode()
        return path


@contextmanager
def playing(certificate: tuple[Path, Path] | None = None) -> Iterator[Host]:
    """Serve on loopback until the block ends; by https with a certificate and its key."""
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            content = host.files.get(self.path)
            if self.path in host.silent:
                host.over.wait(30)
            elif self.path in host.redirects:
                self.send_response(302)
                self.send_header("Location", host.redirects[self.path])
                self.end_headers()
            elif content is None:
                self.send_error(404)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                half = self.path in host.truncated
                self.wfile.write(content[: len(content) // 2] if half else content)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 -- http.server's signature
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    host.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        host.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
