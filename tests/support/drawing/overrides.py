"""Settings files with overrides, and names, as they are drawn for what resolves overrides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.policy import Policy
from tests.support.oracle.overrides import Key

Json = dict[str, Any]

SCHEMA: Final[Json] = {
    "properties": {
        "limit": {"type": "integer", "default": 4},
        "names": {"type": "array", "items": {"type": "string"}, "default": ["red"]},
        "map": {"type": "object", "default": {"a": 1}},
        "on": {"type": "boolean", "default": False},
    }
}
TODAY: Final = "2027-01-31"
"""A day that policies may be mandatory from; others lie before and after."""
READS: Final[dict[str, frozenset[str] | None]] = {
    "shade": frozenset({"limit"}),
    "hue": None,
    "tint": frozenset({"names", "on"}),
}
USUAL: Final[dict[Key, Any]] = {
    **{("setting", name): each["default"] for name, each in SCHEMA["properties"].items()},
    **{("enforcement", name): "mandatory" for name in READS},
    **{("severity", name): "low" for name in READS},
}
POLICIES: Final = tuple(
    Policy(
        policy_id=f"colour.{name}",
        title="",
        description="",
        severity=Severity.LOW,
        enforcement=Enforcement.MANDATORY,
        remediation="",
        settings=None if reads is None else tuple(sorted(reads)),
    )
    for name, reads in READS.items()
)

_part = st.sampled_from(["a", "b", "ab", "A", "a.b", "größe", "x y", "$1+", "\n"])
NAMES = st.tuples(_part, _part, _part).map(".".join)
_patterns = st.one_of(
    NAMES,
    st.sampled_from(["*", "a.*", "*.b.*", "?.?.?", "A.*", "*b", "a.b", "*.gr??e", "$1+.*", "**"]),
    st.tuples(_part, st.sampled_from(["*", "?", "a"]), _part).map(".".join),
)


def values(enforcements: Sequence[str]) -> st.SearchStrategy[Json]:
    """Return what a settings file, or one override in it, may say."""
    return st.fixed_dictionaries(
        {},
        optional={
            "limit": st.sampled_from([3, 4, 5]),
            "names": st.sampled_from([[], ["red"], ["blue"]]),
            "map": st.sampled_from([{}, {"a": 1}, {"b": 2}]),
            "on": st.booleans(),
            "enforcement": st.dictionaries(
                st.sampled_from(sorted(READS)), st.sampled_from(enforcements), min_size=1
            ),
            "severity": st.dictionaries(
                st.sampled_from(sorted(READS)), st.sampled_from(["low", "high"]), min_size=1
            ),
            "effective_on": st.dictionaries(
                st.sampled_from(sorted(READS)),
                st.sampled_from(["2026-01-01", TODAY, "2027-02-01", "2031-01-01"]),
                min_size=1,
            ),
        },
    )


def files(enforcements: Sequence[str]) -> st.SearchStrategy[Json]:
    """Return settings files of the domain `colour`, with up to eight overrides."""
    tables = st.one_of(_patterns, st.lists(_patterns, min_size=1, max_size=3))
    override = st.tuples(values(enforcements).filter(bool), tables).map(
        lambda drawn: drawn[0] | {"tables": drawn[1]}
    )
    # Of two that are the same, nothing tells which one a decision names.
    overrides = st.lists(override, max_size=8, unique_by=json.dumps)
    return st.tuples(values(enforcements), overrides).map(
        lambda drawn: drawn[0] | {"overrides": drawn[1]}
    )
