"""An origin at work: what is collected on demand, and what an inventory's copy says of it."""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator, Sequence
from typing import get_args

import pytest

from lakewarden.evaluation.document_store import CollectedTables
from lakewarden.open_origin import CollectedOrigin, Copied
from lakewarden_collector.document import EncodedDocument, TableDocument, encoded
from lakewarden_collector.inventory import Failure, LeftOut
from lakewarden_collector.sources.databricks.options import Evidence
from lakewarden_collector.sources.interface import Advice, Adviser, Check, Listed

BEGUN = "2026-11-23T05:10:00Z"


class _Source:
    """One table, whose collection was begun earlier."""

    source_kind = "fake"
    scope = "a fake"

    def __init__(self) -> None:
        self.started_at = "2026-11-29T00:00:00Z"
        self.adviser: Adviser | None = None
        self.on_listed: Listed | None = None
        self.left_out: Sequence[LeftOut] = ()
        self.workspace = ""
        self.spent: dict[str, int] = {}
        self.closed = 0
        self._table = encoded(
            TableDocument(full_name="c.s.t", catalog_name="c", schema_name="s", name="t")
        )

    def documents(self) -> Generator[EncodedDocument | Failure, None, None]:
        self.started_at = BEGUN
        yield self._table
        self.left_out = [LeftOut(what="c.x", reason="foreign")]
        self.workspace = "https://w.example.com"
        self.spent = {"list_tables": 3}

    def read(self, full_name: str) -> EncodedDocument:
        assert full_name == self._table.full_name
        return self._table

    def close(self) -> None:
        self.closed += 1

    def plan(self) -> Sequence[str]:
        return ["a plan"]

    def check(self) -> Iterator[Check]:
        return iter(())


def _unwanted(documents: Sequence[TableDocument]) -> Sequence[Advice]:
    return [Advice(frozenset())] * len(documents)


@pytest.mark.parametrize("evidence", get_args(Evidence))
def test_an_adviser_is_made_only_where_evidence_is_collected_on_demand(evidence: Evidence) -> None:
    """Making one starts an engine."""
    source, made = _Source(), []

    def adviser() -> Adviser:
        made.append(1)
        return _unwanted

    CollectedOrigin(source, evidence).advise(adviser)
    assert bool(made) == (evidence == "on-demand")
    assert (source.adviser is None) == (evidence == "none")


def test_the_documents_are_decided_where_the_source_keeps_them() -> None:
    source = _Source()
    opened = CollectedOrigin(source, "none")
    with opened.intake(()) as intake:
        assert isinstance(intake, CollectedTables)
        intake.fill(opened.items)
        assert [each.full_name for each in intake.documents()] == ["c.s.t"]
    opened.close()
    assert source.closed == 1


def test_a_copy_says_when_a_collection_that_was_continued_had_begun() -> None:
    """Its header is the first line, and the beginning is known only with the first item."""
    stream = io.BytesIO()
    copied = Copied(CollectedOrigin(_Source(), "none"), stream)
    assert len(list(copied)) == 1
    header, _, end = map(json.loads, stream.getvalue().splitlines())
    assert header["inventory"]["started_at"] == BEGUN
    assert end["end"]["documents"] == 1
    assert end["end"]["spent"] == {"list_tables": 3}
    assert end["end"]["left_out"][0]["what"] == "c.x"
    assert end["end"]["workspace"] == "https://w.example.com"
