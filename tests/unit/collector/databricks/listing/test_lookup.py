"""One table is asked for by its name, however odd the name.

About `reconcile.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import pytest
from databricks.sdk.errors import InternalError, NotFound, PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.databricks.client.interface import Query
from lakewarden_collector.sources.databricks.listing.lookup import look_up


class FakeApi:
    """An `Api` that answers with one function of the path."""

    def __init__(self, answer: Callable[[str], Mapping[str, Any]]) -> None:
        self.answer = answer
        self.path = ""

    def get(self, path: str, query: Query = MappingProxyType({})) -> dict[str, Any]:
        assert query
        self.path = path
        return dict(self.answer(path))


def raising(error: Exception) -> FakeApi:
    def refuse(path: str) -> Mapping[str, Any]:
        assert path
        raise error

    return FakeApi(refuse)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=3, max_size=3))
def test_the_path_carries_any_name_unharmed(parts: list[str]) -> None:
    catalog, schema, name = parts
    api = FakeApi(lambda _: {"catalog_name": catalog, "schema_name": schema, "name": name})
    assert look_up(api, catalog, schema, name).outcome == "there"
    prefix, _, last = api.path.rpartition("/")
    assert prefix == "/api/2.1/unity-catalog/tables"
    assert unquote(last) == ".".join(parts)
    assert not set(" ?#%;") & set(last.replace("%", "", last.count("%")))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotFound("no such table", error_code="TABLE_DOES_NOT_EXIST"), "dropped"),
        (PermissionDenied("no SELECT"), "denied"),
        (InternalError("oops"), "failed"),
        (TimeoutError("Timed out"), "failed"),
        (ValueError("not JSON"), "failed"),
    ],
)
def test_what_became_of_a_table_comes_with_the_reason(error: Exception, outcome: str) -> None:
    found = look_up(raising(error), "main", "s", "t")
    assert found.outcome == outcome
    assert str(error) in found.reason


def test_a_name_with_a_dot_is_never_said_to_be_dropped() -> None:
    """The path cannot tell `a.b`.c from a.`b.c`: the answer may be about another table."""
    assert look_up(raising(NotFound("no")), "main", "s", "a.b").outcome == "failed"
    another = FakeApi(lambda _: {"catalog_name": "main", "schema_name": "s.a", "name": "b"})
    assert look_up(another, "main", "s", "a.b").outcome == "failed"
