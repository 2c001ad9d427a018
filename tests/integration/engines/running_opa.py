"""An OPA server that somebody else started: no token, and policies that no bundle owns."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(opa: Path, *arguments: str, scheme: str = "http") -> Iterator[str]:
    """Start a server without authorization and with these arguments; yield its URL."""
    port = free_port()
    url = f"{scheme}://127.0.0.1:{port}"
    command = [
        *(str(opa), "run", "--server", "--skip-version-check", "--log-level", "error"),
        *("--addr", f"127.0.0.1:{port}", "--ignore", "*_test.rego", *arguments),
    ]
    process = subprocess.Popen(command, env={}, stderr=subprocess.PIPE)
    try:
        for _ in range(250):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield url
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
