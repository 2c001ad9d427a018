"""Specifications of tables, the place where they are made, and what an error says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factory import table_specs
from tests.factory.errors import FactoryError, Trouble
from tests.factory.place import Schema
from tests.factory.specs import MIB, Spec, uuids

_ALL = [each for each in vars(table_specs).values() if isinstance(each, Spec)]


@given(st.integers(100, 50_000), st.integers(1, 10 * MIB))
def test_random_columns_outweigh_the_size_whatever_compresses_them(rows: int, size: int) -> None:
    """A large table that compressed below the threshold would be judged as a small one."""
    columns = uuids(rows, size).count("STRING")
    assert columns * rows * 122 // 8 >= size - rows
    assert columns * rows * 122 > size * 8
    assert (columns - 1) * rows * 122 <= size * 8


def test_a_specification_is_a_statement_that_makes_and_one_that_drops() -> None:
    spec = Spec("x", "id BIGINT", layout="CLUSTER BY (id)", properties=(("a", "b"), ("c", "d")))
    assert spec.definition("`t`") == (
        "CREATE TABLE IF NOT EXISTS `t` (id BIGINT) CLUSTER BY (id)"
        " TBLPROPERTIES ('a' = 'b', 'c' = 'd')"
    )
    assert Spec("y", "id BIGINT").definition("`t`") == "CREATE TABLE IF NOT EXISTS `t` (id BIGINT)"
    assert table_specs.VIEW.definition("`v`") == "CREATE VIEW IF NOT EXISTS `v` AS SELECT 1 AS id"


def test_every_table_of_the_scenarios_says_how_large_it_must_be() -> None:
    """A size that nobody holds against anything proves nothing about the threshold."""
    for spec in _ALL:
        bounds = (spec.over, spec.under)
        assert bounds in [(MIB, None), (0, MIB), (None, 1)] or spec.view, spec.name
        assert spec.over != MIB or spec.rows == 12_000, spec.name


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("main.sales", Schema("main", "sales")),
        ("Main.Sales", Schema("main", "sales")),
        ("`my.catalog`.tests", Schema("my.catalog", "tests")),
        ("dev-team.`it``s`", Schema("dev-team", "it`s")),
    ],
)
def test_a_place_is_a_catalog_and_a_schema(text: str, schema: Schema) -> None:
    assert Schema.named(text) == schema
    assert Schema.named(str(schema)) == schema


@pytest.mark.parametrize("text", ["", "main", "main.a.b", "main.", ".a", "main.a*", "main.[a]"])
def test_any_other_place_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"CATALOG\.SCHEMA|pattern"):
        Schema.named(text)


def test_names_are_quoted_for_statements_and_for_reports() -> None:
    schema = Schema("my.catalog", "it`s")
    assert schema.table("t") == "`my.catalog`.`it``s`.`t`"
    assert schema.full_name("t") == "`my.catalog`.`it``s`.t"
    assert "ON SCHEMA `my.catalog`.`it``s` TO" in schema.grants


def test_an_error_says_what_where_which_statement_and_what_to_do() -> None:
    statement = f"INSERT INTO t\n SELECT {'uuid(), ' * 100} 1 FROM range(5)"  # noqa: S608 -- never sent
    error = FactoryError(
        "main.s.t: the statement failed",
        Trouble.FAILED,
        remedy="Look.",
        statement=statement,
        output="SQLSTATE 42000: [NO] no",
    )
    what, sent, output, remedy = str(error).splitlines()
    assert what == "main.s.t: the statement failed"
    assert sent.startswith("  Statement: INSERT INTO t SELECT uuid(),")
    assert sent.endswith("1 FROM range(5)")
    assert len(sent) < 230
    assert output == "  Answer: SQLSTATE 42000: [NO] no"
    assert remedy == "  Remedy: Look."


@pytest.mark.parametrize("trouble", list(Trouble))
def test_only_what_the_place_does_not_offer_is_a_reason_to_skip(trouble: Trouble) -> None:
    """Anything else has to fail: a scenario never passes, or is waved through, by trouble."""
    error = FactoryError("x", trouble, remedy="y")
    assert error.lacking == (trouble.value in ("no warehouse", "no grant"))
