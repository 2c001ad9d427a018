"""Tables as other software leaves them have the size that Spark gives them.

About `source.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.delta import DeltaSource

FIELD: Final = Path(__file__).parents[3] / "support" / "field"
EXPECTED: Final[dict[str, dict[str, Any]]] = json.loads(
    (FIELD / "delta" / "expected.json").read_text()
)
REASONS: Final = {
    "cp_compacted_commits_gone": "commit 1 is missing",
    "cp_multi_incomplete_nothing_else": "has 1 of 2 parts",
    "cp_v2_sidecar_damaged": "Parquet magic bytes not found",
    "feature_catalog_managed": "a catalog manages its commits",
    "feature_unknown_reader": "someNewFeature",
    "size_overflow": "18446744073709551614",
}
"""What each refusal has to say."""


def found(name: str, tmp_path: Path) -> TableDocument | Failure:
    """Read one case through a list file, as a user would who names it."""
    listed = tmp_path / "tables.list"
    listed.write_text(f'c.s.t = "{FIELD / "delta" / name}"\n')
    (table,) = DeltaSource(str(listed)).tables()
    return table


@pytest.mark.parametrize("name", [n for n, value in EXPECTED.items() if "refuse" not in value])
def test_table_is_as_large_as_it_should_be(name: str, tmp_path: Path) -> None:
    document = found(name, tmp_path)
    assert isinstance(document, TableDocument), document
    read: dict[str, Any] = {"bytes": document.size.bytes, "files": document.size.files}
    assert isinstance(document.properties, dict)
    if keys := document.properties.get("clusteringColumns"):
        read["keys"] = json.loads(keys)
    assert read == EXPECTED[name]


@pytest.mark.parametrize("name", [n for n, value in EXPECTED.items() if "refuse" in value])
def test_refused_table_says_why(name: str, tmp_path: Path) -> None:
    failure = found(name, tmp_path)
    assert isinstance(failure, Failure), failure
    assert REASONS[name] in failure.reason
    assert "/_delta_log" in failure.where


def test_a_folders_name_is_never_decoded() -> None:
    """`a%20b` beside `a b`: the large table had the size of its small sibling."""
    sizes = {
        document.name: document.size.bytes
        for document in DeltaSource(str(FIELD / "lake_percent")).tables()
        if isinstance(document, TableDocument)
    }
    assert sizes == {"a%20b": 5 << 30, "a b": 7, "%78": 5 << 30, "x": 7}
