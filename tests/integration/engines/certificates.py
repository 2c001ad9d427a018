"""A private authority, as a company has one, and a certificate that it signed."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certificates(directory: Path) -> tuple[Path, Path, Path]:
    """Make an authority and one certificate for 127.0.0.1, good for server and client."""
    ca, ca_key, cert, key, request, extensions = (
        directory / name for name in ("ca.pem", "ca.key", "cert.pem", "cert.key", "csr", "ext")
    )
    extensions.write_text("subjectAltName=IP:127.0.0.1\n")
    rsa = ("-newkey", "rsa:2048", "-nodes")
    for command in (
        ("req", "-x509", *rsa, "-keyout", ca_key, "-out", ca, "-days", "1", "-subj", "/CN=ca"),
        ("req", *rsa, "-keyout", key, "-out", request, "-subj", "/CN=opa"),
        (
            *("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial"),
            *("-out", cert, "-days", "1", "-extfile", extensions),
        ),
    ):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    return ca, cert, key
