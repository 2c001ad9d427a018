"""Patterns decide what is listed: never less than what could match, and little more."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.listing.scope import Scope

NAME = st.text(st.sampled_from("ab.` *["), min_size=1, max_size=4)
PLAIN = st.text(st.sampled_from("abc"), min_size=1, max_size=3)
PATTERNS = st.lists(st.text(st.sampled_from("ab.`*?[!] "), max_size=9), max_size=3)


@given(PATTERNS, PATTERNS, NAME, NAME, NAME)
@settings(max_examples=2000, deadline=None)
@example(["`a.b`.*.*"], [], "a.b", "a", "a")
@example(["a*b"], [], "a", "x", "b")
@example(["*"], ["a.b*"], "a", "b", "c")
def test_no_catalog_or_schema_is_refused_that_could_contain_a_match(
    include: list[str], exclude: list[str], catalog: str, schema: str, name: str
) -> None:
    scope = Scope(include, exclude)
    if scope.matches(catalog, schema, name):
        assert scope.refuses_catalog(catalog) is None
        assert scope.refuses_schema(catalog, schema) is None


@given(PATTERNS, PLAIN, PLAIN, PLAIN)
@settings(max_examples=500, deadline=None)
def test_plain_names_match_as_fnmatch_has_it(
    include: list[str], catalog: str, schema: str, name: str
) -> None:
    """The patterns are those of --table; part by part makes a difference for odd names only."""
    patterns = [pattern for pattern in include if not set("`[") & set(pattern)]
    matched = any(fnmatchcase(f"{catalog}.{schema}.{name}", pattern) for pattern in patterns)
    assert Scope(patterns).matches(catalog, schema, name) is (matched or not patterns)


@given(NAME, NAME, NAME)
def test_a_full_name_from_a_report_is_a_pattern_for_itself(
    catalog: str, schema: str, name: str
) -> None:
    full_name = join_name((catalog, schema, name))
    if not set("*[") & set(full_name):
        scope = Scope([full_name])
        assert scope.matches(catalog, schema, name)
        assert not scope.matches(catalog, schema, f"{name}x")


@pytest.mark.parametrize(
    ("include", "catalog", "schema"),
    [
        ("prod.*", "dev", None),
        ("prod*.sales.*", "dev", None),
        ("prod.sales.*", "prod", "hr"),
        ("*.sales.*", "prod", "hr"),
        ("prod.s*.t", "prod", "hr"),
        ("prod.sales", "prod", "hr"),
    ],
)
def test_what_cannot_match_is_not_listed_unnecessarily(
    include: str, catalog: str, schema: str | None
) -> None:
    scope = Scope([include])
    if schema is None:
        assert scope.refuses_catalog(catalog)
    else:
        assert scope.refuses_catalog(catalog) is None
        assert scope.refuses_schema(catalog, schema)


@pytest.mark.parametrize(
    ("exclude", "catalog", "schema"),
    [
        ("dev.*", "dev", None),
        ("dev.*.*", "dev", None),
        ("*", "prod", None),
        ("*.tmp.*", "prod", "tmp"),
        ("prod.tmp.*", "prod", "tmp"),
        ("prod.tmp*", "prod", "tmp_1"),
    ],
)
def test_what_is_excluded_whole_is_not_listed(
    exclude: str, catalog: str, schema: str | None
) -> None:
    scope = Scope((), [exclude])
    if schema is None:
        assert scope.refuses_catalog(catalog)
    else:
        assert scope.refuses_catalog(catalog) is None
        assert scope.refuses_schema(catalog, schema)
        assert scope.refuses_schema(catalog, "sales") is None


def test_a_dot_inside_a_name_is_no_separator() -> None:
    scope = Scope(["*.tmp.*"])
    assert scope.matches("a", "tmp", "t")
    assert not scope.matches("a", "b", "x.tmp.y")


@pytest.mark.parametrize(
    "catalog", ["system", "samples", "hive_metastore", "__databricks_internal"]
)
def test_what_is_left_out_by_default_is_looked_at_when_it_is_named(catalog: str) -> None:
    assert Scope().refuses_catalog(catalog)
    assert Scope(["*"]).refuses_catalog(catalog)
    assert Scope([f"{catalog}.*"]).refuses_catalog(catalog) is None


def test_a_shared_catalog_is_looked_at_when_it_is_named() -> None:
    assert Scope().refuses_catalog("theirs", "DELTASHARING_CATALOG")
    assert Scope(["theirs.*"]).refuses_catalog("theirs", "DELTASHARING_CATALOG") is None
    assert Scope().refuses_catalog("ours", "MANAGED_CATALOG") is None


def test_the_information_schema_is_looked_at_when_it_is_named() -> None:
    assert Scope(["main.*"]).refuses_schema("main", "information_schema")
    assert Scope(["main.information_schema.*"]).refuses_schema("main", "information_schema") is None


def test_names_that_patterns_give_literally_are_known() -> None:
    """So that a catalog or schema that is not listed is missed by name."""
    scope = Scope(["prod.sales.*", "prod.`a.b`.t", "de*.x.y", "*.z.*", "prod.*", "`prod`.hr.*"])
    assert scope.named() == {"prod"}
    assert scope.named("prod") == {"sales", "a.b", "hr"}
    assert scope.named("prod", "a.b") == {"t"}
    assert scope.named("dev") == set()
    assert scope.missed(["x"]) == ["prod"]


def test_a_table_that_a_plan_may_make_is_not_missed() -> None:
    assert Scope(["prod.sales.new"], required=False).missed(["old"], "prod", "sales") == []
