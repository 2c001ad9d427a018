"""Keys that can cluster: columns of the table, of the right type, of which files keep statistics.

A key without statistics arranges files that no query can skip, and the work is paid all the same.
"""

from __future__ import annotations

import pytest

from tests.unit.scenarios.cases import Case, case, cases
from tests.unit.scenarios.judging import Decide, actual, brief, message
from tests.unit.scenarios.tables import (
    AUTO,
    OPTIMIZED,
    UNOPTIMIZED,
    Json,
    clustered_by,
    column,
    struct,
    table,
    without,
)

pytestmark = pytest.mark.clustering_column_selection

ADDRESS = column("address", struct(city="string", zip="string", geo=struct(lat="double")))
ARRAY = {"type": "array", "elementType": struct(item="long"), "containsNull": True}
MAP = {"type": "map", "keyType": "string", "valueType": "long", "valueContainsNull": True}
WIDE = [column(f"c{number}") for number in range(1, 41)]
"""Forty columns, c1 to c40, each one leaf."""
KEYS_OF_MANY_KINDS = [column("ok"), column("flag", "boolean"), ADDRESS, column("late")]


def keyed(*keys: str | list[str], columns: list[Json], **properties: str) -> Json:
    """Return a table of these columns with these keys; `properties` say what has statistics.

    Predictive optimization is off, so the first 32 leaves have them unless a property says more.
    """
    names = {"counted": "delta.dataSkippingNumIndexedCols", "of": "delta.dataSkippingStatsColumns"}
    output = {names[name]: value for name, value in properties.items()}
    return table(
        columns=columns,
        properties=clustered_by(*keys) | output,
        predictive_optimization=UNOPTIMIZED,
    )


def of_type(stored: object, **properties: str) -> Json:
    """Return a table whose only key, and column, is of a type."""
    return keyed("k", columns=[column("k", stored)], **properties)


# Columns of the table


@cases(
    in_any_case=case(keyed("CITY", columns=[column("city", "string")]), "pass | pass"),
    inside_a_struct=case(keyed(["Address", "ZIP"], columns=[ADDRESS]), "pass | pass"),
    field_that_the_struct_lacks=case(
        keyed(["address", "street"], columns=[ADDRESS]), "pass | fail"
    ),
    no_column=case(keyed("region", columns=[ADDRESS]), "fail | fail"),
    whole_struct=case(keyed("address", columns=[ADDRESS]), "pass | fail"),
)
def test_a_key_is_a_column_or_a_field_and_a_whole_struct_is_none(
    keys_exist: Decide, keys_have_statistics: Decide, case: Case
) -> None:
    """A field that is missing in a column is named by the policy that knows its type alone."""
    assert case.by(keys_exist, keys_have_statistics) == case.output


def test_types_that_have_an_order_can_be_keys_and_others_cannot(
    keys_have_statistics: Decide,
) -> None:
    """Whatever is said of statistics."""
    for stored in ("date", "timestamp_ntz", "string", "varchar(10)", "decimal(18,2)", "double"):
        assert brief(keys_have_statistics(of_type(stored))) == "pass", stored
    named: Json = {"boolean": "boolean", "binary": "binary", "array": ARRAY, "map": MAP}
    for name, stored in named.items():
        for properties in ({}, {"counted": "-1"}, {"of": "k"}):
            decision = keys_have_statistics(of_type(stored, **properties))
            assert actual(decision) == {name}
            assert "only a date, timestamp, string or number can be a key" in message(decision)


# Which columns have statistics


@cases(
    leaf_32=case(keyed("c32", columns=WIDE), "pass"),
    leaf_33=case(keyed("c33", columns=WIDE), "fail"),
    leaf_33_where_databricks_chooses=case(
        keyed("c33", columns=WIDE) | {"predictive_optimization": OPTIMIZED}, "pass"
    ),
    leaf_33_where_nobody_knows_whether_it_does=case(
        keyed("c33", columns=WIDE) | {"predictive_optimization": {}},
        "unknown: predictive_optimization",
    ),
    leaf_33_of_33=case(keyed("c33", columns=WIDE, counted="33"), "pass"),
    leaf_40_of_all=case(keyed("c40", columns=WIDE, counted="-1"), "pass"),
    behind_a_struct_of_three=case(keyed("k", columns=[ADDRESS, column("k")], counted="4"), "pass"),
    one_too_far_behind_it=case(keyed("k", columns=[ADDRESS, column("k")], counted="3"), "fail"),
    listed=case(keyed("c40", columns=WIDE, of=" c1 ,C40 "), "pass"),
    not_listed=case(keyed("c40", columns=WIDE, of="c1,c4", counted="-1"), "fail"),
    columns_that_nobody_read=case(
        without(keyed("c1", columns=WIDE), "columns"), "unknown: columns"
    ),
    auto_without_keys=case(table(properties=AUTO), "not_applicable"),
    no_keys=case(table(), "not_applicable"),
    iceberg=case(keyed("c40", columns=WIDE) | {"data_source_format": "ICEBERG"}, "not_applicable"),
)
def test_the_files_have_statistics_of_a_key(keys_have_statistics: Decide, case: Case) -> None:
    """Of the first leaves, or of what the table's properties say, or of what Databricks chooses."""
    assert case.by(keys_have_statistics) == case.output


def test_every_wrong_key_is_named_for_itself(
    keys_exist: Decide, keys_have_statistics: Decide, key_limit: Decide
) -> None:
    document = keyed(
        "ok", "flag", "address", "late", "none", columns=KEYS_OF_MANY_KINDS, counted="2"
    )
    wrong = {"boolean", "address", "late (leaf 6)", "none"}
    assert actual(keys_have_statistics(document)) == wrong
    assert actual(keys_exist(document)) == {"none"}
    assert actual(key_limit(document)) == {"5"}


def test_a_whole_struct_is_told_to_be_named_by_a_field(keys_have_statistics: Decide) -> None:
    output = message(keys_have_statistics(keyed("address", columns=[ADDRESS])))
    assert "a whole struct, so there are no statistics for it: name one of its fields" in output
