"""Complete settings of each domain: the defaults, with some of them changed."""

from __future__ import annotations

import random
from typing import Any, Final

Json = dict[str, Any]

DEFAULTS: Final[dict[str, Json]] = {
    "clustering": {
        "size_threshold_bytes": 1073741824,
        "test_size_threshold_bytes": 1048576,
        "test_schemas": ["pytest_test_data"],
        "exempt_small_tables": True,
        "honor_exclusion_flag": True,
        "exclusion_property": "cluster_exclusion",
        "max_clustering_columns": 4,
        "accept_auto_optimize": True,
        "require_both_auto_optimize_flags": True,
        "inexact_size_guard": [0.5, 2.0],
        "max_size_age_days": 7,
        "planned_tables_count_as": "large",
        "partition_min_bytes": 1099511627776,
        "require_liquid_for_frequent_reads": False,
        "frequent_reads": 1000,
        "frequent_min_bytes": 1073741824,
        "exclusion_review_bytes": 107374182400,
        "exclusion_approval_tag": "",
        "allowed_key_patterns": [],
        "forbidden_key_patterns": [],
        "required_leading_keys": [],
    },
    "documentation": {
        "min_table_comment_length": 20,
        "comment_placeholders": [
            *("todo", "tbd", "fixme", "test", "n/a", "none", "placeholder", "description")
        ],
        "min_commented_column_share": 0.8,
        "critical_columns": [],
        "group_owner_patterns": [],
    },
}

_OTHERS: Final[dict[str, dict[str, list[Any]]]] = {
    "clustering": {
        "size_threshold_bytes": [0, 1, 1000, 268435456, 5 * 2**40],
        "test_size_threshold_bytes": [0, 4096],
        "test_schemas": [[], ["PYTEST_*"], ["none", "s?les"], ["*"], ["pytest.test.data"]],
        "exempt_small_tables": [False],
        "honor_exclusion_flag": [False],
        "exclusion_property": ["no.cluster", "clusterByAuto"],
        "max_clustering_columns": [1, 2, 6],
        "accept_auto_optimize": [False],
        "require_both_auto_optimize_flags": [False],
        "inexact_size_guard": [[1, 1], [0, 4], [0.25, 1.5], [0.75, 1.25]],
        "max_size_age_days": [0, 1, 0.5, 30],
        "planned_tables_count_as": ["small", "unknown"],
        "partition_min_bytes": [0, 1000, 5 * 2**40],
        "require_liquid_for_frequent_reads": [True],
        "frequent_reads": [1, 10],
        "frequent_min_bytes": [0, 1000, 2**40],
        "exclusion_review_bytes": [0, 1000, 2**30],
        "exclusion_approval_tag": ["reviewed", "Cluster Exclusion"],
        "allowed_key_patterns": [["*"], ["ID", "*.city"], ["gr*e", "name", "ts", "i?"], ["?"]],
        "forbidden_key_patterns": [["i?", "*_raw"], ["ADDRESS.*"], ["*time", "a.b"], ["id", "I*"]],
        "required_leading_keys": [
            [{"tables": "prod.*", "key": "ID"}],
            [
                {"tables": "*", "key": "id"},
                {"tables": "*.sales.*", "key": "Address.City"},
                {"tables": "prod.sales.t?", "key": "ts"},
                {"tables": "dev.*", "key": "ID"},
            ],
            [{"tables": "PROD.*", "key": "id"}, {"tables": "prod.sales", "key": "id"}],
        ],
    },
    "documentation": {
        "min_table_comment_length": [1, 5, 40],
        "comment_placeholders": [[], ["später", "TBD"], ["to do", "N/A", "x1"]],
        "min_commented_column_share": [0, 1, 0.1, 0.3, 0.35, 0.5, 0.6, 0.7, 0.25],
        "critical_columns": [["id"], ["*E", "gr*e"], ["ID*", "ADDRESS", "ts"], ["*"]],
        "group_owner_patterns": [["grp-*", "*@groups.example.com"], ["*"], ["DATA?TEAM"]],
    },
}

_OFTEN: Final = {
    *("require_liquid_for_frequent_reads", "exclusion_approval_tag", "allowed_key_patterns"),
    *("forbidden_key_patterns", "required_leading_keys"),
}
"""Settings whose default leaves a policy little to say."""


def settings(rng: random.Random) -> dict[str, Json]:
    """Return complete settings of every domain."""
    if rng.randrange(4) == 0:
        return {domain: dict(defaults) for domain, defaults in DEFAULTS.items()}
    return {
        domain: {name: _value(rng, domain, name) for name in defaults}
        for domain, defaults in DEFAULTS.items()
    }


def _value(rng: random.Random, domain: str, name: str) -> Any:  # noqa: ANN401 -- any setting's
    if rng.randrange(2 if name in _OFTEN else 5):
        return DEFAULTS[domain][name]
    return rng.choice(_OTHERS[domain][name])


def variants(rng: random.Random, usual: dict[str, Json]) -> list[dict[str, Json]]:
    """Return settings for some tables only, of some or all domains."""
    found = []
    for _ in range(rng.randrange(1, 4)):
        changed = settings(rng)
        domains = [domain for domain in usual if rng.randrange(3)] or list(usual)
        found.append({domain: changed[domain] for domain in domains})
    return found
