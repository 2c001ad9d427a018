"""Waivers: some active, some expired or not started, some about nothing here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

Json = dict[str, Any]

NOW: Final = "2026-11-23T05:10:00Z"
"""The clock of every request that is drawn."""

_EXPIRES: Final = [
    "2026-11-22",
    "2026-11-23",
    "2027-01-31",
    "2026-11-23T05:09:59Z",
    NOW,
    "2026-11-23T05:10:01Z",
    "2026-11-23T07:00:00+01:00",
]
_STARTS: Final = [
    "2026-11-22",
    "2026-11-23",
    "2026-11-24",
    "2026-11-23T05:09:59Z",
    NOW,
    "2026-11-23T05:10:01Z",
    "2026-11-23T06:10:00+01:00",
]
_PATTERNS: Final = [
    *("*", "prod.*", "*.sales.*", "dev.sales.t?", "prod.sales", "PROD.*", "*_data.t1*"),
]


def waiver(rng: random.Random, names: list[str], policies: Sequence[str]) -> Json:
    """Return a waiver for one of the policies, about one of the named tables or a pattern."""
    found: Json = {
        "policy": rng.choice([*policies, "clustering.no_such_policy"]),
        "reason": "moved next quarter",
        "owner": "data@example.com",
        "approved_by": "governance@example.com",
        "expires": rng.choice(_EXPIRES),
    }
    if rng.randrange(2):
        found["ticket"] = "GOV-7"
    if rng.randrange(2):
        found["starts"] = rng.choice(_STARTS)
    if rng.randrange(2):
        found["kind"] = rng.choice(["mitigated", "false_positive"])
    if rng.randrange(2):
        found["table"] = rng.choice([*names, "prod.none.such"])
    else:
        found["pattern"] = rng.choice(_PATTERNS)
    return found
