"""What identifies a run, and which runs can be compared with each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from lakewarden.model.report import Completeness, Digests, Run, Summary

_LENGTH: Final = 32
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class About(Struct, frozen=True, kw_only=True):
    """What has to be the same in two runs that are compared: the tables, and what decides.

    `source` and `scope` are those of the collection: of an inventory, what its first line says,
    since the file has another name each night. Waivers and the tool's version aren't among it.
    """

    source: str
    scope: str
    narrowed: tuple[str, ...]
    digests: Digests

    @property
    def estate_id(self) -> str:
        """Digest of what the run is about."""
        return _digest(self.source, self.scope, self.narrowed)

    @property
    def rules_id(self) -> str:
        """Digest of what decides."""
        return _digest(self.digests.policies, self.digests.settings)


def run_id(about: About, run: Run, completeness: Completeness, summary: Summary) -> str:
    """Return the digest of what a run's decisions are a function of, and how they came out.

    A replay has the same: when it started and finished doesn't count. The counts are there because
    a lost engine or table can make another report of the same inputs.
    """
    counts = (
        completeness.complete,
        completeness.tables_evaluated,
        completeness.tables_failed,
        summary.total.outcomes,
    )
    return _digest(about.estate_id, run.digests, run.clock, counts)


def differences(past: About, now: About) -> Iterator[str]:
    """Yield why a past run can't be compared with this one, a sentence each; nothing if it can."""
    if (past.source, past.scope) != (now.source, now.scope):
        yield f"It read its tables from {past.source} ({past.scope})."
    if past.narrowed != now.narrowed:
        limits = " ".join(past.narrowed)
        yield f"It was limited by {limits}." if limits else "It wasn't limited."
    if past.digests.policies != now.digests.policies:
        yield "Its policies differ."
    if past.digests.settings != now.digests.settings:
        yield "Its settings differ."


def notes(past: Run, now: Run) -> Iterator[str]:
    """Yield what else a past run doesn't have in common with this one."""
    if past.digests.waivers != now.digests.waivers:
        yield "Its waivers differ."
    if past.tool_version != now.tool_version:
        yield f"Lakewarden {past.tool_version} ran it."


def _digest(*parts: object) -> str:
    return hashlib.sha256(_encode(parts)).hexdigest()[:_LENGTH]
