"""All chunks of an answer are read, or it isn't an answer: whichever count the server gives or not.

About `polling.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from databricks.sdk.service.sql import (
    BaseChunkInfo,
    ColumnInfo,
    ExternalLink,
    ResultData,
    ResultManifest,
    ResultSchema,
    StatementResponse,
)
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.databricks.statements.errors import StatementError
from lakewarden_collector.sources.databricks.statements.links import Links
from lakewarden_collector.sources.databricks.statements.polling import read

SCHEMA = ResultSchema(columns=[ColumnInfo(name="n", position=0)])
COUNTS = ("chunk_count", "row_count", "chunks", "next", "rows", "offset", "index")
"""Where a server may say how much there is."""
TELLING = ("chunk_count", "row_count", "chunks", "next")
"""Those that tell of a chunk which never comes."""


class Server(Links):
    """Has an answer in chunks, tells some counts, and loses chunks for a number of fetches."""

    def __init__(
        self,
        sizes: Sequence[int],
        reported: set[str],
        *,
        links: bool,
        lost: dict[int, int] | None = None,
    ) -> None:
        rows = iter(range(1000))
        self.chunks = [[[str(next(rows))] for _ in range(size)] for size in sizes]
        self.reported = reported
        self.links = links
        self.lost = Counter(lost or {})

    def _extent(self, index: int) -> dict[str, Any]:
        before = sum(map(len, self.chunks[:index]))
        return {
            "chunk_index": index if "index" in self.reported or self.links else None,
            "row_count": len(self.chunks[index]) if "rows" in self.reported else None,
            "row_offset": before if "offset" in self.reported else None,
        }

    def chunk(self, index: int) -> ResultData:
        after = index + 1 if "next" in self.reported and index + 1 < len(self.chunks) else None
        if self.links:
            link = ExternalLink(external_link="x", next_chunk_index=after, **self._extent(index))
            return ResultData(external_links=[link])
        return ResultData(
            data_array=self._rows(index), next_chunk_index=after, **self._extent(index)
        )

    def _rows(self, index: int) -> list[list[str]]:
        self.lost[index] -= 1
        return self.chunks[index] if self.lost[index] < 0 else []

    def rows(self, link: ExternalLink, renew: Callable[[], ExternalLink], where: str) -> list[Any]:
        del renew, where
        return self._rows(link.chunk_index or 0)

    def answer(self) -> StatementResponse:
        infos = [
            BaseChunkInfo(**{**self._extent(n), "chunk_index": n}) for n in range(len(self.chunks))
        ]
        total = sum(map(len, self.chunks))
        manifest = ResultManifest(
            schema=SCHEMA,
            total_chunk_count=len(self.chunks) if "chunk_count" in self.reported else None,
            total_row_count=total if "row_count" in self.reported else None,
            chunks=infos if "chunks" in self.reported else None,
        )
        return StatementResponse(manifest=manifest, result=self.chunk(0))

    def read(self) -> tuple[tuple[str | None, ...], ...]:
        return read(self.answer(), self.chunk, self, "x").rows

    def whole(self) -> tuple[tuple[str | None, ...], ...]:
        return tuple((row[0],) for chunk in self.chunks for row in chunk)


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=5)
TOLD = st.sets(st.sampled_from(COUNTS))


@given(sizes=SIZES, reported=TOLD, telling=st.sampled_from(TELLING), links=st.booleans())
def test_one_count_is_enough(
    sizes: list[int],
    reported: set[str],
    telling: str,
    links: bool,  # noqa: FBT001 -- hypothesis names parameters
) -> None:
    """The first chunk alone looks like a whole answer."""
    server = Server(sizes, reported | {telling}, links=links)
    assert server.read() == server.whole()


@given(
    sizes=SIZES,
    reported=st.sampled_from(TELLING).flatmap(
        lambda one: TOLD.map(lambda reported: reported | {one})
    ),
    links=st.booleans(),
    lost=st.tuples(st.integers(0, 4), st.integers(1, 4)),
)
def test_a_lost_chunk_is_fetched_again_and_never_missed(
    sizes: list[int],
    reported: set[str],
    links: bool,  # noqa: FBT001 -- hypothesis names parameters
    lost: tuple[int, int],
) -> None:
    """Tables that are missing from an answer would be taken for tables without a tag."""
    chunk, times = lost[0] % len(sizes), lost[1]
    if len(sizes) == 1 and reported.isdisjoint({"rows", "row_count"}):
        return  # one chunk without rows is an answer without rows
    server = Server(sizes, reported, links=links, lost={chunk: times})
    if times < 3:
        assert server.read() == server.whole()
    else:
        with pytest.raises(StatementError):
            server.read()


def test_an_answer_of_no_rows_is_whole() -> None:
    for manifest in (
        ResultManifest(schema=SCHEMA, total_chunk_count=0, total_row_count=0, chunks=[]),
        ResultManifest(schema=SCHEMA, total_chunk_count=1, total_row_count=0),
        ResultManifest(schema=SCHEMA),
    ):
        for result in (None, ResultData(), ResultData(chunk_index=0, row_count=0, row_offset=0)):
            response = StatementResponse(manifest=manifest, result=result)
            server = Server([0], set(), links=False)
            assert read(response, server.chunk, server, "x").rows == ()


def test_a_chunk_in_the_place_of_another_is_not_taken() -> None:
    """Twice the same rows, and others lacking, have the right count."""
    server = Server([2, 2, 2], {"chunk_count", "row_count", "index"}, links=False)
    right = server.chunk
    server.chunk = lambda index: right(min(index, 1))  # type: ignore[method-assign]
    with pytest.raises(StatementError, match="chunk 1 came where chunk 2 was asked for"):
        server.read()
