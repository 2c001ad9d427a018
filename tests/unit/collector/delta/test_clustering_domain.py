"""Clustering keys are found wherever a log may keep them, and nowhere else.

About `clustering.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakewarden_collector.document import TableDocument
from lakewarden_collector.sources.delta import DeltaSource
from tests.unit.collector.delta.logs import (
    CLUSTERED_PROTOCOL,
    append_commit,
    checkpoint,
    clustering,
    commit_path,
    domain,
    make_table,
)

KINDS = ["classic", "multipart", "v2_json", "v2_parquet"]
ABSENT = "absent"


def keys_of(folder: Path) -> object:
    """Read a table and return its keys, or ABSENT where it has no such property."""
    listed = folder.parent / "tables.list"
    listed.write_text(f"c.s.t = {folder.name}")
    (document,) = DeltaSource(str(listed)).tables()
    assert isinstance(document, TableDocument), document
    assert isinstance(document.properties, dict)
    found = document.properties.get("clusteringColumns")
    return ABSENT if found is None else json.loads(found)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Make a table of three commits whose protocol allows clustering."""
    folder = make_table(tmp_path / "table", appends=1)
    append_commit(folder, CLUSTERED_PROTOCOL)
    return folder


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.text(min_size=1), min_size=1, max_size=3), max_size=5))
def test_keys_come_back_as_they_were_declared(table: Path, keys: list[list[str]]) -> None:
    """Names may hold anything; here none of them is a column, so none may be changed."""
    unknown = [["no " + key[0], *key[1:]] for key in keys]
    append_commit(table, clustering(unknown))
    assert keys_of(table) == unknown


@pytest.mark.parametrize("kind", KINDS)
def test_keys_are_read_from_the_checkpoint(table: Path, kind: str) -> None:
    """Old commits are cleaned up, and then only the checkpoint knows the keys."""
    append_commit(table, domain("other", "{}"), clustering([["s"], ["id"]]))
    checkpoint(table, kind)
    assert keys_of(table) == [["s"], ["id"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (clustering([["id"]]), [["id"]]),
        (clustering([]), []),
        (clustering([], removed=True), ABSENT),
        (domain("other", "not JSON at all"), [["s"]]),
    ],
    ids=["changed", "none", "removed", "another domain"],
)
def test_later_commit_beats_the_checkpoint(
    table: Path, kind: str, action: dict[str, object], expected: object
) -> None:
    append_commit(table, clustering([["s"]]))
    checkpoint(table, kind)
    append_commit(table, action)
    assert keys_of(table) == expected


@pytest.mark.parametrize("kind", ["classic", "multipart"])
def test_checkpoint_without_the_domain_has_no_keys(table: Path, kind: str) -> None:
    checkpoint(table, kind)
    assert keys_of(table) == ABSENT


def test_table_without_the_feature_is_not_clustered(tmp_path: Path) -> None:
    """Spark takes such a domain for nothing; the table would pass without being clustered."""
    folder = make_table(tmp_path / "table")
    append_commit(folder, clustering([["id"]]))
    assert keys_of(folder) == ABSENT


def test_property_in_the_log_is_no_clustering(tmp_path: Path) -> None:
    """Anybody can set a table property; the domain alone says how the table is laid out."""
    folder = make_table(tmp_path / "table")
    first = commit_path(folder, 0)
    forged = '"configuration":{"clusteringColumns":"[[\\"id\\"]]"}'
    text = first.read_text()
    assert '"configuration":{}' in text
    first.write_text(text.replace('"configuration":{}', forged))
    assert keys_of(folder) == ABSENT


@pytest.mark.parametrize(
    "hint",
    ['{"version": 1}', '{"version": 99}', '{"version": -1}', '{"version": 1e99}', "junk", "", "{"],
)
def test_wrong_checkpoint_hint_costs_only_time(table: Path, hint: str) -> None:
    append_commit(table, clustering([["id"]]))
    checkpoint(table, "classic")
    (table / "_delta_log" / "_last_checkpoint").write_text(hint)
    assert keys_of(table) == [["id"]]


def test_half_written_multipart_checkpoint_is_passed_over(table: Path) -> None:
    """Only all parts together are a checkpoint; keys in a lost part would vanish."""
    append_commit(table, clustering([["id"]]))
    part = table / "_delta_log" / f"{2:020d}.checkpoint.{1:010d}.{2:010d}.parquet"
    part.write_bytes(b"half of it")
    assert keys_of(table) == [["id"]]
