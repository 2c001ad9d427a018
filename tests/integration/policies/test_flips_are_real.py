"""Each flip that is named flips: the shipped policies decide it again, as any run would."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakewarden.engines.interface import Engine
from lakewarden.engines.opa.managed import managed
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.policy_index import index_policies
from lakewarden.evaluation.question import Question
from lakewarden.explain.candidates import Patch
from lakewarden.explain.flips import Flip, FlipSearch
from lakewarden.explain.patches import patched
from lakewarden.settings.settings import load_schemas
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument, TableDocument
from tests.support import documents, rego

pytestmark = pytest.mark.opa

_legal = decoder(TableDocument).decode


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with managed(rego.opa_binary(), [rego.POLICIES]) as engine:
        yield engine


def _question(engine: Engine, chosen: dict[str, Any]) -> Question:
    policies = tuple(each.policy_id for each in index_policies(engine.modules()))
    return Question(policies=policies, settings=chosen, waivers=(), now=documents.NOW, offers=True)


def _holds(engine: Engine, document: EncodedDocument, policy_id: str, flip: Flip) -> bool:
    """Whether the changed table, under the changed settings, is decided as the flip says."""
    chosen = json.loads(json.dumps(documents.DEFAULT_SETTINGS))
    for change in flip.changes:
        if isinstance(change, Patch):
            made = patched(document, change.patch)
            assert made is not None
            document = made
            _legal(document.data)
        else:
            assert chosen[change.domain][change.name] == change.now
            chosen[change.domain][change.name] = change.value
    ((_, answer),) = decide(engine, _question(engine, chosen), [document])
    return answer.decisions[policy_id].outcome == flip.outcome


def _check(engine: Engine, table: dict[str, Any], wanted: frozenset[str]) -> int:
    """Look for what flips decisions with some outcomes, check each, and count them."""
    document = EncodedDocument(table["full_name"], json.dumps(table).encode())
    question = _question(engine, documents.DEFAULT_SETTINGS)
    ((_, answer),) = decide(engine, question, [document])
    policies = [
        each
        for each in index_policies(engine.modules())
        if answer.decisions[each.policy_id].outcome in wanted
    ]
    search = FlipSearch(engine, question, document, load_schemas([rego.POLICIES]))
    found = search.find(policies, answer.decisions, answer.changes)
    for policy_id, flips in found.items():
        for flip in flips[:3]:
            assert flip.outcome != answer.decisions[policy_id].outcome
            assert _holds(engine, document, policy_id, flip), (policy_id, flip)
    return sum(map(len, found.values()))


def test_what_would_flip_a_large_neglected_table_does(engine: Engine) -> None:
    """Of each failure something is named, of the table or of a setting."""
    table = {
        "full_name": "a.b.c",
        "catalog_name": "a",
        "schema_name": "b",
        "name": "c",
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "owner": "jo@acme.example",
        "comment": "TODO",
        "properties": {},
        "columns": [{"name": name, "type_text": "int", "comment": ""} for name in "xyz"],
        "size": {"bytes": 1 << 40, "exact": True},
    }
    assert _check(engine, table, frozenset({"fail"})) > 8


@pytest.mark.nightly
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
def test_every_flip_of_a_shipped_policy_is_real(engine: Engine, seed: int) -> None:
    table = documents.document(random.Random(seed), 0, documents.DEFAULT_SETTINGS)  # noqa: S311 -- a test
    try:
        _legal(json.dumps(table).encode())
    except msgspec.ValidationError:
        return  # a reader refuses it
    _check(engine, table, frozenset({"fail", "pass", "exempt", "unknown", "not_applicable"}))
