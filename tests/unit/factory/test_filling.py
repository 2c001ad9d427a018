"""The INSERT of the table factory: for every type that it may meet, from what DESCRIBE says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factory.filling import Column, columns, insert
from tests.factory.values import UnknownTypeError, expression, partition_expression


def _row(name: str | None, kind: str | None, comment: str | None = None) -> dict[str, str | None]:
    return {"col_name": name, "data_type": kind, "comment": comment}


_PARTITIONS = (
    _row("# Partition Information", ""),
    _row("# col_name", "data_type", "comment"),
    _row("region", "string"),
)
_CLUSTERING = (
    _row("# Clustering Information", ""),
    _row("# col_name", "data_type", "comment"),
    _row("id", "bigint"),
)


@pytest.mark.parametrize("blank", [(), (_row("", ""),), (_row("", None),)])
def test_what_follows_the_columns_is_no_column(blank: tuple[dict[str, str | None], ...]) -> None:
    """Else the INSERT would name `# col_name`, or the partition column twice."""
    reported = [
        _row("id", "bigint", "# of the order"),
        _row("region", "string"),
        _row("# strange", "int"),
        *blank,
        *_CLUSTERING,
        *blank,
        *_PARTITIONS,
    ]
    assert columns(reported) == (
        Column("id", "bigint", partition=False),
        Column("region", "string", partition=True),
        Column("# strange", "int", partition=False),
    )


def test_a_clustering_key_is_filled_like_any_column() -> None:
    (only,) = columns([_row("id", "bigint"), *_CLUSTERING])
    assert not only.partition


def test_the_statement_names_every_column_and_quotes_it() -> None:
    found = (Column("it`s", "STRING", partition=False), Column("day", "date", partition=True))
    assert insert("`c`.`s`.`t`", found, 12_000) == (
        "INSERT INTO `c`.`s`.`t` (`it``s`, `day`)"
        " SELECT uuid(), date_sub(current_date(), CAST(id % 4 AS INT)) FROM range(12000)"
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("STRING", "uuid()"),
        ("string collate UTF8_LCASE", "uuid()"),
        ("varchar(7)", "left(uuid(), 7)"),
        ("bigint", "xxhash64(uuid())"),
        ("long", "xxhash64(uuid())"),
        ("integer", "hash(uuid())"),
        ("double", "rand()"),
        ("real", "CAST(rand() AS FLOAT)"),
        ("TIMESTAMP", "CURRENT_TIMESTAMP()"),
        ("timestamp_ntz", "CAST(CURRENT_TIMESTAMP() AS TIMESTAMP_NTZ)"),
        ("decimal", "CAST(rand() * 0.9 * 1E10 AS DECIMAL(10, 0))"),
        ("decimal(38,18)", "CAST(rand() * 0.9 * 1E15 AS DECIMAL(38, 18))"),
        ("decimal(3,3)", "CAST(rand() * 0.9 * 1E0 AS DECIMAL(3, 3))"),
        ("array<date>", f"array({expression('c', 'date')}, {expression('c', 'date')})"),
        ("map<string,boolean>", "map(uuid(), rand() < 0.5)"),
        (r"struct<`it's \`:double>", r"named_struct('it\'s \\', rand())"),
    ],
)
def test_each_type_has_an_expression(kind: str, value: str) -> None:
    assert expression("c", kind) == value


@pytest.mark.parametrize(
    "kind",
    [
        "interval day to second",
        "variant",
        "void",
        "geography(4326)",
        "object",
        "string(3)",
        "varchar",
        "int int",
        "array<interval year>",
        "struct<a:map<string,variant>>",
        "struct<f0:int,... 15 more fields>",
        "",
    ],
)
def test_an_unknown_type_is_an_error_that_names_column_and_type(kind: str) -> None:
    """Not NULL, not a text that some warehouses cast: the table would not be what it seems."""
    for of in (expression, partition_expression):
        with pytest.raises(UnknownTypeError) as caught:
            of("the column", kind)
        assert "the column" in str(caught.value)
        assert kind in str(caught.value)
        assert (caught.value.column, caught.value.type_text) == ("the column", kind)


@pytest.mark.parametrize(
    "kind", ["string", "boolean", "date", "bigint", "int", "smallint", "tinyint", "INTEGER", "byte"]
)
def test_a_table_is_partitioned_by_few_values(kind: str) -> None:
    """By UUIDs it would have twelve thousand partitions, and take an hour."""
    text = partition_expression("p", kind)
    assert "uuid" not in text
    assert re.search(r"id % [24]\b", text)


@given(st.integers(1, 38).flatmap(lambda p: st.tuples(st.just(p), st.integers(0, p))))
def test_a_random_decimal_fits_its_type(numbers: tuple[int, int]) -> None:
    """One digit too many is an overflow, and the insert fails now and then."""
    precision, scale = numbers
    found = re.fullmatch(
        r"CAST\(rand\(\) \* 0\.9 \* 1E(\d+) AS DECIMAL\(\d+, \d+\)\)",
        expression("d", f"decimal({precision},{scale})"),
    )
    assert found is not None
    largest = 9 * 10 ** int(found[1]) * 10**scale // 10
    assert round(largest) < 10**precision
