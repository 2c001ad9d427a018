"""A stand-in for S3 that serves a folder: GET with ranges, HEAD, ListObjectsV2 in small pages, PUT.

It follows the Amazon S3 API reference (ListObjectsV2, GetObject, HeadObject, PutObject with
If-None-Match) as far as readers and writers of Delta use it, and checks no signature.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import get_ident
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

from tests.support.loopback import served

BUCKET: Final = "lake"
_PAGE: Final = 3
"""Few entries to a page, so that readers must ask for the next one."""


def let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what readers take from the environment, save for the endpoint."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ):
        monkeypatch.setenv(name, value)


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """Serve the files below `root` as bucket `lake`; give the endpoint's URL."""

    class Handler(_Handler):
        folder = root

    with served(Handler) as url:
        yield url


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def do_HEAD(self) -> None:
        self._object(with_body=False)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if unquote(url.path).strip("/") == BUCKET:
            self._list({key: values[0] for key, values in parse_qs(url.query).items()})
        else:
            self._object(with_body=True)

    def do_PUT(self) -> None:
        """Store an object; with `If-None-Match: *` only where there is none, as S3 does."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.folder / unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f".{path.name}.{get_ident()}")
        written.write_bytes(content)
        try:
            if self.headers.get("If-None-Match") == "*":
                os.link(written, path)
            else:
                written.rename(path)
        except FileExistsError:
            self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>", {}, with_body=True)
        else:
            self._answer(200, b"", {"ETag": f'"{len(content)}"'}, with_body=True)
        finally:
            written.unlink(missing_ok=True)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _object(self, *, with_body: bool) -> None:
        key = unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")
        path = self.folder / key
        if not path.is_file():
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {}, with_body=with_body)
            return
        content = path.read_bytes()
        headers = {
            "Last-Modified": formatdate(path.stat().st_mtime, usegmt=True),
            "ETag": f'"{len(content)}"',
        }
        wanted = self.headers.get("Range")
        if wanted is None:
            self._answer(200, content, headers, with_body=with_body)
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else len(content) - int(last)
        end = min(int(last) + 1, len(content)) if first and last else len(content)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        self._answer(206, content[start:end], headers, with_body=with_body)

    def _list(self, query: dict[str, str]) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        after = query.get("continuation-token") or query.get("start-after", "")
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        entries: dict[str, str] = {}
        for path in files:
            key = path.relative_to(self.folder).as_posix()
            if not key.startswith(prefix):
                continue
            head, found, _ = key.removeprefix(prefix).partition(delimiter or "\0")
            entry = prefix + head + found if found else key
            if entry > after:
                entries[entry] = _common(entry) if found else _contents(key, path)
        page = sorted(entries)[:_PAGE]
        more = len(page) < len(entries)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        body = "".join(entries[entry] for entry in page)
        self._answer(
            200,
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{body}"
            "</ListBucketResult>".encode(),
            {"Content-Type": "application/xml"},
            with_body=True,
        )

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str], *, with_body: bool
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _common(prefix: str) -> str:
    return f"<CommonPrefixes><Prefix>{escape(prefix)}</Prefix></CommonPrefixes>"


def _contents(key: str, path: Path) -> str:
    size = path.stat().st_size
    return (
        f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-23T05:10:00.000Z</LastModified>"
        f'<ETag>"{size}"</ETag><Size>{size}</Size></Contents>'
    )
