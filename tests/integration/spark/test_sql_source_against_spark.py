"""SQL files against real Spark: what a file is read as is what the catalog has once it has run.

Compared is what a plan can know: columns, comment, format, kind, and the properties that the
statements set or might have set. Delta's own properties (protocol, features) are the catalog's.
"""

# ruff: noqa: ANN401 -- pyspark is untyped here

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import Column, TableDocument
from lakewarden_collector.sources.databricks.listing.documents import table_document
from lakewarden_collector.sources.sql import SqlSource
from lakewarden_collector.sources.sql.data_types import DECLARED
from tests.integration.spark.ddl import CHANGES, DEFAULTS, MAPPED, OTHERS, SCRIPTS
from tests.workspace.estate import Json, SqlError
from tests.workspace.spark_estate import SparkEstate

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

_OWN: Final = ("delta.", "option.serialization", "Type")
_CONSTRAINT: Final = "delta.constraints."
_NUMBERS: Final = count()


def _agree(
    spark: Any, folder: Path, statements: Sequence[str], *, choose: bool = False, before: int = 0
) -> int:
    """Have Spark run the statements, and compare; return how many of the file's it ran.

    `{t}` is the table, `{dir}` an empty folder. `choose` leaves out what Spark refuses; else it
    refuses nothing. What the first statements, `before` in number, made is known; the file is the
    others.
    """
    name = f"t{next(_NUMBERS)}"
    texts = [
        text.replace("{t}", f"main.ddl.{name}").replace("{dir}", f"file:{folder}/{name}")
        for text in statements
    ]
    with SparkEstate(spark) as estate:
        estate.execute("CREATE SCHEMA main.ddl", {})
        ran: list[str] = []
        existing: Sequence[Json] = ()
        for at, text in enumerate(texts):
            if at == before:
                ran, existing = [], estate.tables("main", "ddl")
            try:
                estate.execute(text, {})
            except SqlError as error:
                if not choose:
                    pytest.fail(f"{error}\n{texts}")
            else:
                ran.append(text)
        made = {info["name"]: info for info in estate.tables("main", "ddl")}
    file = folder / f"{name}.sql"
    file.write_text(";\n".join([*ran, "SELECT 1"]), encoding="utf-8")
    known = {info["full_name"]: table_document(info)[0] for info in existing}
    planned = list(SqlSource(str(file), known=known.get).tables())
    assert made, texts
    untouched = {info["name"] for info in existing if made.get(info["name"]) == info}
    for table in planned:
        assert isinstance(table, TableDocument), (table, ran)
        _compare(table, made[table.name], ran, existing)
        untouched.discard(table.name)
    assert {each.name for each in planned if isinstance(each, TableDocument)} == (
        made.keys() - untouched
    ), (planned, ran)
    return len(ran)


def _compare(
    table: TableDocument, info: Mapping[str, Any], ran: Sequence[str], existing: Sequence[Json]
) -> None:
    """Compare a planned table with what the catalog has; what is absent says why."""
    found: dict[str, object] = {
        "table_type": info["table_type"],
        "data_source_format": info["data_source_format"],
        "comment": info.get("comment", ""),
        "owner": info["owner"],
    }
    if info["table_type"] == "EXTERNAL":  # Spark moves a managed table where it is renamed
        found["storage_location"] = info["storage_location"]
    for key, value in found.items():
        planned = getattr(table, key)
        if planned is UNSET:
            assert table.evidence[key].status == "known_after_apply", (key, ran)
        else:
            assert planned == value, (key, ran)
    planned_properties, properties = (
        _properties(each) for each in (table.properties or {}, info["properties"])
    )
    if "properties.*" in table.evidence:
        assert planned_properties.items() <= properties.items(), ran
    else:
        assert planned_properties == properties, ran
    asked = {item for item in (table.properties or {}).items() if "delta." in item[0]}
    asked -= {item for each in existing for item in each["properties"].items()}  # Delta's own
    assert asked <= info["properties"].items(), ran
    if table.columns is UNSET:
        assert table.evidence["columns"].status == "known_after_apply", ran
    else:
        assert _planned(table.columns) == _made(info["columns"]), ran


def _planned(columns: Sequence[Column]) -> Sequence[object]:
    return [
        (
            column.name,
            column.type_text,
            column.nullable,
            column.comment,
            None if column.partition_index is UNSET else column.partition_index,
            _stored(json.loads(column.type_json or "{}")),
        )
        for column in columns
    ]


def _made(columns: Sequence[Mapping[str, Any]]) -> Sequence[object]:
    return [
        (
            column["name"],
            column["type_text"],
            column["nullable"],
            column.get("comment", ""),
            column.get("partition_index"),
            _stored(json.loads(column["type_json"])),
        )
        for column in columns
    ]


def _stored(column: Mapping[str, Any]) -> object:
    """Leave out what Delta notes beside: what types were once, and `varchar` inside of others.

    Inside, Delta writes it only once a column of such a type was renamed.
    """
    noted = {key: value for key, value in column["metadata"].items() if key != _TYPES_WERE}
    return {**column, "metadata": noted, "type": _undeclared(column["type"])}


def _undeclared(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _undeclared(value)
            for key, value in part.items()
            if key not in (DECLARED, _TYPES_WERE)
        }
    return [_undeclared(each) for each in part] if isinstance(part, list) else part


_TYPES_WERE: Final = "delta.typeChanges"


def _properties(properties: Mapping[str, str]) -> dict[str, str]:
    return {
        key: value
        for key, value in properties.items()
        if not key.startswith(_OWN) or key.startswith(_CONSTRAINT)
        # Spark writes that a table that was clustered has no keys any more.
        if not (key == "clusteringColumns" and value == "[]")
    }


_QUICK: Final = ("clustered later",)
"""What is run by day: a statement takes Spark half a second."""


@pytest.mark.parametrize(
    "script",
    [pytest.param(each, marks=() if each in _QUICK else pytest.mark.nightly) for each in SCRIPTS],
)
def test_a_file_says_what_the_catalog_has_once_it_has_run(
    script: str, spark: Any, tmp_path: Path
) -> None:
    _agree(spark, tmp_path, SCRIPTS[script])


_TYPES: Final = st.recursive(
    st.sampled_from(
        ["INT", "bigint", "Decimal(9,2)", "STRING", "DATE", "VARCHAR(5)", "BINARY", "timestamp"]
    ),
    lambda inner: st.one_of(
        inner.map("ARRAY<{}>".format),
        inner.map("MAP<STRING, {}>".format),
        st.tuples(inner, inner).map(lambda two: f"STRUCT<f: {two[0]} COMMENT 'in', G: {two[1]}>"),
    ),
    max_leaves=3,
)
_TEXTS: Final = st.text('aZ9 é-;*/"', max_size=8).map("'{}'".format)
_KEYABLE: Final = ("INT", "bigint", "Decimal(9,2)", "STRING", "DATE", "timestamp")


def _kept(data_type: str) -> bool:
    """Whether Delta keeps the comments in a type; beside `varchar` a renaming loses them."""
    return not ("VARCHAR" in data_type and "COMMENT" in data_type)


@st.composite
def _scripts(draw: st.DrawFn) -> Sequence[str]:
    types = draw(st.lists(_TYPES.filter(_kept), min_size=1, max_size=3))
    columns = [f"C{at} {each}" for at, each in enumerate(types)]
    columns = [
        column
        + draw(st.sampled_from(["", " NOT NULL"]))
        + draw(st.one_of(st.just(""), _TEXTS.map(" COMMENT {}".format)))
        for column in columns
    ]
    keys = [f"C{at}" for at, each in enumerate(types) if each in _KEYABLE]
    laid_out = ["", *(f" CLUSTER BY ({key})" for key in keys)]
    if len(types) > 1:
        laid_out += [f" PARTITIONED BY ({key})" for key in keys]
    layout = draw(st.sampled_from(laid_out))
    properties = draw(st.dictionaries(st.sampled_from(["a", "b.c", "D"]), _TEXTS, max_size=2))
    listed = ", ".join(f"{key} = {value}" for key, value in {**properties, "z": 1}.items())
    allowed = f"{MAPPED[:-1]}, {DEFAULTS.removeprefix('TBLPROPERTIES (')[:-1]}, {listed})"
    made = f"CREATE TABLE {{t}} ({', '.join(columns)}) {allowed}{layout}"
    comment = draw(st.one_of(st.just(""), _TEXTS.map(" COMMENT {}".format)))
    changes = st.one_of(
        st.sampled_from(CHANGES).map("ALTER TABLE {{t}} {}".format), st.sampled_from(OTHERS)
    )
    return [made + comment, *draw(st.lists(changes, min_size=2, max_size=7))]


@pytest.mark.nightly
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(statements=_scripts(), before=st.sampled_from([0, 0, 1, 2, 4]))
def test_any_file_says_what_the_catalog_has_once_it_has_run(
    statements: Sequence[str], before: int, spark: Any, tmp_path: Path
) -> None:
    """What Spark refuses is left out; the first statements may have run before the file does."""
    ran = _agree(spark, tmp_path, [*statements, _LAST], choose=True, before=before)
    event(f"{ran} statements of the file, {'some' if before else 'none'} before it")


_LAST: Final = "CREATE TABLE main.ddl.last (a INT)"
"""There is a table to compare, whatever was dropped."""
