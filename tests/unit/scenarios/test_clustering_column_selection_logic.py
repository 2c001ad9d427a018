"""Keys that can cluster: columns of the table, of the right type, of which files keep statistics.

A key without statistics arranges files that no query can skip, and the work is paid all the same.
"""

from __future__ import annotations

import pytest

from lakewarden.model.decision import Outcome
from tests.unit.scenarios.judging import Decide, actual, lacking, message, reason
from tests.unit.scenarios.tables import (
    AUTO,
    OPTIMIZED,
    UNOPTIMIZED,
    Json,
    clustered_by,
    column,
    hidden,
    struct,
    table,
    without,
)

pytestmark = pytest.mark.clustering_column_selection

ADDRESS = column("address", struct(city="string", zip="string", geo=struct(lat="double")))
WIDE = [column(f"c{number}") for number in range(1, 41)]
"""Forty columns, c1 to c40, each one leaf."""

ELIGIBLE = (
    *("date", "timestamp", "timestamp_ntz", "string", "varchar(10)", "char(3)", "decimal(18,2)"),
    *("byte", "short", "integer", "long", "float", "double"),
)
ARRAY = {"type": "array", "elementType": "long", "containsNull": True}
MAP = {"type": "map", "keyType": "string", "valueType": "long", "valueContainsNull": True}


def keyed(*keys: str | list[str], columns: list[Json], **properties: str) -> Json:
    """Return a table of these columns with these keys; `properties` say what has statistics."""
    names = {"counted": "delta.dataSkippingNumIndexedCols", "of": "delta.dataSkippingStatsColumns"}
    said = {names[name]: value for name, value in properties.items()}
    return table(columns=columns, properties=clustered_by(*keys) | said)


# Columns of the table


def test_keys_are_found_in_any_case_and_inside_structs(
    keys_exist: Decide, keys_have_statistics: Decide
) -> None:
    document = keyed("CITY", ["Address", "ZIP"], columns=[column("city", "string"), ADDRESS])
    assert keys_exist(document).outcome is Outcome.PASS
    assert keys_have_statistics(document).outcome is Outcome.PASS


def test_a_field_that_the_struct_lacks_is_named_by_one_policy(
    keys_exist: Decide, keys_have_statistics: Decide
) -> None:
    """The column is there; what is missing in it, the one that knows its type can say."""
    document = keyed(["address", "street"], columns=[ADDRESS])
    assert keys_exist(document).outcome is Outcome.PASS
    assert actual(keys_have_statistics(document)) == {"address.street"}


def test_a_key_that_is_no_column_is_named_by_both(
    keys_exist: Decide, keys_have_statistics: Decide
) -> None:
    document = keyed("region", columns=[ADDRESS])
    assert actual(keys_exist(document)) == {"region"}
    assert actual(keys_have_statistics(document)) == {"region"}


def test_a_dot_in_a_name_is_not_a_step_into_a_struct(keys_have_statistics: Decide) -> None:
    dotted = column("address.city", "string")
    assert keys_have_statistics(keyed("address.city", columns=[dotted])).outcome is Outcome.PASS
    into = keyed(["address", "city"], columns=[dotted])
    assert actual(keys_have_statistics(into)) == {"address.city"}


# Types that can be keys


@pytest.mark.parametrize("stored", ELIGIBLE)
def test_a_key_has_an_order_and_so_can_cluster(keys_have_statistics: Decide, stored: str) -> None:
    decision = keys_have_statistics(keyed("k", columns=[column("k", stored)]))
    assert reason(decision) == "Each clustering key has file statistics."


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ("boolean", "boolean"),
        ("binary", "binary"),
        ("variant", "variant"),
        (ARRAY, "array"),
        (MAP, "map"),
    ],
    ids=["boolean", "binary", "variant", "array", "map"],
)
@pytest.mark.parametrize("properties", [{}, {"counted": "-1"}, {"of": "k"}], ids=str)
def test_other_types_cannot_whatever_is_said_of_statistics(
    keys_have_statistics: Decide, stored: object, named: str, properties: dict[str, str]
) -> None:
    decision = keys_have_statistics(keyed("k", columns=[column("k", stored)], **properties))
    assert actual(decision) == {named}
    assert "only a date, timestamp, string or number can be a key" in message(decision)


def test_a_whole_struct_is_no_key_and_its_field_is(keys_have_statistics: Decide) -> None:
    whole = keys_have_statistics(keyed("address", columns=[ADDRESS]))
    assert "a whole struct, so there are no statistics for it: name one of its fields" in message(
        whole
    )
    inner = keyed(["address", "geo"], ["address", "geo", "lat"], columns=[ADDRESS])
    assert actual(keys_have_statistics(inner)) == {"address.geo"}


# The first leaves have statistics


@pytest.mark.parametrize(("key", "wrong"), [("c32", set()), ("c33", {"c33 (leaf 33)"})])
def test_the_first_32_leaves_have_statistics(
    keys_have_statistics: Decide, key: str, wrong: set[str]
) -> None:
    document = keyed(key, columns=WIDE) | {"predictive_optimization": UNOPTIMIZED}
    assert actual(keys_have_statistics(document)) == wrong


def test_databricks_chooses_the_columns_with_statistics_where_it_may(
    keys_have_statistics: Decide,
) -> None:
    """Wherever they stand; while nobody knows whether it may, a place behind the 32nd is open."""
    document = keyed("c33", columns=WIDE)
    chosen = keys_have_statistics(document | {"predictive_optimization": OPTIMIZED})
    assert chosen.outcome is Outcome.PASS
    assert lacking(keys_have_statistics(document)) == {"predictive_optimization"}


@pytest.mark.parametrize(
    ("counted", "key", "wrong"),
    [
        ("33", "c33", set()),
        ("1", "c1", set()),
        ("1", "c2", {"c2 (leaf 2)"}),
        ("0", "c1", {"c1 (leaf 1)"}),
        ("-1", "c40", set()),
        ("many", "c1", {"c1 (leaf 1)"}),
        ("", "c1", {"c1 (leaf 1)"}),
    ],
)
def test_how_many_is_a_property_of_the_table(
    keys_have_statistics: Decide, counted: str, key: str, wrong: set[str]
) -> None:
    """A number that cannot be read counts none: nobody knows what the writer made of it."""
    document = keyed(key, columns=WIDE, counted=counted)
    assert actual(keys_have_statistics(document)) == wrong


def test_every_field_of_a_struct_is_a_leaf_of_its_own(keys_have_statistics: Decide) -> None:
    columns = [ADDRESS, column("k")]  # three leaves, then the fourth
    assert keys_have_statistics(keyed("k", columns=columns, counted="4")).outcome is Outcome.PASS
    decision = keys_have_statistics(keyed("k", columns=columns, counted="3"))
    assert actual(decision) == {"k (leaf 4)"}


def test_an_array_of_structs_is_one_leaf(keys_have_statistics: Decide) -> None:
    lines = column("lines", ARRAY | {"elementType": struct(item="long", price="double")})
    document = keyed("k", columns=[lines, column("k")], counted="2")
    assert keys_have_statistics(document).outcome is Outcome.PASS


def test_the_order_of_the_schema_counts_and_not_that_of_the_list(
    keys_have_statistics: Decide,
) -> None:
    columns = [column("last", position=1), column("first", position=0)]
    assert (
        keys_have_statistics(keyed("first", columns=columns, counted="1")).outcome is Outcome.PASS
    )
    last = keys_have_statistics(keyed("last", columns=columns, counted="1"))
    assert actual(last) == {"last (leaf 2)"}


# Or those that are listed


@pytest.mark.parametrize(
    ("listed", "wrong"),
    [
        ("c40", set()),
        ("C40, c1", set()),
        (" c1 ,c40 ", set()),
        ("`c40`", set()),
        ("c1", {"c40"}),
        ("c4", {"c40"}),
        ("", {"c40"}),
        ("c40,", {"c40"}),
    ],
    ids=repr,
)
def test_a_list_of_columns_takes_the_place_of_the_count(
    keys_have_statistics: Decide, listed: str, wrong: set[str]
) -> None:
    """Even where the count would include the key, and where the list cannot be read."""
    document = keyed("c40", columns=WIDE, of=listed, counted="-1")
    assert actual(keys_have_statistics(document)) == wrong


@pytest.mark.parametrize(
    ("listed", "outcome"),
    [
        ("address", Outcome.PASS),
        ("address.geo", Outcome.PASS),
        ("address.geo.lat", Outcome.PASS),
        ("address.city", Outcome.FAIL),
        ("`address.geo.lat`", Outcome.FAIL),
        ("geo", Outcome.FAIL),
    ],
)
def test_who_names_a_struct_names_what_is_in_it(
    keys_have_statistics: Decide, listed: str, outcome: Outcome
) -> None:
    document = keyed(["address", "geo", "lat"], columns=[ADDRESS], of=listed)
    assert keys_have_statistics(document).outcome is outcome


# How many, and what nobody knows


def test_every_wrong_key_is_named_for_itself(
    keys_have_statistics: Decide, key_limit: Decide
) -> None:
    columns = [column("ok"), column("flag", "boolean"), ADDRESS, column("late")]
    document = keyed("ok", "flag", "address", "late", "none", columns=columns, counted="2")
    assert actual(keys_have_statistics(document)) == {
        *("boolean", "address", "late (leaf 6)", "none"),
    }
    assert actual(key_limit(document)) == {"5"}


@pytest.mark.parametrize(
    "columns",
    [[column("k", None)], [column("before", None), column("k")]],
    ids=["its_own", "that_of_a_column_before_it"],
)
def test_a_type_that_nobody_knows_is_asked_for(
    keys_have_statistics: Decide, columns: list[Json]
) -> None:
    document = keyed("k", columns=columns) | {"predictive_optimization": UNOPTIMIZED}
    assert lacking(keys_have_statistics(document)) == {"columns"}


def test_a_type_before_a_listed_key_does_not_matter(keys_have_statistics: Decide) -> None:
    document = keyed("k", columns=[column("before", None), column("k")], of="k")
    assert keys_have_statistics(document).outcome is Outcome.PASS


def test_without_columns_or_properties_it_stays_open(keys_have_statistics: Decide) -> None:
    document = keyed("k", columns=WIDE)
    assert lacking(keys_have_statistics(without(document, "columns"))) == {"columns"}
    told = hidden(columns=WIDE, detail={"clustering_columns": ["c1"]})
    assert lacking(keys_have_statistics(told)) == {"properties"}


@pytest.mark.parametrize(
    "other",
    [{"properties": AUTO}, {"properties": {}}, {"data_source_format": "ICEBERG"}],
    ids=["auto", "none", "iceberg"],
)
def test_tables_without_keys_and_iceberg_tables_are_not_concerned(
    keys_have_statistics: Decide, other: Json
) -> None:
    document = keyed("c40", columns=WIDE) | other
    assert keys_have_statistics(document).outcome is Outcome.NOT_APPLICABLE
