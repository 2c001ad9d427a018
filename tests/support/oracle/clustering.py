"""The clustering domain: each policy about tables that can be clustered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.support.oracle.expected import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    Case,
    Expected,
    fails,
    unknown,
)
from tests.support.oracle.file_statistics import keys_have_statistics
from tests.support.oracle.key_standard import keys_follow_standard
from tests.support.oracle.strategies import (
    DELTA,
    auto_flags,
    auto_optimized,
    automatic,
    automatic_lacking,
    below,
    clusterable,
    declared,
    declared_lacking,
    excluded,
    exclusion_lacking,
    flags_lacking,
    format_of,
    keys_lacking,
    keys_of,
    liquid,
    liquid_lacking,
    optimized,
    small,
    strategy_lacking,
)

_Decide = Callable[[Case], Expected]


def _strategy_required(case: Case) -> Expected:
    if liquid(case) or auto_optimized(case):
        return PASS
    lacking = strategy_lacking(case)
    if case.settings["honor_exclusion_flag"]:
        lacking |= exclusion_lacking(case)
    if lacking:
        return unknown(lacking)
    exemptions = set()
    if case.settings["honor_exclusion_flag"] and excluded(case):
        exemptions.add("flag")
    if case.settings["exempt_small_tables"]:
        is_small = small(case)
        if is_small is None and not exemptions:
            return unknown({"size"})
        if is_small:
            exemptions.add("rule")
    if exemptions:
        return Expected("exempt", would_be="fail", exemptions=frozenset(exemptions))
    return FAIL


def _key_limit(case: Case) -> Expected:
    if lacking := keys_lacking(case):
        return unknown(lacking)
    count = len(keys_of(case).parts)
    if not count:
        return NOT_APPLICABLE
    if count <= case.settings["max_clustering_columns"]:
        return PASS
    return Expected("fail", violations=1, actual=(count,))


def _keys_exist(case: Case) -> Expected:
    if lacking := keys_lacking(case):
        return unknown(lacking)
    keys = keys_of(case)
    if not keys.readable:
        return FAIL
    if not keys.parts:
        return NOT_APPLICABLE
    if "columns" not in case.document:
        return unknown({"columns"})
    names = {column["name"].lower() for column in case.document["columns"]}
    return fails(len({key for key in keys.parts if key[0].lower() not in names}))


def _no_exclusion_conflict(case: Case) -> Expected:
    lacking = exclusion_lacking(case)
    if not excluded(case) and not lacking:
        return NOT_APPLICABLE
    if lacking | declared_lacking(case):
        return unknown(lacking | declared_lacking(case))
    return FAIL if declared(case) else PASS


def _single_strategy(case: Case) -> Expected:
    if lacking := strategy_lacking(case):
        return unknown(lacking)
    return (NOT_APPLICABLE, PASS, FAIL)[liquid(case) + auto_optimized(case)]


def _auto_optimize_complete(case: Case) -> Expected:
    if lacking := flags_lacking(case):
        return unknown(lacking)
    return (NOT_APPLICABLE, FAIL, PASS)[auto_flags(case)]


def _partitioned_table(case: Case) -> Expected:
    if format_of(case) not in DELTA:
        return NOT_APPLICABLE
    by_detail = case.document.get("detail", {}).get("partition_columns")
    columns = case.document.get("columns")
    keys_unknown = declared_lacking(case)
    if by_detail is None and columns is None:
        return unknown({"columns"} | keys_unknown)
    if not by_detail and not any("partition_index" in column for column in columns or ()):
        return NOT_APPLICABLE
    if keys_unknown:
        return unknown(keys_unknown)
    if declared(case):
        return FAIL
    judged = {True: FAIL, False: PASS, None: unknown({"size"})}
    return judged[below(case, case.settings["partition_min_bytes"])]


def _frequently_read(case: Case) -> Expected:
    if not case.settings["require_liquid_for_frequent_reads"]:
        return NOT_APPLICABLE
    reads = case.document.get("access", {}).get("reads")
    is_small = below(case, case.settings["frequent_min_bytes"])
    if is_small or (reads is not None and reads < case.settings["frequent_reads"]):
        return NOT_APPLICABLE
    lacking = liquid_lacking(case)
    if reads is None:
        lacking.add("access")
    elif is_small is None:
        lacking.add("size")
    if lacking:
        return unknown(lacking)
    return PASS if liquid(case) else FAIL


def _exclusion_justified(case: Case) -> Expected:
    if not case.settings["honor_exclusion_flag"]:
        return NOT_APPLICABLE
    if liquid(case) or auto_optimized(case):  # nothing is left to be excused
        return NOT_APPLICABLE
    if not excluded(case) and not exclusion_lacking(case):
        return NOT_APPLICABLE
    if unread := strategy_lacking(case) | exclusion_lacking(case):
        return unknown(unread)
    is_small = below(case, case.settings["exclusion_review_bytes"])
    tag, tags = case.settings["exclusion_approval_tag"], case.document.get("tags")
    tagged = tag != "" and tags is not None and tag in tags
    if is_small or tagged or "clustering.strategy_required" in case.waived:
        return PASS
    lacking = set()
    if is_small is None:
        lacking.add("size")
    if tag and tags is None:
        lacking.add("tags")
    return unknown(lacking) if lacking else FAIL


def _auto_possible(case: Case) -> Expected:
    if lacking := automatic_lacking(case):
        return unknown(lacking)
    if not automatic(case):
        return NOT_APPLICABLE
    if case.document["table_type"] == "EXTERNAL":
        return FAIL
    if keys_of(case).parts or optimized(case):
        return PASS
    lacking = keys_lacking(case)
    if optimized(case) is None:
        lacking.add("predictive_optimization")
    return unknown(lacking) if lacking else FAIL


def _not_of_iceberg(decide: _Decide) -> _Decide:
    """Leave out managed Iceberg tables, where what the policy is about does not exist."""

    def decided(case: Case) -> Expected:
        iceberg = format_of(case) == "ICEBERG"
        return NOT_APPLICABLE if iceberg else decide(case)

    return decided


def _of_clusterable(decide: _Decide) -> _Decide:
    """Ask only about tables that can be clustered, and say what would tell whether they can."""

    def decided(case: Case) -> Expected:
        can = clusterable(case)
        if isinstance(can, str):
            return unknown({can})
        return decide(case) if can else NOT_APPLICABLE

    return decided


CLUSTERING: Final = {
    name: _of_clusterable(decide)
    for name, decide in {
        "auto_optimize_complete": _not_of_iceberg(_auto_optimize_complete),
        "auto_possible": _auto_possible,
        "exclusion_justified": _exclusion_justified,
        "frequently_read": _frequently_read,
        "key_limit": _key_limit,
        "keys_exist": _keys_exist,
        "keys_follow_standard": keys_follow_standard,
        "keys_have_statistics": _not_of_iceberg(keys_have_statistics),
        "no_exclusion_conflict": _no_exclusion_conflict,
        "partitioned_table": _partitioned_table,
        "single_strategy": _single_strategy,
        "strategy_required": _strategy_required,
    }.items()
}
"""Each policy of the domain, by its name."""
