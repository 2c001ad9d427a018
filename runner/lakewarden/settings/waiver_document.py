"""A waiver as policies about waivers see it: what the file says, and what follows from that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from lakewarden.model.decision import Severity
from lakewarden.model.waiver import WaiverKind
from lakewarden.settings.waivers import Waiver, end_of, start_of


class WaiverDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One waiver; what it doesn't say is absent."""

    name: str
    """What a message calls it: `The waiver of <policy> for <table or pattern>`."""
    policy: str
    """The policy that it exempts from."""
    severity: Severity
    """That policy's, by the settings, overrides for some tables aside."""
    kind: WaiverKind
    reason: str
    owner: str
    approved_by: str
    expires: str
    """As the file has it: a day or a time."""
    ends_at: str
    """The first moment at which it is over, RFC 3339 in UTC."""
    starts: str | UnsetType = UNSET
    begins_at: str | UnsetType = UNSET
    """The first moment at which it holds, RFC 3339 in UTC; absent where it has no start."""
    table: str | UnsetType = UNSET
    pattern: str | UnsetType = UNSET
    ticket: str | UnsetType = UNSET


def document_of(waiver: Waiver, severity: Severity) -> WaiverDocument:
    """Return a waiver's document; `severity` is that of its policy."""
    starts = waiver.starts
    return WaiverDocument(
        name=f"The waiver of {waiver.policy} for {waiver.table or waiver.pattern}",
        policy=waiver.policy,
        severity=severity,
        kind=waiver.kind,
        reason=waiver.reason,
        owner=waiver.owner,
        approved_by=waiver.approved_by,
        expires=waiver.expires,
        ends_at=_text(end_of(waiver.expires)),
        starts=starts,
        begins_at=_text(start_of(starts)) if isinstance(starts, str) else UNSET,
        table=waiver.table,
        pattern=waiver.pattern,
        ticket=waiver.ticket,
    )


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `WaiverDocument`."""
    return msgspec.json.schema(WaiverDocument)


def _text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
