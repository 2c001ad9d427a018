"""Inventories: all documents of one collection, with its failures and counts, as NDJSON.

A line is a bare table document or one of `{"inventory": …}` (first), `{"failure": …}`,
`{"end": …}` (last). A plain NDJSON file or a JSON array of documents is read too.
"""

from __future__ import annotations

from msgspec import Struct


class Header(Struct, frozen=True, kw_only=True):
    """The first line: what was collected, when and with what."""

    schema_version: int
    source: str
    scope: str
    started_at: str
    tool_version: str


class Failure(Struct, frozen=True, kw_only=True):
    """Something that could not be read: what it is, where, why, and what to do about it."""

    what: str
    where: str
    reason: str
    remedy: str


class End(Struct, frozen=True, kw_only=True):
    """The last line: how many documents and failures precede it."""

    documents: int
    failures: int
