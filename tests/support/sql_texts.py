"""SQL for tests: any text, the tables that exist already, and what statements leave of them."""

from __future__ import annotations

from typing import Final

import msgspec
from hypothesis import strategies as st

from lakewarden_collector.document import Column, Size, TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.sql.source import whole_statements
from lakewarden_collector.sources.sql.state import State

_PIECES: Final = st.sampled_from(
    [
        *"'\"`;\n\r\\ \x00\ufeff\u2028",
        *("$$", "/*", "*/", "--", "\r\n", "r'", "${", "}", "{{", "}}", "{%", "%}", "{#", "#}"),
        *("{% if x %}", "{% endif %}"),
        *("CREATE TABLE a.b.c (x INT)", "-- a; b\n", "/* c; /* d */ ; */", "'e; f'", "`g;h`", "1a"),
        *("-- Databricks notebook source\n", "\n-- COMMAND ----------\n", "-- MAGIC %python\n"),
    ]
)
TEXTS: Final = st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=12).map("".join)


def existing(name: str) -> TableDocument:
    """Return a table of `main.s` that is there already, and has a size."""
    return TableDocument(
        full_name=join_name(("main", "s", name)),
        catalog_name="main",
        schema_name="s",
        name=name,
        table_type="MANAGED",
        data_source_format="DELTA",
        table_id=f"id-of-{name}",
        owner="team",
        comment="kept",
        storage_location=f"s3://uc/{name}",
        properties={"delta.x": "1", "clusteringColumns": '[["id"]]'},
        tags={"pii": "no"},
        columns=[Column(name="id", type_text="bigint", comment="", nullable=True)],
        size=Size(bytes=7),
    )


KNOWN: Final = {each.full_name: each for each in (existing("old"), existing("other"))}


def _applied(text: str) -> tuple[State, list[TableDocument | Failure], int]:
    state = State(KNOWN.get, ("main", "s"))
    state.begin("x.sql")
    found = list(whole_statements(text))
    for statement in found:
        state.apply(statement)
    return state, list(state.results()), len(found)


def accounted(text: str) -> tuple[State, list[TableDocument | Failure]]:
    """Apply all; every statement is counted once."""
    state, results, number = _applied(text)
    failures = [each for each in results if isinstance(each, Failure)]
    assert state.effective + state.skipped.total() + len(failures) == number
    assert len(msgspec.json.decode(msgspec.json.encode(results))) == len(results)
    assert all(each.where.startswith("x.sql:") and each.reason and each.remedy for each in failures)
    return state, results


def only(text: str) -> TableDocument:
    """Apply all; return the one table that is left."""
    _, results = accounted(text)
    (table,) = results
    assert isinstance(table, TableDocument), table
    return table
