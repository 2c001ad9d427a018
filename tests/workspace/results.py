"""The result of a statement: manifest, chunks inline, chunks behind short-lived links.

Shapes from the SDK, service/sql.py: StatementResponse, ResultManifest, ResultData, ExternalLink.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from tests.workspace.estate import Column, Json, Refused, SqlError, Table

MIB: Final = 1024 * 1024

KEY_HEADER: Final = "x-double-decryption-key"
"""A header that a link's request must carry (SDK: `http_headers`, "must be included")."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workspace allows. Sizes in bytes, page sizes in rows, `link_seconds` in the model's.

    25 MiB inline, else FAILED; links live 15 minutes at most and can be disabled for a workspace
    (facts 1.1, SDK). Page sizes are the server's own: 10,000 summaries (SDK), the others are
    nowhere documented (facts 5).
    """

    inline_bytes: int = 25 * MIB
    chunk_bytes: int = 4 * MIB
    link_seconds: float = 900.0
    external_links: bool = True
    catalogs_page: int = 1_000
    schemas_page: int = 1_000
    tables_page: int = 200
    summaries_page: int = 10_000


@dataclass(frozen=True, slots=True)
class Link:
    """Where one chunk can be fetched until the model's time `until`."""

    body: bytes
    key: str
    until: float


@dataclass
class Links:
    """All links that were given out, by the secret part of their path."""

    base: str
    seconds: float
    now: Callable[[], float]
    speed: float
    _links: dict[str, Link] = field(default_factory=dict)

    def give(self, body: bytes) -> Json:
        """Return a new link as `ExternalLink` has it."""
        secret, key = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self._links[secret] = Link(body, key, self.now() + self.seconds)
        expires = datetime.now(UTC) + timedelta(seconds=self.seconds / self.speed)
        return {
            "external_link": f"{self.base}/external/{secret}?X-Signature={key[:4]}",
            "expiration": expires.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "http_headers": {KEY_HEADER: key},
            "byte_count": len(body),
        }

    def fetch(self, secret: str, headers: dict[str, str]) -> bytes:
        """Return a chunk; raises `Refused`.

        Cloud storage refuses a request that carries the signature and an Authorization header
        too (SDK: the header "must be removed"); what an expired link answers is "cloud specific"
        (SDK), here as S3 does.
        """
        link = self._links.get(secret)
        if link is None:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        if "authorization" in headers:
            raise Refused(400, "InvalidArgument", "Only one auth mechanism allowed")
        if headers.get(KEY_HEADER) != link.key:
            raise Refused(400, "InvalidRequest", f"The header {KEY_HEADER} is missing or wrong")
        if self.now() >= link.until:
            raise Refused(403, "AccessDenied", "Request has expired")
        return link.body


class Result:
    """A table cut into chunks, for one disposition."""

    def __init__(
        self, statement_id: str, table: Table, disposition: str, limits: Limits, links: Links
    ) -> None:
        self._id = statement_id
        self._table = table
        self._external = disposition == "EXTERNAL_LINKS"
        self._links = links
        self._starts = [0]
        self.byte_count = 0
        if len(table.rows) > 1:
            self._cut(limits.chunk_bytes)
        if not self._external and self.byte_count > limits.inline_bytes:
            raise too_large(limits.inline_bytes)

    def manifest(self) -> Json:
        """Return `ResultManifest`; `total_byte_count` is not there for INLINE (facts 1.1)."""
        chunks = [self._extent(i) for i in range(len(self._starts))] if self._table.rows else []
        manifest: Json = {
            "format": "JSON_ARRAY",
            "schema": {
                "column_count": len(self._table.columns),
                "columns": _schema(self._table.columns),
            },
            "total_chunk_count": len(chunks),
            "chunks": chunks,
            "total_row_count": len(self._table.rows),
            "truncated": False,
        }
        if self._external:
            manifest["total_byte_count"] = self.byte_count
        return manifest

    def chunk(self, index: int) -> Json:
        """Return `ResultData` of one chunk; raises `Refused` where there is none."""
        if not 0 <= index < len(self._starts):
            raise Refused(400, "INVALID_PARAMETER_VALUE", f"There is no chunk {index}.")
        extent = self._extent(index)
        start, stop = extent["row_offset"], extent["row_offset"] + extent["row_count"]
        if index + 1 < len(self._starts):
            extent["next_chunk_index"] = index + 1
            extent["next_chunk_internal_link"] = (
                f"/api/2.0/sql/statements/{self._id}/result/chunks/{index + 1}?row_offset={stop}"
            )
        if not self._table.rows:
            return extent  # that an empty result has neither data nor links is unverified
        rows = self._table.rows[start:stop]
        if self._external:
            return {"external_links": [extent | self._links.give(msgspec.json.encode(rows))]}
        return {**extent, "data_array": rows}

    def _extent(self, index: int) -> Json:
        start = self._starts[index]
        last = index + 1 == len(self._starts)
        stop = len(self._table.rows) if last else self._starts[index + 1]
        return {"chunk_index": index, "row_offset": start, "row_count": stop - start}

    def _cut(self, chunk_bytes: int) -> None:
        ends: list[int] = []
        total = 0
        for row in self._table.rows:
            total += sum(4 if value is None else len(value) + 3 for value in row) + 2
            ends.append(total)
        self.byte_count = total
        start = 0
        while True:
            floor = ends[start - 1] if start else 0
            start = max(start + 1, bisect_right(ends, floor + chunk_bytes))
            if start >= len(ends):
                return
            self._starts.append(start)


def too_large(limit: int) -> SqlError:
    """Return what becomes of an inline result over the limit (facts 1.1: seen in the wild)."""
    return SqlError(
        "54000",
        "",
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a"
        f" result size of at most {limit} bytes.",
    )


def _schema(columns: tuple[Column, ...]) -> list[Json]:
    return [
        {
            "name": column.name,
            "type_text": column.type_text,
            "type_name": column.type_name,
            "position": position,
        }
        for position, column in enumerate(columns)
    ]
