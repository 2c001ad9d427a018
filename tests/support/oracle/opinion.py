"""A second opinion on every decision of every shipped policy, in plain Python.

Written from the text of the product's definition, never from the Rego, and in another shape: the
policies prove sets and a router orders them, this computes the outcome of each policy by hand.
Where the two disagree, one of them has misread the text.

Documents, settings and waivers are the plain JSON values that the router gets.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.support.oracle.clustering import CLUSTERING
from tests.support.oracle.documentation import DOCUMENTATION
from tests.support.oracle.expected import Case, Expected, Json
from tests.support.oracle.texts import time
from tests.support.oracle.waivers import waived

_DECIDE: Final = {
    f"{domain}.{name}": decide
    for domain, policies in (("clustering", CLUSTERING), ("documentation", DOCUMENTATION))
    for name, decide in policies.items()
}

POLICIES: Final = tuple(sorted(_DECIDE))
"""The ids of all policies that the oracle knows."""

_ANY: Final = frozenset({"pass", "fail", "exempt", "not_applicable", "unknown"})

OUTCOMES: Final = dict.fromkeys(POLICIES, _ANY) | {
    # About every table, whatever it is.
    "documentation.table_commented": _ANY - {"not_applicable"},
    "documentation.owner_is_group": _ANY - {"not_applicable"},
}
"""The outcomes that each policy can have, `exempt` by a waiver at least."""


def _alternatives(*kinds: str) -> frozenset[frozenset[str]]:
    """Return the sets of kinds that a policy can need: none, and each of these, split at blanks."""
    return frozenset({frozenset(), *(frozenset(kind.split()) for kind in kinds)})


_ANY_OF: Final = ("table_type", "data_source_format", "properties")
"""What any policy about clustering can need, each alone."""

LACKING: Final = {
    policy: _alternatives(*_ANY_OF) for policy in POLICIES if policy.startswith("clustering.")
} | {
    "clustering.exclusion_justified": _alternatives(*_ANY_OF, "size", "tags", "size tags"),
    "clustering.frequently_read": _alternatives(
        *_ANY_OF, "access", "size", "access properties", "properties size"
    ),
    "clustering.keys_exist": _alternatives(*_ANY_OF, "columns"),
    "clustering.auto_possible": _alternatives(
        *_ANY_OF, "predictive_optimization", "predictive_optimization properties"
    ),
    "clustering.keys_have_statistics": _alternatives(
        *_ANY_OF,
        "columns",
        "columns properties",
        "predictive_optimization",
        "columns predictive_optimization",
    ),
    "clustering.partitioned_table": _alternatives(
        *_ANY_OF, "columns", "columns properties", "size"
    ),
    "clustering.strategy_required": _alternatives(*_ANY_OF, "size"),
    "documentation.columns_commented": _alternatives("columns"),
    "documentation.owner_is_group": _alternatives("owner"),
    "documentation.table_commented": _alternatives("comment"),
}
"""The parts of a document that each policy can name together as missing."""


def expect(policy: str, document: Json, settings: Json, waivers: list[Json], now: str) -> Expected:
    """Return what `policy` (`<domain>.<name>`) must decide about `document`.

    `settings` are the complete ones of all domains, by domain; `now` is RFC 3339.
    """
    excused = waived(document["full_name"], waivers, time(now))
    case = Case(document, settings[policy.partition(".")[0]], time(now), excused)
    decided = _DECIDE[policy](case)
    if policy in excused and decided.outcome in ("fail", "unknown"):
        return replace(
            decided,
            outcome="exempt",
            would_be=decided.outcome,
            exemptions=frozenset({"waiver"}),
        )
    return decided
