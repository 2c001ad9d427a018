"""Null where a value should be absent: below every number in Rego, and so a trap for every policy.

Documents hold no null, since collectors leave out what they do not know and the runner refuses
it. Should one come through all the same, it must not improve what is decided.
"""

from __future__ import annotations

import copy
import random
from typing import Any, Final

import pytest

from lakewarden.model.errors import EvaluationError
from tests.support import documents
from tests.support.agreement import Decide
from tests.support.oracle.opinion import POLICIES, expect

pytestmark = pytest.mark.opa

Json = dict[str, Any]

_LEAVES: Final = [
    *("table_type", "data_source_format", "owner", "comment", "tags", "properties", "columns"),
    *("size.bytes", "size.exact", "size.as_of", "access.reads"),
    *("detail.partition_columns", "detail.clustering_columns", "evidence.properties"),
    *("detail.cluster_by_auto", "predictive_optimization.enabled"),
    *("columns.type_json", "columns.type_text", "columns.comment"),
    *("columns.position", "columns.partition_index"),
]


@pytest.mark.parametrize("leaf", _LEAVES)
@pytest.mark.parametrize("engine", ["opa", "regorus"])
def test_null_is_as_absent(engine: str, leaf: str, request: pytest.FixtureRequest) -> None:
    """A table that only lacks a value must not pass, or be excused, because null stands there.

    What is decided is what is decided without the value, or unknown. An engine that refuses the
    document will do as well: the runner calls that an error.
    """
    decide: Decide = request.getfixturevalue(engine)
    asked = documents.request(random.Random(leaf), 40)  # noqa: S311 -- a repeatable sample
    asked["waivers"] = []
    for table in asked["tables"][::2]:
        for place in _places(table, leaf):
            place.pop(leaf.rpartition(".")[2], None)
    changed = [_with_null(table, leaf) for table in asked["tables"]]
    assert changed != asked["tables"]
    answers = _decide_each(decide, asked | {"tables": changed})
    for number, (table, answer) in enumerate(zip(asked["tables"], answers, strict=True)):
        settings = documents.settings_of(asked, number)
        for policy in POLICIES if answer else ():
            outcome = answer["decisions"][policy]["outcome"]
            expected = expect(policy, table, settings, [], asked["now"]).outcome
            assert outcome in {expected, "unknown"}, f"{policy}: {outcome}, about {table}"


def _places(table: Json, leaf: str) -> list[Json]:
    """Return the objects of a document that may have the leaf: each column, for columns."""
    outer = leaf.rpartition(".")[0]
    inside = table.get(outer, []) if outer else table
    return inside if isinstance(inside, list) else [inside]


def _with_null(table: Json, leaf: str) -> Json:
    """Return the document with null wherever this leaf is absent."""
    changed = copy.deepcopy(table)
    for place in _places(changed, leaf):
        place.setdefault(leaf.rpartition(".")[2], None)
    return changed


def _decide_each(decide: Decide, asked: Json) -> list[Json]:
    """Return the answer about each table, empty where the engine refuses it."""
    try:
        return decide(asked)
    except EvaluationError:
        return [_decide_one(decide, asked, number) for number in range(len(asked["tables"]))]


def _decide_one(decide: Decide, asked: Json, number: int) -> Json:
    alone = asked | {"tables": [asked["tables"][number]]}
    if "variant" in asked:
        alone["variant"] = [asked["variant"][number]]
    try:
        [answer] = decide(alone)
    except EvaluationError:
        return {}
    return answer
