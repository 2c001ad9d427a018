"""What identifies a run, and which runs can be compared with each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from lakewarden.model.report import Completeness, Run, Summary

_LENGTH: Final = 32
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def run_id(run: Run, completeness: Completeness, summary: Summary) -> str:
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
    return _digest(_estate(run), run.digests, run.clock, counts)


def estate_id(source: str, scope: str, narrowed: Sequence[str]) -> str:
    """Return the digest of what a run is about: its source, its scope and its narrowing."""
    return _digest(source, scope, list(narrowed))


def rules_id(policies_digest: str, settings_digest: str) -> str:
    """Return the digest of what decides in a run. Waivers and the tool's version aren't in it."""
    return _digest(policies_digest, settings_digest)


def differences(past: Run, now: Run) -> Iterator[str]:
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


def _estate(run: Run) -> str:
    return estate_id(run.source, run.scope, run.narrowed)


def _digest(*parts: object) -> str:
    return hashlib.sha256(_encode(parts)).hexdigest()[:_LENGTH]
