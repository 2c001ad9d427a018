"""Policies about waivers count days: what a date means is settled before they see it."""

from __future__ import annotations

import msgspec

from lakewarden.model.decision import Severity
from lakewarden.model.waiver import WaiverKind
from lakewarden.settings.waiver_document import document_of
from lakewarden.settings.waivers import Waiver

_WAIVER = Waiver(
    policy="colour.shade",
    pattern="main.*",
    reason="r",
    owner="o",
    approved_by="b",
    expires="2026-12-31",
)


def test_what_a_waiver_does_not_say_is_absent() -> None:
    assert msgspec.to_builtins(document_of(_WAIVER, Severity.HIGH)) == {
        "name": "The waiver of colour.shade for main.*",
        "policy": "colour.shade",
        "severity": "high",
        "kind": "accepted",
        "pattern": "main.*",
        "reason": "r",
        "owner": "o",
        "approved_by": "b",
        "expires": "2026-12-31",
        "ends_at": "2027-01-01T00:00:00Z",
    }


def test_a_start_and_a_time_are_moments() -> None:
    changes = {"starts": "2026-11-01", "expires": "2026-12-31T12:00:00Z", "ticket": "G-1"}
    waiver = msgspec.structs.replace(_WAIVER, kind=WaiverKind.MITIGATED, **changes)
    document = document_of(waiver, Severity.LOW)
    assert document.begins_at == "2026-11-01T00:00:00Z"
    assert document.ends_at == "2026-12-31T12:00:00Z"
    assert (document.kind, document.ticket) == (WaiverKind.MITIGATED, "G-1")
